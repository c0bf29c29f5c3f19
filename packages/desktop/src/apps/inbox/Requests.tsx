/** Requests, those of the same kind together, wherever they are shown. */
import type { Approval } from "@choiros/protocol"
import { ApprovalCard } from "./ApprovalCard.tsx"
import { GroupCard } from "./GroupCard.tsx"
import type { ApprovalGroup } from "./groups.ts"

interface RequestsProps {
  readonly groups: ReadonlyArray<ApprovalGroup>
  /** Whether who asks is told elsewhere already. */
  readonly dense?: (approval: Approval) => boolean
  /** One that was asked for: it is open. */
  readonly asked?: string | null
}

export const Requests = ({ asked = null, dense, groups }: RequestsProps) =>
  groups.map((group) =>
    group.approvals.length === 1 ? (
      <ApprovalCard
        key={group.approvals[0].approval_id}
        approval={group.approvals[0]}
        dense={dense?.(group.approvals[0])}
      />
    ) : (
      <GroupCard key={group.key} group={group} asked={asked} />
    )
  )
