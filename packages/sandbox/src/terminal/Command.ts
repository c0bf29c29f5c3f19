/**
 * One command of an agent's, from its start to the end of everything that it started.
 *
 *   waiting ──▶ running ── its shell ends, nothing is left ─────────────▶ ended
 *                  ├── time is up, or something of it still runs ──▶ job ──▶ ended
 *                  └── cancelled (the group is killed) ──────────────────▶ ended
 *
 * Law: `worker.task.started` is committed before anything runs, and has exactly one end, committed after all that ran is
 * gone. The call is answered once: when the command has ended, or when it goes on as a job.
 */
import type { EventLog } from "@choiros/event-log"
import type { Jail, JailLost, Process } from "@choiros/jail"
import { type Change, excerpt, ulid } from "@choiros/protocol"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { Redactor } from "../settings/Redactor.ts"
import type { ToolContext } from "../tools/Tool.ts"
import { CommandOutput } from "./CommandOutput.ts"
import { type CleanText, cleanText } from "./cleanText.ts"
import { commandArgv, commandEnvironment } from "./commandScript.ts"
import { excerptOfSpool, outputForEvent, shownWhole } from "./excerptOfSpool.ts"
import { learnSecretFiles } from "./learnSecretFiles.ts"
import { Spool } from "./Spool.ts"

export interface CommandRequest {
  readonly terminalId: string
  readonly command: string
  readonly context: Omit<ToolContext, "agent" | "parent_run_id">
  /** Made here unless given. */
  readonly taskId?: string
  /** After this the command goes on as a job. */
  readonly timeoutMs: number
}

/** How a command ended. */
export type Ending =
  | { readonly _tag: "Exited"; readonly code: number | null; readonly signal: string | null }
  | { readonly _tag: "Cancelled"; readonly reason: string }
  /** It could not be started, recorded or followed. */
  | { readonly _tag: "Failed"; readonly message: string }

/** It goes on as a job: because its shell has ended and left something behind, or because time was up. */
interface BecameJob {
  readonly _tag: "Job"
  /** Of the shell, when it has ended. */
  readonly exit: ExitStatus | null
}

/** What the caller is told. `text` is the whole output, unless `blob` (or the job) holds it and `text` is an excerpt. */
export interface CommandReport {
  readonly outcome: Ending | BecameJob
  readonly text: string
  readonly blob?: { readonly hash: string; readonly bytes: number }
}

export interface ExitStatus {
  readonly code: number | null
  readonly signal: string | null
}

interface CommandServices {
  readonly jail: Jail["Service"]
  readonly log: EventLog["Service"]
  readonly spoolFolder: string
  readonly redactor: Redactor
}

/** For output of what the shell has left to write it (`> >(tee log)`), before it counts as still running. */
const lateOutput = "200 millis"
/** Between SIGTERM and SIGKILL: when asked to, and when the server stops. */
const killGraceMs = 2000
const stopGraceMs = 1000
/** Characters that the terminal may have yet to show before the command waits for it. */
const farBehind = 256 * 1024
/** How long what was killed may take to let go of its output. What has left the group may hold it for good. */
const letGo = "500 millis"
/** Between two progress events: doubled each time, up to the second. */
const firstProgressMs = 5000
const slowestProgressMs = 60_000
/** Characters of a command, and bytes of a job's output, in an event. */
const commandInEvents = 2000
const outputInEvents = 1024 * 1024

const lost: Ending = { _tag: "Failed", message: "It could not be followed; the server's log has the details" }

export class Command {
  readonly request: CommandRequest
  readonly spool: Spool
  /** The answer to the call. */
  readonly report: Effect.Effect<CommandReport>
  readonly ended: Effect.Effect<Ending>
  readonly #services: CommandServices
  readonly #taskId: string
  readonly #reported = Deferred.makeUnsafe<CommandReport>()
  readonly #ended = Deferred.makeUnsafe<Ending>()
  readonly #cancelled = Deferred.makeUnsafe<string>()
  readonly #exited = Deferred.makeUnsafe<ExitStatus, JailLost>()
  readonly #drained = Deferred.makeUnsafe<void, JailLost>()
  readonly #outputs: Readonly<Record<"stdout" | "stderr", CommandOutput>>
  #state: "waiting" | "running" | "job" | "ended" = "waiting"
  #startedAt = 0
  #pid: number | null = null
  #mirrors = true
  #unshown = 0
  #progressEvery = firstProgressMs
  #lastProgress = 0

  constructor(services: CommandServices, request: CommandRequest) {
    this.#services = services
    this.request = request
    this.#taskId = request.taskId ?? ulid()
    this.spool = new Spool(services.spoolFolder)
    this.#outputs = { stdout: new CommandOutput(services.redactor), stderr: new CommandOutput(services.redactor) }
    this.report = Deferred.await(this.#reported)
    this.ended = Deferred.await(this.#ended)
  }

  get id(): string {
    return this.request.context.call_id
  }

  get state(): "waiting" | "running" | "job" | "ended" {
    return this.#state
  }

  /** Milliseconds since 1970. */
  get startedAt(): number {
    return this.#startedAt
  }

  /** Has it end; `ended` says when it has. One that waits has ended with that, and never begins. */
  cancel(reason: string): void {
    if (this.#state === "waiting") this.#tell({ _tag: "Cancelled", reason })
    Deferred.doneUnsafe(this.#cancelled, Effect.succeed(reason))
  }

  /** Runs it to its end. Interrupted, it kills the group and records that, too. */
  get run(): Effect.Effect<void> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.gen({ self: this }, function* () {
        if (this.#state !== "waiting") return
        this.#state = "running"
        this.#startedAt = yield* Clock.currentTimeMillis
        this.#lastProgress = this.#startedAt
        const recorded = yield* Effect.exit(
          this.#append({ event_type: "worker.task.started", payload: { ...this.#common, status: "running" } })
        )
        if (Exit.isFailure(recorded)) {
          yield* Effect.logError("A command could not be recorded", recorded.cause)
          return this.#tell({ _tag: "Failed", message: "It could not be recorded, so it was not run" })
        }
        const worked = yield* Effect.exit(restore(this.#work))
        if (Exit.isSuccess(worked)) return yield* this.#end(worked.value)
        if (Exit.hasInterrupts(worked)) return yield* this.#end({ _tag: "Cancelled", reason: "the server stopped" })
        yield* Effect.logError("A command could not be followed", worked.cause)
        yield* this.#end(lost)
      }).pipe(
        // Whoever waits hears of an end, whatever happened.
        Effect.ensuring(Effect.sync(() => this.#tell(lost)))
      )
    )
  }

  get #work(): Effect.Effect<Ending> {
    const { jail, redactor } = this.#services
    const { command, terminalId } = this.request
    const marks = redactor.marksIn(command)
    if (marks.length > 0) return Effect.succeed({ _tag: "Failed", message: notShown(marks) })
    const worked = Effect.acquireUseRelease(
      jail.spawn({ argv: commandArgv(terminalId, command, this.id), env: commandEnvironment }),
      (process) =>
        Effect.gen({ self: this }, function* () {
          this.#pid = process.pid
          yield* this.#mirror(headerOf(redactor.redact(command), this.request.taskId === undefined ? "agent" : "you"))
          yield* Effect.forkScoped(this.#collect(process))
          return yield* this.#follow(process)
        }).pipe(Effect.scoped),
      (process, exit) => (Exit.isSuccess(exit) ? Effect.void : process.kill(undefined, { graceMs: stopGraceMs }))
    ).pipe(Effect.catch((error) => Effect.succeed<Ending>({ _tag: "Failed", message: error.message })))
    return Effect.andThen(learnSecretFiles(jail.files, redactor, command), worked)
  }

  #follow(process: Process): Effect.Effect<Ending, JailLost> {
    const exited = Effect.map(Deferred.await(this.#exited), (exit): Ending => ({ _tag: "Exited", ...exit }))
    const cancelled = Effect.map(Deferred.await(this.#cancelled), (reason): Ending => ({ _tag: "Cancelled", reason }))
    const timeUp = Effect.as(Effect.sleep(this.request.timeoutMs), null)
    return Effect.gen({ self: this }, function* () {
      const first = yield* Effect.raceAllFirst([exited, cancelled, timeUp])
      if (first?._tag === "Cancelled") return yield* this.#kill(process, first)
      if (first !== null) {
        const all = yield* Effect.timeoutOption(Deferred.await(this.#drained), lateOutput)
        if (Option.isSome(all)) return first
      }
      this.#state = "job"
      yield* this.#report({ _tag: "Job", exit: first?._tag === "Exited" ? first : null })
      const last = yield* Effect.raceFirst(Effect.andThen(Deferred.await(this.#drained), exited), cancelled)
      return last._tag === "Cancelled" ? yield* this.#kill(process, last) : last
    })
  }

  #kill(process: Process, ending: Ending): Effect.Effect<Ending, JailLost> {
    return process
      .kill(undefined, { graceMs: killGraceMs })
      .pipe(
        Effect.andThen(Effect.timeoutOption(Deferred.await(this.#drained), letGo)),
        Effect.andThen(process.discard),
        Effect.as(ending)
      )
  }

  #collect(process: Process): Effect.Effect<void> {
    return process.output.pipe(
      Stream.runForEach((item) => {
        if (item.kind === "output") return this.#keep(this.#outputs[item.stream].push(item.data))
        Deferred.doneUnsafe(this.#exited, Effect.succeed({ code: item.code, signal: item.signal }))
        return Effect.void
      }),
      Effect.onExit((exit) =>
        Effect.sync(() => {
          // An end of output without word of the shell's end: nobody knows how it ended.
          const status: Exit.Exit<ExitStatus, JailLost> = Exit.map(exit, () => ({ code: null, signal: null }))
          Deferred.doneUnsafe(this.#exited, status)
          Deferred.doneUnsafe(this.#drained, exit)
        })
      ),
      Effect.ignore
    )
  }

  #keep(text: CleanText): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      if (text.plain !== "") yield* Effect.promise(() => this.spool.append(text.plain))
      yield* this.#mirror(text.shown)
      const now = yield* Clock.currentTimeMillis
      if (now - this.#lastProgress < this.#progressEvery) return
      this.#lastProgress = now
      this.#progressEvery = Math.min(this.#progressEvery * 2, slowestProgressMs)
      yield* this.#append({
        event_type: "worker.task.progress",
        payload: {
          ...this.#common,
          status: "running",
          duration_ms: now - this.#startedAt,
          output_bytes: this.spool.total
        }
      }).pipe(Effect.catch((error) => Effect.logWarning("A command's progress could not be recorded", error)))
    })
  }

  /**
   * Shows it in the terminal, without waiting for it unless the terminal is far behind. What is asked for in order happens
   * in order. Where it can't be shown, the command goes on without.
   */
  #mirror(shown: string): Effect.Effect<void> {
    if (shown === "" || !this.#mirrors) return Effect.void
    this.#unshown += shown.length
    const feed = this.#services.jail.ptys.feed(this.request.terminalId, shown).pipe(
      Effect.catchCause((cause) => {
        this.#mirrors = false
        return Effect.logDebug("A command's output is not shown in its terminal", cause)
      }),
      Effect.andThen(
        Effect.sync(() => {
          this.#unshown -= shown.length
        })
      )
    )
    const shownLater = Effect.forkDetach(feed, { startImmediately: true })
    return this.#unshown <= farBehind ? Effect.asVoid(shownLater) : Effect.flatMap(shownLater, Fiber.await)
  }

  #end(ending: Ending): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      yield* this.#keep(this.#outputs.stdout.end())
      yield* this.#keep(this.#outputs.stderr.end())
      yield* this.#mirror(footerOf(ending))
      const wasJob = this.#state === "job"
      // A task of its own is no tool's call, whose result would tell what it printed.
      const tells = wasJob || this.request.taskId !== undefined
      const output = tells ? yield* Effect.promise(() => outputForEvent(this.spool, outputInEvents)) : undefined
      const report = wasJob ? null : yield* this.#reportOf(ending)
      this.#state = "ended"
      const now = yield* Clock.currentTimeMillis
      yield* this.#append(this.#endOf(ending, now, output)).pipe(
        Effect.retry({ schedule: Schedule.exponential("100 millis"), times: 4 }),
        // The log is gone; at its next start it closes what was left open.
        Effect.catch((error) => Effect.logError("The end of a command could not be recorded", error))
      )
      yield* Effect.promise(() => this.spool.remove())
      if (report !== null) Deferred.doneUnsafe(this.#reported, Effect.succeed(report))
      Deferred.doneUnsafe(this.#ended, Effect.succeed(ending))
    })
  }

  /** Ends it for who waits, where it has not ended by itself. */
  #tell(ending: Ending): void {
    this.#state = "ended"
    Deferred.doneUnsafe(this.#reported, Effect.succeed({ outcome: ending, text: "" }))
    Deferred.doneUnsafe(this.#ended, Effect.succeed(ending))
  }

  #report(outcome: BecameJob): Effect.Effect<void> {
    return Effect.flatMap(this.#reportOf(outcome), (report) => Deferred.succeed(this.#reported, report))
  }

  #reportOf(outcome: Ending | BecameJob): Effect.Effect<CommandReport> {
    return Effect.gen({ self: this }, function* () {
      const asJob = outcome._tag === "Job"
      const blob = asJob || this.spool.total <= shownWhole ? Option.none() : yield* Effect.option(this.#store)
      const way = asJob
        ? `; job_output with job_id "${this.id}" has them`
        : Option.isSome(blob)
          ? `; read_output with call_id "${this.id}" has the whole`
          : ""
      const text = yield* Effect.promise(() => excerptOfSpool(this.spool, way))
      return Option.isSome(blob) ? { outcome, text, blob: blob.value } : { outcome, text }
    })
  }

  get #store() {
    const { blobs } = this.#services.log
    return Effect.flatMap(
      Effect.promise(() => this.spool.finish()),
      (file) =>
        file === null
          ? Effect.flatMap(
              Effect.promise(() => this.spool.read(0, this.spool.total)),
              (text) => blobs.put(Buffer.from(text))
            )
          : blobs.putFile(file)
    )
  }

  get #common() {
    const { command, context, terminalId } = this.request
    return {
      task_id: this.#taskId,
      correlation_id: context.correlation_id,
      kind: "terminal_command" as const,
      command: excerpt(command, commandInEvents),
      call_id: context.call_id,
      terminal_id: terminalId,
      ...(this.#pid === null ? {} : { process_id: this.#pid }),
      started_at: new Date(this.#startedAt).toISOString(),
      attempt: 1
    }
  }

  #endOf(ending: Ending, now: number, output: string | undefined): Change<TaskEvent> {
    const end = {
      ...this.#common,
      finished_at: new Date(now).toISOString(),
      duration_ms: now - this.#startedAt,
      ...(output === undefined ? {} : { output })
    }
    switch (ending._tag) {
      case "Cancelled": {
        const { output: _, ...rest } = end
        return { event_type: "worker.task.cancelled", payload: { ...rest, status: "cancelled", error: ending.reason } }
      }
      case "Failed":
        return { event_type: "worker.task.failed", payload: { ...end, status: "failed", error: ending.message } }
      case "Exited": {
        const status = { exit_code: ending.code, signal: ending.signal }
        return ending.code === 0
          ? { event_type: "worker.task.completed", payload: { ...end, ...status, status: "completed" } }
          : {
              event_type: "worker.task.failed",
              payload: { ...end, ...status, status: "failed", error: exitInWords(ending) }
            }
      }
    }
  }

  #append(change: Change<TaskEvent>) {
    const { actor_id, correlation_id, run_id, session_id, thread_id, user_id } = this.request.context
    return this.#services.log.append([{ ...change, actor_id, user_id, session_id, thread_id, run_id, correlation_id }])
  }
}

type TaskEvent =
  | "worker.task.started"
  | "worker.task.progress"
  | "worker.task.completed"
  | "worker.task.failed"
  | "worker.task.cancelled"

const notShown = (marks: ReadonlyArray<string>): string =>
  `it was not run: ${marks.join(", ")} stands for a secret that is not shown. Use the variable or the file that holds it.`

export const exitInWords = ({ code, signal }: ExitStatus): string =>
  signal !== null ? `ended by ${signal}` : code === null ? "ended, nobody knows how" : `exit code ${code}`

/** The command line as the terminal shows it. A model's words are text: what is no text in them is left out. */
const headerOf = (command: string, by: "agent" | "you"): string =>
  `\r\n\u001b[1;34m${by} $\u001b[0;1m ${cleanText(command).plain.replaceAll("\r", "").replaceAll("\n", "\r\n")}\u001b[0m\r\n`

const footerOf = (ending: Ending): string => {
  const reset = "\u001b[0m"
  if (ending._tag === "Cancelled") return `${reset}\u001b[33m[cancelled]${reset}\r\n`
  if (ending._tag === "Failed") return `${reset}\u001b[31m[failed]${reset}\r\n`
  return ending.code === 0 ? reset : `${reset}\u001b[31m[${exitInWords(ending)}]${reset}\r\n`
}
