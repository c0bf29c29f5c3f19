/** Requests of the same kind, decided together. */
import type { Approval } from "@choiros/protocol"

export interface ApprovalGroup {
  readonly key: string
  /** The oldest first; never empty. */
  readonly approvals: readonly [Approval, ...ReadonlyArray<Approval>]
}

/** The same tool, as far-reaching, in one piece of work, and "always" would mean the same. */
const kindOf = ({ approval_id, decided, pattern, root_run_id, tiers, tool_name }: Approval): string =>
  // What is decided stands for itself.
  decided !== null ? approval_id : JSON.stringify([root_run_id, tool_name, [...tiers].sort(), pattern])

/** In the order of the oldest of each. */
export const groupApprovals = (approvals: Iterable<Approval>): ReadonlyArray<ApprovalGroup> => {
  const groups = new Map<string, ApprovalGroup>()
  const oldestFirst = [...approvals].sort((a, b) =>
    a.since === b.since ? compare(a.approval_id, b.approval_id) : compare(a.since, b.since)
  )
  for (const approval of oldestFirst) {
    const key = kindOf(approval)
    const [first, ...rest] = groups.get(key)?.approvals ?? [approval]
    const approvals: ApprovalGroup["approvals"] = groups.has(key) ? [first, ...rest, approval] : [approval]
    groups.set(key, { key, approvals })
  }
  return [...groups.values()]
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
