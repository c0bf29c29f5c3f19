/** What a desktop is filled with: windows, answers that are long, and a run of many steps. */
import { join } from "node:path"
import { EventLog, type NewEvent } from "@choiros/event-log"
import { catalog, ulid } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { ask } from "./choir.ts"
import type { Product } from "./product.ts"

export interface Opening {
  readonly app_id: string
  readonly title: string
  readonly props?: object
  readonly x?: number
  readonly y?: number
  readonly width?: number
  readonly height?: number
  readonly maximized?: boolean
}

/** Opens a window on all screens, and gives its id. */
export const openWindow = async (product: Product, opening: Opening): Promise<string> => {
  const reply: { readonly window?: { readonly id?: unknown } } = Object(
    await ask(product, "/desktop/main/windows", opening)
  )
  if (typeof reply.window?.id !== "string") throw new Error(`${opening.title} did not open`)
  return reply.window.id
}

const paragraph = (index: number): string =>
  [
    `## Part ${index}: what was found`,
    "",
    `The parser reads **each line once** and keeps \`offset\` as it goes; see [the notes](https://example.com/${index}).`,
    "It is slower where a line is long, and that is where most of the time goes, as the table below says.",
    "",
    "- one thing that holds, and its reason",
    "- another, which is the same in part two",
    "",
    "```ts",
    `export const part${index} = (lines: ReadonlyArray<string>): number =>`,
    `  lines.reduce((sum, line) => sum + line.length, ${index})`,
    "```",
    "",
    "| input | before | after |",
    "| --- | ---: | ---: |",
    `| small | ${index} ms | ${index / 2} ms |`,
    `| large | ${index * 9} ms | ${index * 2} ms |`,
    ""
  ].join("\n")

/** Markdown as models write it. */
export const longAnswer = (length: number): string => {
  const parts: Array<string> = []
  for (let size = 0, index = 1; size < length; index++) {
    const part = paragraph(index)
    parts.push(part)
    size += part.length
  }
  return parts.join("\n").slice(0, length)
}

interface RunScope {
  readonly run_id: string
  readonly session_id: string
  readonly thread_id: string
}

export interface LongRun extends RunScope {
  readonly events: ReadonlyArray<NewEvent>
}

/** A run of many steps, each with a call of the model, some text and a tool: the events that a server writes for one. */
export const longRun = (steps: number): LongRun => {
  const scope = { session_id: ulid(), thread_id: ulid() }
  const run_id = ulid()
  const events: Array<NewEvent> = []
  const add = (event_type: string, payload: NewEvent["payload"]) =>
    events.push({ actor_id: "me", user_id: "me", ...scope, run_id, correlation_id: run_id, event_type, payload })
  const message_id = ulid()
  add("run.started", {
    objective: `Go through ${steps} files`,
    agent: "chat",
    model: "openai-compatible/instant",
    trigger: { kind: "message", message_id },
    parent_run_id: null
  })
  for (let step = 1; step <= steps; step++) {
    const [call_id, tool_call_id] = [ulid(), ulid()]
    add("run.step_started", { step })
    add("model.call_started", { call_id, step, model: "openai-compatible/instant", attempt: 1 })
    add("model.text", {
      call_id,
      message_id,
      offset: 0,
      text: `I look at file ${step}, and then at what calls it. `.repeat(1 + (step % 3)),
      kind: "text"
    })
    add("model.call_ended", {
      call_id,
      step,
      finish_reason: "tool_calls",
      text: `I look at file ${step}.`,
      input_tokens: 1_200 + (step % 700),
      output_tokens: 40 + (step % 60),
      cost: 0.001,
      duration_ms: 900,
      error: null
    })
    const shell = step % 2 === 0
    const tool_name = shell ? "bash" : "read_file"
    add("tool.call", {
      call_id: tool_call_id,
      step,
      tool_name,
      tool_args: JSON.stringify(shell ? { command: `npm test -- part-${step}` } : { path: `src/part-${step}.ts` }),
      reasoning: null,
      scope
    })
    add("tool.started", { call_id: tool_call_id, tool_name, effect: shell ? "other" : "read" })
    add("tool.result", {
      call_id: tool_call_id,
      tool_name,
      success: true,
      output: `line ${step} of what came out\n`.repeat(1 + (step % 20)),
      truncated: false,
      duration_ms: 12,
      scope
    })
    add("run.step_ended", { step, finish: "tool_calls" })
  }
  add("run.ended", { outcome: "done", error: null, answered: [message_id], steps, duration_ms: steps * 1_000 })
  return { ...scope, run_id, events }
}

/** Appends to the log of a server that does not run yet. */
export const fillLog = async (home: string, events: ReadonlyArray<NewEvent>): Promise<void> => {
  const runtime = ManagedRuntime.make(
    EventLog.layer({ catalog, path: join(home, "events.db"), blobs: join(home, "blobs"), forkWriter: true })
  )
  const log = await runtime.runPromise(Effect.flatMap(EventLog, Effect.succeed))
  for (let from = 0; from < events.length; from += 5_000) {
    await runtime.runPromise(log.append(events.slice(from, from + 5_000)))
  }
  await runtime.dispose()
}
