/** A decision in words. */
import type { Approval } from "@choiros/protocol"
import { plainName } from "../../content/plainText.ts"

export type Decision = NonNullable<Approval["decided"]>

const words: Readonly<Record<Decision["decision"], string>> = {
  once: "Allowed once",
  run: "Allowed for this run",
  always: "Always allowed",
  deny: "Denied",
  withdrawn: "Withdrawn: its run ended, or the call did"
}

/** "Allowed once by you". */
export const decidedWords = ({ by, decision }: Decision): string =>
  decision === "withdrawn" ? words.withdrawn : `${words[decision]} ${whoOf(by)}`

const whoOf = (by: string): string => (by === "user" ? "by you" : by === "rule" ? "by a rule" : `by ${plainName(by)}`)
