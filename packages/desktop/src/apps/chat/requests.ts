/** What this app asks of the computer, about threads and about the runs in them. */
import { ChatSendReply, Done, RunBegunReply, RunReply, ThreadReply, ulid } from "@choiros/protocol"
import { nudgeWords } from "../../cards/silence.ts"
import { ApiError, inWords, path, post, request } from "../../client/api.ts"
import { notify } from "../../state/notices.ts"
import { askedOnce } from "../../state/once.ts"
import type { ThreadScope } from "../../state/runs.ts"
import { sayOnce } from "../../state/sayOnce.ts"
import { me } from "../../state/session.ts"
import { present } from "../../ui/present.ts"
import { giveBack, takeBack } from "./drafts.ts"
import { putOut, takeOut, threadKey } from "./outbox.ts"

const once = askedOnce<unknown>()
const onceForked = askedOnce<ThreadScope>()

export type Mode = "steer" | "queue" | "replace"

export const scopeOf = ({ actor_id, session_id, thread_id }: ThreadScope): ThreadScope => ({
  actor_id,
  session_id,
  thread_id
})

const threadPath = ({ actor_id, session_id, thread_id }: ThreadScope): string =>
  path`chat/${actor_id}/threads/${session_id}/${thread_id}`

export const createThread = async (how: {
  readonly agent: string
  readonly model: string | null
}): Promise<ThreadScope> => {
  const { thread } = await post(path`chat/${me}/threads`, { ...how, user_id: me }, ThreadReply)
  return scopeOf(thread)
}

export const changeThread = (
  scope: ThreadScope,
  change: { readonly title?: string; readonly archived?: boolean; readonly model?: string }
) => request("PATCH", threadPath(scope), ThreadReply, { body: change })

export const deleteThread = (scope: ThreadScope) => request("DELETE", threadPath(scope), Done)

/** Shows it at once; fails when it was not taken, and then it is shown no more. `came`: it has come after all. */
export const sendMessage = async (scope: ThreadScope, text: string, mode: Mode, came: () => void): Promise<void> => {
  const thread = threadKey(scope)
  await sayOnce(
    ["chat", thread, text, mode],
    async (client_message_id) => {
      putOut({ client_message_id, thread, text, at: new Date(present()).toISOString() })
      try {
        await post("/chat/send", { ...scope, user_id: me, text, mode, client_message_id }, ChatSendReply)
      } catch (error) {
        takeOut(new Set([client_message_id]))
        throw error
      }
    },
    came
  )
}

/** Says it in a conversation that has just begun, and in which it is written again where it was not taken. */
export const sendFirst = async (scope: ThreadScope, text: string): Promise<void> => {
  const thread = threadKey(scope)
  try {
    await sendMessage(scope, text, "steer", () => takeBack(thread, text))
  } catch (error) {
    giveBack(thread, text)
    notify("It was not sent", { level: "error", text: inWords(error) })
  }
}

/** Why a run stops or pauses that was told to from here. */
export const askedHere = "asked in the conversation"

export const stopRun = (run_id: string) =>
  once(["stop", run_id], () => post(path`runs/${run_id}/cancel`, { user_id: me, reason: askedHere }, Done))
export const pauseRun = (run_id: string) =>
  once(["pause", run_id], () => post(path`runs/${run_id}/pause`, { user_id: me, reason: askedHere }, Done))
export const resumeRun = (run_id: string) =>
  once(["resume", run_id], () => post(path`runs/${run_id}/resume`, { user_id: me }, Done))

export const nudgeRun = (run_id: string) =>
  once(["nudge", run_id], () =>
    post(path`runs/${run_id}/steer`, { text: nudgeWords, user_id: me, client_message_id: ulid() }, Done)
  )

export const retryRun = (run_id: string, objective?: string) =>
  once(["retry", run_id, objective ?? ""], () =>
    post(path`runs/${run_id}/retry`, { user_id: me, ...(objective === undefined ? {} : { objective }) }, RunBegunReply)
  )

/** Gives the thread that the fork talks in. */
export const forkRun = (run_id: string, how: Fork = {}): Promise<ThreadScope> =>
  onceForked([run_id, how.objective ?? "", String(how.from_step ?? "")], () => fork(run_id, how))

interface Fork {
  readonly objective?: string
  readonly from_step?: number
}

const fork = async (run_id: string, how: Fork): Promise<ThreadScope> => {
  const forked = await post(path`runs/${run_id}/fork`, { user_id: me, ...how }, RunBegunReply)
  const { run } = await request("GET", path`runs/${forked.run_id}`, RunReply)
  const { actor_id, session_id, thread_id } = run
  if (session_id === null || thread_id === null) throw new ApiError(200, "The new run has no conversation of its own")
  return { actor_id, session_id, thread_id }
}

/** For what is asked by a button or a key and has no place of its own to fail in. */
export const orTell = (what: string, done: Promise<unknown>): void => {
  done.catch((error: unknown) => notify(what, { level: "error", text: inWords(error) }))
}
