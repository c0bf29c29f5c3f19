/**
 * A plan while a person edits it.
 *
 * Law: what has begun stays as it is; a part that goes is waited for by none.
 */
import { type PlanPart, planProblem, type RunDetail } from "@choiros/protocol"

export type Plan = NonNullable<RunDetail["plan"]>

export interface DraftPart {
  readonly id: string
  readonly objective: string
  /** Empty: whoever can do it. */
  readonly agent: string
  readonly after: ReadonlyArray<string>
  /** It has begun. */
  readonly fixed: boolean
  /** What is not edited here. */
  readonly rest: Pick<PlanPart, "capability" | "deadline_seconds">
}

export type Draft = ReadonlyArray<DraftPart>

export const draftOf = ({ parts }: Plan): Draft =>
  parts.map(({ after, agent, capability, deadline_seconds, id, objective, status }) => ({
    id,
    objective,
    agent: agent ?? "",
    after,
    fixed: status === "open" || status === "completed",
    rest: {
      ...(capability === undefined ? {} : { capability }),
      ...(deadline_seconds === undefined ? {} : { deadline_seconds })
    }
  }))

export const partsOf = (draft: Draft): ReadonlyArray<PlanPart> =>
  draft.map(({ after, agent, id, objective, rest }) => ({
    ...rest,
    id,
    objective: objective.trim(),
    ...(agent === "" ? {} : { agent }),
    after
  }))

export const withPart = (
  draft: Draft,
  id: string,
  change: Partial<Pick<DraftPart, "objective" | "agent" | "after">>
): Draft => draft.map((part) => (part.id === id && !part.fixed ? { ...part, ...change } : part))

export const addPart = (draft: Draft, agent: string): Draft => {
  const taken = new Set(draft.map(({ id }) => id))
  let number = draft.length + 1
  while (taken.has(`part-${number}`)) number += 1
  return [...draft, { id: `part-${number}`, objective: "", agent, after: [], fixed: false, rest: {} }]
}

export const removePart = (draft: Draft, id: string): Draft =>
  draft
    .filter((part) => part.id !== id || part.fixed)
    .map((part) => (part.after.includes(id) ? { ...part, after: part.after.filter((other) => other !== id) } : part))

export const movePart = (draft: Draft, id: string, by: -1 | 1): Draft => {
  const from = draft.findIndex((part) => part.id === id)
  const [part, other] = [draft[from], draft[from + by]]
  if (part === undefined || other === undefined) return draft
  const moved = [...draft]
  moved[from] = other
  moved[from + by] = part
  return moved
}

/** Why it can't be followed, in words; null when it can. */
export const problemOf = (draft: Draft): string | null => {
  const blank = draft.findIndex(({ objective }) => objective.trim() === "")
  if (blank >= 0) return `Part ${blank + 1} says nothing of what is to be done`
  const ownerless = draft.findIndex(({ agent, rest }) => agent === "" && (rest.capability ?? "") === "")
  if (ownerless >= 0) return `Part ${ownerless + 1} has no agent`
  return planProblem(partsOf(draft))
}
