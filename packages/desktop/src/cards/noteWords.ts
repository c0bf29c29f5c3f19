/**
 * What else happened in a run, a sentence each. Payloads are read field by field: an event of a later version, or one
 * that is not what it says, loses words and nothing more.
 */
import type { TimelineStep } from "@choiros/protocol"
import { plainName, shortened } from "../content/plainText.ts"
import { duration, money, tokens } from "../ui/format.ts"
import type { Tone } from "../ui/tone.ts"

export type Note = TimelineStep["notes"][number]

export interface NoteWords {
  readonly tone: Tone
  readonly text: string
  /** More than a line: a summary, what was printed. */
  readonly detail: string | null
}

type Payload = Readonly<Record<string, unknown>>
type Writer = (payload: Payload) => NoteWords

/** Null for a type that is not known: it is shown as it is. */
export const noteWords = ({ payload, type }: Note): NoteWords | null => {
  const writer = Object.hasOwn(writers, type) ? writers[type] : undefined
  return writer === undefined || typeof payload !== "object" || payload === null ? null : writer({ ...payload })
}

/** Characters of a part of a sentence. */
const longest = 300

const say = (text: string, tone: Tone = "neutral", detail: string | null = null): NoteWords => ({ text, tone, detail })

const text = (payload: Payload, name: string): string => {
  const value = payload[name]
  return typeof value === "string" && value.trim() !== "" ? shortened(plainName(value), longest) : ""
}

const whole = (payload: Payload, name: string): string | null => {
  const value = payload[name]
  return typeof value === "string" && value.trim() !== "" ? value : null
}

const number = (payload: Payload, name: string): number | null => {
  const value = payload[name]
  return typeof value === "number" && Number.isFinite(value) ? value : null
}

/** `words: what`, without the colon where there is nothing after it. */
const after = (words: string, what: string): string => (what === "" ? words : `${words}: ${what}`)

const by = (payload: Payload): string => {
  const who = text(payload, "by")
  return ["", "user", "me", "rule"].includes(who) ? "" : ` by ${who}`
}

const caps: Readonly<Record<string, string>> = { steps: "steps", tokens: "tokens", money: "money", wall_time: "time" }

const amountOf = (payload: Payload, name: string): string => {
  const value = number(payload, name)
  if (value === null) return "?"
  switch (payload.kind) {
    case "money":
      return money(value)
    case "tokens":
      return `${tokens(value)} tokens`
    case "wall_time":
      return duration(value * 1000)
    default:
      return `${value} steps`
  }
}

const whose = (payload: Payload): string => {
  switch (payload.scope) {
    case "agent":
      return `the agent ${text(payload, "subject")}`
    case "day":
      return "the day"
    default:
      return "this run"
  }
}

const work = (payload: Payload): string => {
  const command = text(payload, "command")
  if (command !== "") return command
  const agent = text(payload, "agent")
  return after(agent === "" ? "The work" : agent, text(payload, "objective"))
}

const outcomes: Readonly<Record<string, readonly [string, Tone]>> = {
  done: ["The run is done", "success"],
  done_with_warnings: ["The run is done, with warnings", "warning"],
  failed: ["The run failed", "danger"],
  stopped: ["The run was stopped", "neutral"],
  interrupted: ["The run was interrupted", "danger"]
}

const watched: Readonly<Record<string, string>> = {
  stalled: "Nothing has moved for a while",
  failing: "The same thing fails again and again",
  looping: "It goes round in circles",
  over_budget: "It uses more than it was given"
}

const acts: Readonly<Record<string, string>> = {
  tell: "The watcher told the run",
  retry: "The watcher has the run tried again",
  cancel: "The watcher stopped the run",
  ask: "The watcher asks you",
  hand_over: "The watcher handed the work over",
  ignore: "The watcher let it be"
}

const writers: Readonly<Record<string, Writer>> = {
  "run.started": (payload) => say(after(`${text(payload, "agent") || "An agent"} began`, text(payload, "objective"))),
  "run.steered": (payload) => {
    const mode = { queue: "To be done after this", replace: "Stopped for" }[text(payload, "mode")] ?? "Steered"
    return say(after(mode, text(payload, "text")), "accent")
  },
  "run.told": (payload) => say(after("Was told", text(payload, "text")), "info"),
  "run.plan_set": (payload) => {
    const parts = Array.isArray(payload.parts) ? payload.parts.length : 0
    const made = payload.call_id === null ? "The plan was edited" : "A plan was made"
    return say(`${made}${by(payload)}: ${parts} ${parts === 1 ? "part" : "parts"}`, "info")
  },
  "run.compacted": (payload) => summed(payload),
  "chat.compacted": (payload) => summed(payload),
  "run.paused": (payload) => say(after(`Paused${by(payload)}`, text(payload, "reason")), "warning"),
  "run.resumed": (payload) => {
    const attempt = number(payload, "attempt") ?? 0
    if (text(payload, "reason") === "restart") {
      return say(
        attempt > 1 ? `Went on after a restart of the server, try ${attempt}` : "Went on after a restart of the server"
      )
    }
    return say(after("Went on", text(payload, "reason")))
  },
  "run.cancel_requested": (payload) => say(after(`Asked to stop${by(payload)}`, text(payload, "reason")), "warning"),
  "run.ended": (payload) => {
    const [words, tone] = outcomes[text(payload, "outcome")] ?? ["The run has ended", "neutral" as const]
    const error = payload.error
    const cause = typeof error === "object" && error !== null ? text({ ...error }, "message") : ""
    return say(after(words, cause), tone)
  },
  "worker.task.started": (payload) => say(`Began: ${work(payload)}`),
  "worker.task.progress": (payload) => say(`Still at work: ${work(payload)}`),
  "worker.task.completed": (payload) =>
    say(`Finished: ${work(payload)}${took(payload)}`, "success", whole(payload, "output")),
  "worker.task.failed": (payload) =>
    say(after(`Failed: ${work(payload)}`, text(payload, "error")), "danger", whole(payload, "output")),
  "worker.task.cancelled": (payload) => say(after(`Stopped: ${work(payload)}`, text(payload, "error"))),
  "budget.reached": (payload) =>
    say(
      `The cap on ${caps[text(payload, "kind")] ?? "what is used"} of ${whose(payload)} is reached: ${amountOf(payload, "used")} of ${amountOf(payload, "limit")}`,
      "warning"
    ),
  "budget.raised": (payload) =>
    say(
      `The cap on ${caps[text(payload, "kind")] ?? "what is used"} of ${whose(payload)} is ${amountOf(payload, "limit")} now${by(payload)}`
    ),
  "membrane.refused": (payload) =>
    say(
      after(`Not permitted: ${text(payload, "act")} ${text(payload, "target")}`.trimEnd(), text(payload, "reason")),
      "danger"
    ),
  "watcher.signal": (payload) =>
    say(text(payload, "message") || (watched[text(payload, "kind")] ?? "A watcher has seen something"), "warning"),
  "watcher.acted_on": (payload) =>
    say(after(acts[text(payload, "action")] ?? "The watcher acted", text(payload, "detail")), "info"),
  "chat.model_switched": (payload) => say(`The model is ${text(payload, "model")} from here on`)
}

const summed = (payload: Payload): NoteWords => {
  const before = number(payload, "tokens_before")
  const now = number(payload, "tokens_after")
  const size = before === null || now === null ? "" : ` (${tokens(before)} tokens are ${tokens(now)})`
  return say(`What came before was summed up${size}`, "info", whole(payload, "summary"))
}

const took = (payload: Payload): string => {
  const ms = number(payload, "duration_ms")
  return ms === null ? "" : `, ${duration(ms)}`
}
