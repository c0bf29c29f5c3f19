/** What a person may do about a run. A refusal is said in a notice, in the computer's own words. */
import { type ChoirCard, Done, StoppedReply } from "@choiros/protocol"
import { inWords, path, post } from "../../client/api.ts"
import { doneOnce } from "../../state/once.ts"
import { me } from "../../state/session.ts"
import { waitingStore } from "../../state/waiting.ts"
import { openApp } from "../../state/windows.ts"

export const openRun = ({ run_id }: { readonly run_id: string }, step?: number): void =>
  void openApp("run", { run_id, ...(step === undefined ? {} : { step }) })

export const openTrace = ({ run_id }: ChoirCard): void => void openApp("trace", { run_id })

export const hasThread = ({ session_id, thread_id }: ChoirCard): boolean => session_id !== null && thread_id !== null

export const openChat = ({ actor_id, session_id, thread_id }: ChoirCard): void => {
  if (session_id !== null && thread_id !== null) openApp("chat", { actor_id, session_id, thread_id })
}

/** The inbox, at what this run waits for. */
export const openNeed = ({ run_id, waiting }: ChoirCard): void => {
  const { approvals } = waitingStore.getState().waiting
  const need = [...approvals.values()].find((one) => one.run_id === run_id && waiting.includes(one.call_id))
  openApp("inbox", need === undefined ? {} : { approval_id: need.approval_id })
}

const by = { user_id: me }

export const pauseRun = ({ agent, run_id }: ChoirCard): Promise<boolean> =>
  doneOnce(`${agent} could not be paused`, [run_id], () => post(path`runs/${run_id}/pause`, by, Done))

export const resumeRun = ({ agent, run_id }: ChoirCard): Promise<boolean> =>
  doneOnce(`${agent} could not go on`, [run_id], () => post(path`runs/${run_id}/resume`, by, Done))

export const stopRun = ({ agent, run_id }: ChoirCard): Promise<boolean> =>
  doneOnce(`${agent} could not be stopped`, [run_id], () => post(path`runs/${run_id}/cancel`, by, Done))

/** It stands still, and its conversation is in front: what is to be said next, the person says. */
export const takeOver = async (card: ChoirCard): Promise<void> => {
  if (await pauseRun(card)) openChat(card)
}

/** What is said, with the id under which it is the same when it is said again. */
export interface Said {
  readonly text: string
  readonly client_message_id: string
}

const steer = (run_id: string, said: Said): Promise<Done> =>
  post(path`runs/${run_id}/steer`, { ...said, mode: "steer", ...by }, Done)

/** Fails with the computer's words: who asked shows them. */
export const whisper = async ({ run_id }: ChoirCard, said: Said): Promise<void> => {
  await steer(run_id, said)
}

interface Broadcast {
  readonly took: number
  /** One line for each that did not take it. */
  readonly refused: ReadonlyArray<string>
}

export const broadcast = async (cards: ReadonlyArray<ChoirCard>, said: Said): Promise<Broadcast> => {
  const answers = await Promise.allSettled(
    // Each hears it once, also where two of them talk in one thread.
    cards.map(({ run_id }) => steer(run_id, { ...said, client_message_id: `${said.client_message_id}/${run_id}` }))
  )
  const refused = answers.flatMap((answer, index) =>
    answer.status === "rejected" ? [`${cards[index]?.agent ?? "An agent"}: ${inWords(answer.reason)}`] : []
  )
  return { took: answers.length - refused.length, refused }
}

/** How many were stopped. Fails with the computer's words. */
export const stopAll = async (): Promise<number> => (await post("/runs/stop-all", by, StoppedReply)).stopped
