/** What a person tells a run. Each is answered when it is in the log; a refusal is a notice in the server's words. */
import { Done, type RaiseBody, RunBegunReply, ulid } from "@choiros/protocol"
import { nudgeWords } from "../../cards/silence.ts"
import { path, post } from "../../client/api.ts"
import { linkTo } from "../../shell/routes.ts"
import { notify } from "../../state/notices.ts"
import { doneOnce } from "../../state/once.ts"
import { me } from "../../state/session.ts"
import { openApp } from "../../state/windows.ts"

export const pauseRun = (run_id: string): Promise<boolean> =>
  doneOnce("The run was not paused", [run_id], () => post(path`runs/${run_id}/pause`, {}, Done))

export const resumeRun = (run_id: string): Promise<boolean> =>
  doneOnce("The run does not go on", [run_id], () => post(path`runs/${run_id}/resume`, {}, Done))

export const stopRun = (run_id: string): Promise<boolean> =>
  doneOnce("The run was not stopped", [run_id], () => post(path`runs/${run_id}/cancel`, {}, Done))

const steer = (run_id: string, text: string, client_message_id: string): Promise<Done> =>
  post(path`runs/${run_id}/steer`, { text, user_id: me, mode: "steer", client_message_id }, Done)

/** Asked again with the same id it is told once. */
export const steerRun = (run_id: string, text: string, client_message_id: string): Promise<boolean> =>
  doneOnce("It was not told", [run_id, client_message_id], () => steer(run_id, text, client_message_id))

export const nudgeRun = (run_id: string): Promise<boolean> =>
  doneOnce("The run was not asked", [run_id], () => steer(run_id, nudgeWords, ulid()))

export const raiseRun = (run_id: string, body: Pick<typeof RaiseBody.Type, "kind" | "limit">): Promise<boolean> =>
  doneOnce("The budget was not changed", [run_id, body.kind, String(body.limit)], () =>
    post(path`runs/${run_id}/budget`, body, Done)
  )

/** Opens the run that comes of it. */
const again = (run_id: string, how: "retry" | "fork", from_step: number | null): Promise<boolean> =>
  doneOnce(
    how === "retry" ? "The run was not tried again" : "The run was not forked",
    [run_id, String(from_step)],
    async () => {
      const body = { user_id: me, ...(from_step === null ? {} : { from_step }) }
      const begun = await post(path`runs/${run_id}/${how}`, body, RunBegunReply)
      openApp("run", { run_id: begun.run_id })
    }
  )

export const retryRun = (run_id: string, from_step: number | null = null) => again(run_id, "retry", from_step)
export const forkRun = (run_id: string, from_step: number | null = null) => again(run_id, "fork", from_step)

export const copyLink = async (run_id: string, step: number | null): Promise<void> => {
  const address = linkTo({ id: "", app_id: "run" }, { run_id, ...(step === null ? {} : { step }) })
  const link = new URL(address, location.href).href
  try {
    await navigator.clipboard.writeText(link)
    notify("The link is copied", { level: "success" })
  } catch {
    notify("The link was not copied", { level: "error", text: link })
  }
}
