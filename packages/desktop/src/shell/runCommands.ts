/** What a person tells a run from the bar. */
import { Done, RunBegunReply } from "@choiros/protocol"
import { inWords, path, post } from "../client/api.ts"
import type { RunRef } from "../prompt/context.ts"
import { choirStore } from "../state/choir.ts"
import { notify } from "../state/notices.ts"
import { me } from "../state/session.ts"
import { openApp } from "../state/windows.ts"

type Verb = "pause" | "resume" | "cancel"

/** Fails where the computer refuses: for who has something to put back then. */
export const tellRun = (run: Pick<RunRef, "run_id">, verb: Verb): Promise<unknown> =>
  post(`${path`runs/${run.run_id}`}/${verb}`, { user_id: me }, Done)

/** By a button or a key: what is refused is told in a notice. */
const tell = async (run: Pick<RunRef, "run_id" | "objective">, verb: Verb, failed: string): Promise<boolean> => {
  try {
    await tellRun(run, verb)
    return true
  } catch (error) {
    notify(`“${run.objective}” could not be ${failed}`, { level: "error", text: inWords(error) })
    return false
  }
}

export const pauseRun = (run: Pick<RunRef, "run_id" | "objective">): Promise<boolean> => tell(run, "pause", "paused")
export const resumeRun = (run: Pick<RunRef, "run_id" | "objective">): Promise<boolean> => tell(run, "resume", "resumed")
export const stopRun = (run: Pick<RunRef, "run_id" | "objective">): Promise<boolean> => tell(run, "cancel", "stopped")

export const retryRun = async (run: Pick<RunRef, "run_id">): Promise<string> =>
  (await post(`${path`runs/${run.run_id}`}/retry`, { user_id: me }, RunBegunReply)).run_id

/** Where the run is talked with: its thread, else its own window. */
export const openRun = (run_id: string): void => {
  const card = choirStore.getState().choir.cards.get(run_id)
  if (card === undefined || card.session_id === null || card.thread_id === null || card.parent_run_id !== null) {
    openApp("run", { run_id })
    return
  }
  openApp("chat", { actor_id: card.actor_id, session_id: card.session_id, thread_id: card.thread_id })
}
