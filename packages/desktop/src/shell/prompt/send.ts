/**
 * Carries a reading out.
 *
 * Law: a line leaves the prompt at once and is a chip in the same moment; what the computer refuses comes back into the
 * prompt with the cause. Without the computer nothing is sent, and the text stays.
 */
import { Done, ThreadReply } from "@choiros/protocol"
import * as Schema from "effect/Schema"
import { runAction } from "../../actions/Action.ts"
import { inWords, path, post, request } from "../../client/api.ts"
import { awayWords, connectionStore } from "../../client/Connection.ts"
import { budgetOf } from "../../prompt/budget.ts"
import type { PromptContext, RunRef } from "../../prompt/context.ts"
import type { Way } from "../../prompt/describe.ts"
import { expandMentions } from "../../prompt/mentions.ts"
import { planAgent, type Reading, urlAgent } from "../../prompt/read.ts"
import { desktopStore } from "../../state/desktop.ts"
import { notify } from "../../state/notices.ts"
import { sayOnce } from "../../state/sayOnce.ts"
import { me } from "../../state/session.ts"
import { focusWindow, openApp } from "../../state/windows.ts"
import { areaStore } from "../area.ts"
import { showOverlay } from "../overlay.ts"
import { retryRun, tellRun } from "../runCommands.ts"
import { frontThread } from "../subject.ts"
import { beginRun, type HowToBegin } from "./beginRun.ts"
import { leavePromptFor } from "./focus.ts"
import { showOutput } from "./output.ts"
import { promptStore, putBack, remember, setAgent, setModel, setText, setWay } from "./promptStore.ts"
import { addLine, addRun, removeSent, type Sent, sentLine, sentRun, sentStore } from "./sent.ts"

/** Shell lines of the prompt are told in a thread of their own, which no agent is shown. */
const shellScope = { session_id: "prompt", thread_id: "shell" }

const isOffline = (): boolean => connectionStore.getState().status === "offline"

const unsent = (): string => `${awayWords(connectionStore.getState())}: nothing was sent. Your text stays here.`

/** What needs no computer, or waits for it by itself. */
export const isLocal = ({ kind }: Reading): boolean =>
  ["command", "agent", "help", "window", "search", "empty", "unclear"].includes(kind)

/** Why it is not sent; null: it is. */
const problemOf = (reading: Reading): string | null => {
  if (reading.kind === "unclear") return reading.problem
  if (reading.kind === "command" && reading.action === null) return "No command is called that"
  return !isLocal(reading) && isOffline() ? unsent() : null
}

/** Takes the line that is in the prompt. */
export const submit = (text: string, reading: Reading, way: Way, context: PromptContext): void => {
  if (reading.kind === "empty" || reading.kind === "search") return
  const problem = problemOf(reading)
  if (problem !== null) {
    promptStore.setState({ problem })
    return
  }
  remember(text)
  setText("")
  // The next line is not sent in the same way unless that is chosen again.
  setWay("steer")
  carryOut(text, reading, way, context).catch((error: unknown) => putBack(text, inWords(error)))
}

const carryOut = async (text: string, reading: Reading, way: Way, context: PromptContext): Promise<void> => {
  switch (reading.kind) {
    case "command":
      if (reading.action !== null) runAction(reading.action.id)
      return
    case "plan":
      return begin(text, expandMentions(reading.objective, context, null), { agent: planAgent, review_plan: true })
    case "url":
      return begin(text, `Look at ${reading.url}`, { agent: urlAgent })
    case "control":
      return control(reading.verb, reading.run)
    case "caps": {
      const { caps, run } = reading
      for (const cap of caps) await post(path`runs/${run.run_id}/budget`, { ...cap, user_id: me }, Done)
      return notify("The cap holds from now on", { level: "success", text: run.objective })
    }
    case "model":
      return chooseModel(reading.model)
    case "agent":
      return setAgent(reading.agent)
    case "help":
      return showOverlay("shortcuts")
    case "shell":
      return runLine(text, reading.command)
    case "window":
      return leavePromptFor(() => focusWindow(reading.window.window_id))
    case "objective": {
      const hearer = way === "new" ? null : reading.run
      const words = expandMentions(reading.text, context, hearer?.run_id ?? null)
      if (hearer !== null && way !== "new") return say(text, hearer, words, way)
      return begin(text, words, {
        agent: reading.agent,
        ...(reading.caps.length === 0 ? {} : { budget: budgetOf(reading.caps) })
      })
    }
    case "empty":
    case "search":
    case "unclear":
      return
  }
}

/** Begins a run in a thread of its own, with the model that was chosen for new runs. */
const begin = async (text: string, objective: string, how: Omit<HowToBegin, "model">): Promise<void> => {
  const chip = addRun(objective)
  const { model } = promptStore.getState()
  try {
    const reply = await beginRun(objective, model === null ? how : { ...how, model }, (run_id) => {
      if (promptStore.getState().text === text) setText("")
      removeSent(chip)
      sentRun(addRun(objective), run_id)
    })
    if (reply === null) return
    sentRun(chip, reply.run_id)
    // Where nothing else is to be seen, its answer is.
    const isAlone = desktopStore.getState().state.windows.every(({ hidden }) => hidden)
    if (isAlone || areaStore.getState().layout === "compact") {
      const { actor_id, session_id, thread_id } = reply
      openApp("chat", { actor_id, session_id, thread_id })
    }
  } catch (error) {
    removeSent(chip)
    putBack(text, inWords(error))
  }
}

/** For tasks that are offered: as if they had been typed. */
export const beginWith = (objective: string, agent: string): void => {
  if (isOffline()) {
    promptStore.setState({ text: objective, problem: unsent() })
    return
  }
  // Pressed twice, it is begun once.
  const isBeginning = (one: Sent): boolean => one.kind === "run" && one.status === "sending" && one.text === objective
  if (sentStore.getState().sent.some(isBeginning)) return
  remember(objective)
  void begin(objective, objective, { agent })
}

/** `text` is what was typed, `words` what the run is told of it. */
const say = async (text: string, run: RunRef, words: string, mode: Exclude<Way, "new">): Promise<void> => {
  const chip = addRun(words)
  // What is queued has a run of its own, which begins when that one has ended.
  const hearer = mode === "steer" ? run.run_id : null
  try {
    const said = await sayOnce(
      ["steer", run.run_id, words, mode],
      (client_message_id) =>
        post(path`runs/${run.run_id}/steer`, { text: words, mode, user_id: me, client_message_id }, Done),
      () => {
        if (promptStore.getState().text === text) setText("")
        removeSent(chip)
        sentRun(addRun(words), hearer)
      }
    )
    if (said !== null) sentRun(chip, hearer)
  } catch (error) {
    removeSent(chip)
    putBack(text, inWords(error))
  }
}

const control = async (verb: "stop" | "pause" | "resume" | "retry", run: RunRef): Promise<void> => {
  if (verb === "retry") {
    const chip = addRun(run.objective)
    try {
      sentRun(chip, await retryRun(run))
    } catch (error) {
      removeSent(chip)
      throw error
    }
  } else await tellRun(run, verb === "stop" ? "cancel" : verb)
}

/** Of the thread in front where there is one, else of new runs. */
const chooseModel = async (model: string): Promise<void> => {
  const thread = frontThread()
  if (thread === null) return setModel(model)
  const { actor_id, session_id, thread_id } = thread
  await request("PATCH", path`chat/${actor_id}/threads/${session_id}/${thread_id}`, ThreadReply, { body: { model } })
  notify(`This thread uses ${model}`, { level: "success" })
}

const Accepted = Schema.Struct({ success: Schema.Literal(true), task_id: Schema.String })

const runLine = async (text: string, command: string): Promise<void> => {
  const chip = addLine(command)
  showOutput(chip)
  try {
    const body = { kind: "terminal_command", actor_id: me, user_id: me, ...shellScope, payload: { command } }
    const { task_id } = await post("/tasks", body, Accepted)
    await sentLine(chip, task_id)
  } catch (error) {
    removeSent(chip)
    putBack(text, inWords(error))
  }
}
