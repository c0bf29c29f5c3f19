/** `job_output` and `job_stop`: commands that went on after their call, of the caller's own thread alone. */
import type { EventLog } from "@choiros/event-log"
import type { Tree } from "@choiros/supervision"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Command } from "../terminal/Command.ts"
import { collapseReturns } from "../terminal/cleanText.ts"
import { commandsOf, type EndedTask, endedTasks, stopCommand, threadTerminal } from "../terminal/commands.ts"
import { inWords } from "../terminal/unreachable.ts"
import { matchingLines } from "./matchingLines.ts"
import { acts, type Tool, type ToolContext, ToolFailure, tool } from "./Tool.ts"

/** Bytes that one call shows, and that a pattern is looked for in. */
const atOnce = 15_000
const searchedBytes = 32 * 1024 * 1024
/** Ended jobs that are still found. */
const lookBack = 200

const JobId = Schema.String.annotate({ description: "The job, as the call that became it named it" })

export const jobOutputTool = (tree: Tree, log: EventLog["Service"]): Tool =>
  tool({
    name: "job_output",
    description:
      "Shows what a job has printed: its end, or from an offset on, or the lines that match. Without job_id: lists the jobs.",
    parameters: Schema.Struct({
      job_id: Schema.optional(JobId),
      offset: Schema.optional(
        Schema.Int.annotate({ description: "Bytes to skip; without it the latest output is shown" })
      ),
      pattern: Schema.optional(Schema.String.annotate({ description: "A regular expression: only lines that match" }))
    }),
    effect: "read",
    prepare: ({ job_id, offset, pattern }, context) =>
      acts(
        Effect.gen(function* () {
          const jobs = yield* liveJobs(tree, context)
          if (job_id === undefined) return { success: true, text: yield* listOf(jobs) }
          const live = jobs.find((job) => job.id === job_id)
          const output =
            live === undefined ? yield* ofEnded(yield* findEnded(log, context, job_id)) : yield* ofLive(live)
          const text = yield* pattern === undefined ? partOf(output, offset) : matching(output, pattern)
          return { success: true, text: `${text}\n[${output.state}]` }
        })
      )
  })

export const jobStopTool = (tree: Tree, log: EventLog["Service"]): Tool =>
  tool({
    name: "job_stop",
    description: "Ends a job and everything that it started (SIGTERM, and SIGKILL for what does not go).",
    parameters: Schema.Struct({ job_id: JobId }),
    effect: "other",
    prepare: ({ job_id }, context) =>
      acts(
        Effect.gen(function* () {
          const live = (yield* liveJobs(tree, context)).find((job) => job.id === job_id)
          if (live === undefined) {
            return { success: true, text: `It had ended before: ${stateOf(yield* findEnded(log, context, job_id))}` }
          }
          yield* stopCommand(live, "stopped by job_stop")
          return { success: true, text: `Job "${job_id}" was ended.` }
        })
      )
  })

/** What a job has printed, as far as it is kept. */
interface Output {
  readonly total: number
  /** Where the end begins that is kept, when the middle is not. */
  readonly tailFrom: number
  readonly kept: number
  readonly read: (offset: number, limit: number) => Effect.Effect<string>
  /** In words. */
  readonly state: string
}

const liveJobs = (tree: Tree, context: ToolContext): Effect.Effect<ReadonlyArray<Command>, ToolFailure> =>
  commandsOf(tree, threadTerminal(context)).pipe(
    Effect.mapError((error) => new ToolFailure({ message: inWords(error) })),
    Effect.map((commands) => commands.filter((command) => command.state === "job"))
  )

const findEnded = Effect.fnUntraced(function* (log: EventLog["Service"], context: ToolContext, job_id: string) {
  const { actor_id, session_id, thread_id } = context
  const ended = yield* endedTasks(log, { actor_id, session_id, thread_id }, lookBack).pipe(
    Effect.mapError((error) => new ToolFailure({ message: error.message }))
  )
  const task = ended.find((each) => each.call_id === job_id)
  if (task === undefined) return yield* new ToolFailure({ message: `There is no job "${job_id}" here` })
  return task
})

const ofLive = (job: Command): Effect.Effect<Output> =>
  Effect.map(Clock.currentTimeMillis, (now) => ({
    total: job.spool.total,
    kept: job.spool.kept,
    tailFrom: job.spool.tailFrom,
    read: (offset: number, limit: number) => Effect.promise(() => job.spool.read(offset, limit)),
    state: `running for ${seconds(now - job.startedAt)}`
  }))

const ofEnded = (task: EndedTask): Effect.Effect<Output, ToolFailure> => {
  const text = task.status === "cancelled" ? undefined : task.output
  if (text === undefined) {
    const message = `It has ended (${stateOf(task)}), and kept no output of its own: the call's result has what there is`
    return Effect.fail(new ToolFailure({ message }))
  }
  const bytes = Buffer.from(text)
  return Effect.succeed({
    total: bytes.length,
    kept: bytes.length,
    tailFrom: bytes.length,
    read: (offset: number, limit: number) => Effect.succeed(bytes.subarray(offset, offset + limit).toString("utf8")),
    state: stateOf(task)
  })
}

const stateOf = (task: EndedTask): string => {
  const after = `after ${seconds(task.duration_ms)}`
  if (task.status === "completed") return `exit code 0 ${after}`
  return `${task.status}: ${task.error ?? "no reason was given"}, ${after}`
}

const partOf = (output: Output, asked: number | undefined): Effect.Effect<string> => {
  const from = Math.max(0, asked ?? output.total - atOnce)
  // What lies between the kept beginning and the kept end is gone: go on with the end.
  const offset = from >= output.kept && from < output.tailFrom ? output.tailFrom : from
  return Effect.map(output.read(offset, atOnce), (text) => {
    const end = offset + Buffer.byteLength(text)
    if (text === "") return output.total === 0 ? "(nothing printed yet)" : `(nothing after byte ${output.total})`
    return `${collapseReturns(text)}\n[bytes ${offset} to ${end} of ${output.total}]`
  })
}

const matching = (output: Output, pattern: string): Effect.Effect<string, ToolFailure> =>
  Effect.flatMap(output.read(0, searchedBytes), (text) => matchingLines(text, pattern, atOnce))

const listOf = (jobs: ReadonlyArray<Command>): Effect.Effect<string> =>
  Effect.map(Clock.currentTimeMillis, (now) =>
    jobs.length === 0
      ? "No job runs."
      : jobs
          .map(({ id, request, spool, startedAt }) => {
            const [line = ""] = request.command.split("\n")
            return `${id}: running for ${seconds(now - startedAt)}, ${spool.total} bytes printed: ${line.slice(0, 200)}`
          })
          .join("\n")
  )

const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 100) / 10} s`
