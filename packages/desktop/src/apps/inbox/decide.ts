/**
 * Answers of the person, and what became of them.
 *
 * Law: an answer is for the request as it was shown. Who was first, and what has changed since, is said and not hidden.
 */
import { Approval, DecideReply, Done, type Question } from "@choiros/protocol"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ApiError, inWords, path, post } from "../../client/api.ts"
import { notify } from "../../state/notices.ts"
import { waitingStore } from "../../state/waiting.ts"
import { type Decision, decidedWords } from "./decidedWords.ts"

export interface Answer {
  readonly decision: "once" | "run" | "always" | "deny"
  readonly pattern?: string
  readonly tool_args?: string
  readonly note?: string
}

export type Decided =
  | { readonly kind: "done" }
  /** It was decided before, or is another request by now; as it is. */
  | { readonly kind: "conflict"; readonly approval: Approval; readonly words: string }
  | { readonly kind: "failed"; readonly words: string }

const decodeConflict = Schema.decodeUnknownOption(Schema.Struct({ approval: Approval }))

/** What was decided is in the store at once; the event that says the same comes after it. */
const keep = (approval: Approval): void => {
  if (approval.decided === null) return
  const { waiting } = waitingStore.getState()
  if (!waiting.approvals.has(approval.approval_id)) return
  const approvals = new Map(waiting.approvals)
  approvals.delete(approval.approval_id)
  waitingStore.setState({ waiting: { ...waiting, approvals, decided: [approval, ...waiting.decided] } })
}

/** Its card may be gone before anyone has read why. */
export const tellDecidedBefore = ({ decided }: Approval): void => {
  if (decided !== null) notify("It was decided before", { level: "warning", text: `${decidedWords(decided)}.` })
}

const allows = (decision: Decision["decision"]): boolean => decision !== "deny" && decision !== "withdrawn"

/** What the person wants has been done already: by the rule that they have just made, or by another window of theirs. */
export const isAsWanted = ({ decided }: Approval, wanted: Answer["decision"]): boolean =>
  decided !== null && allows(decided.decision) === allows(wanted)

export const decide = async (approval: Approval, answer: Answer): Promise<Decided> => {
  try {
    const reply = await post(
      path`approvals/${approval.approval_id}`,
      { request_hash: approval.request_hash, ...answer },
      DecideReply
    )
    if (reply.rule_problem !== null) {
      notify("The rule was not kept", { level: "warning", text: reply.rule_problem })
    }
    keep(reply.approval)
    return { kind: "done" }
  } catch (error) {
    const conflict =
      error instanceof ApiError && error.status === 409 ? Option.getOrNull(decodeConflict(error.body)) : null
    if (conflict === null) return { kind: "failed", words: inWords(error) }
    const words = inWords(error)
    keep(conflict.approval)
    return { kind: "conflict", approval: conflict.approval, words }
  }
}

/** Null when it was taken; else why it was not. */
export const answerQuestion = async ({ question_id }: Question, answer: string): Promise<string | null> => {
  try {
    await post(path`questions/${question_id}`, { answer }, Done)
    return null
  } catch (error) {
    if (error instanceof ApiError && error.status === 409) {
      notify("Your answer came too late", { level: "warning", text: inWords(error) })
    }
    return inWords(error)
  }
}
