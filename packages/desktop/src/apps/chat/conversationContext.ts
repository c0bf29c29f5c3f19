/** What the rows of a conversation may ask for; the same object as long as the conversation is shown. */
import { createContext, useContext } from "react"
import type { OpenTarget } from "../../cards/targets.ts"
import type { OpenFile } from "../../content/OpenFile.ts"
import type { TurnItem, UserItem } from "./items.ts"

export interface ConversationActs {
  readonly openTarget: OpenTarget
  readonly openFile: OpenFile
  readonly openRun: (run_id: string) => void
  readonly openSettings: () => void
  readonly stop: (run_id: string) => void
  readonly pause: (run_id: string) => void
  readonly resume: (run_id: string) => void
  readonly nudge: (run_id: string) => void
  readonly retry: (turn: TurnItem) => void
  readonly fork: (turn: TurnItem) => void
  /** The next message goes on from the turn in a new conversation. */
  readonly goOn: (turn: TurnItem) => void
  /** The next message is asked in place of this one, which has led to the run. */
  readonly edit: (message: UserItem, run_id: string) => void
  readonly writeAgain: (text: string) => void
  readonly copy: (text: string, what: string) => void
}

export const ConversationContext = createContext<ConversationActs | null>(null)

export const useActs = (): ConversationActs => {
  const acts = useContext(ConversationContext)
  if (acts === null) throw new Error("A row is drawn outside of a conversation")
  return acts
}
