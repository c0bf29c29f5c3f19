/**
 * One run, alive: it holds the run's state, starts what the state owes, and records what comes of it.
 *
 * Law: the log first. A message is answered after its commit; nothing is under way that the log does not say is.
 * The model call and the tools run in fibers of their own, so the actor always answers, and can be steered and stopped.
 *
 *   message ─▶ decide ─▶ append ─▶ evolve ─▶ start what is owed ─▶ (a fiber ends) ─▶ message …
 */
import { type AppendError, EventLog, type ReadError } from "@choiros/event-log"
import {
  type EventPayloads,
  evolveRun,
  initialRun,
  isEvent,
  type NewEvent,
  owed,
  type RunCommand,
  type RunState,
  type RunTool,
  ulid
} from "@choiros/protocol"
import { actor, dynamic, type Reply, type Self, Tree } from "@choiros/supervision"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import { Agents, type UnknownAgent } from "../agents/Agents.ts"
import { deltaTopic } from "../chat/ephemeral.ts"
import { threadHistory } from "../chat/history.ts"
import { ModelError, type ModelMessage } from "../models/Model.ts"
import { Models } from "../models/Models.ts"
import type { ToolContext } from "../tools/Tool.ts"
import { Tools, type Toolset } from "../tools/Tools.ts"
import { type CallOutcome, callModel, type TextPiece } from "./callModel.ts"
import { contextOf, decideInOrder, type RunContext } from "./RunContext.ts"
import { runTool, type ToolRunner, toResult } from "./runTool.ts"
import { settleTool } from "./settleTool.ts"
import { toModelMessages } from "./transcript.ts"

export type RunMessage =
  | {
      readonly _tag: "Start"
      readonly context: RunContext
      readonly started: EventPayloads["run.started"]
      readonly message: EventPayloads["chat.user_msg"] | null
      readonly reply: Reply<void, AppendError>
    }
  /** Answered false when the run has ended (or is ending): the message then needs a run of its own. */
  | {
      readonly _tag: "Steer"
      readonly message: EventPayloads["chat.user_msg"]
      readonly reply: Reply<boolean, AppendError>
    }
  | { readonly _tag: "Stop"; readonly reason: string; readonly by: string; readonly reply: Reply<boolean> }
  | { readonly _tag: "Resume"; readonly reason: string; readonly reply: Reply<boolean> }
  /** The server stops: interrupt what runs and come back paused. Answered when that is recorded. */
  | { readonly _tag: "Suspend"; readonly reply: Reply<void> }
  | { readonly _tag: "Checkpoint"; readonly call_id: string; readonly pieces: ReadonlyArray<TextPiece> }
  | { readonly _tag: "CallEnded"; readonly call_id: string; readonly outcome: CallOutcome }
  | { readonly _tag: "ToolStarting"; readonly started: EventPayloads["tool.started"]; readonly reply: Reply<boolean> }
  | { readonly _tag: "ToolEnded"; readonly call_id: string; readonly result: EventPayloads["tool.result"] | null }
  | { readonly _tag: "RetryDue" }
  | { readonly _tag: "Quiet" }

const fullHistory = 400_000
/** Model calls that are tried for one step before the run fails. */
const maximumAttempts = 5
/** Steps after which a run pauses and asks, unless its agent's budget says otherwise. */
const defaultSteps = 200
/** Resumptions after a crash without progress in between. */
const maximumResumes = 3
/** Longest wait before a retry, whatever the provider asks for, in milliseconds. */
const longestWait = 120_000

const runActor = (runId: string) =>
  actor<RunMessage, never, EventLog | Models | Tools | Agents>({
    kind: "run",
    start: Effect.fnUntraced(function* (self) {
      const running = new Running(
        runId,
        self,
        yield* EventLog,
        yield* Models,
        (yield* Tools).in(yield* Tree),
        yield* Agents
      )
      yield* running.recover
      return (message) => Effect.suspend(() => Effect.annotateLogs(running.handle(message), running.about))
    })
  })

/** Where the tree has them. */
export const runsPath = "/session/runs/"

/** The runs that are alive, by `run_id`. One that crashes again and again is given up alone. */
export const runs = dynamic<RunMessage, never, EventLog | Models | Tools | Agents>({
  name: "runs",
  child: runActor,
  restart: "transient",
  shutdown: "4 seconds",
  intensity: 5,
  period: "1 minute"
})

class Running {
  readonly #runId: string
  readonly #self: Self<RunMessage>
  readonly #log: EventLog["Service"]
  readonly #models: Models["Service"]
  readonly #tools: Toolset
  readonly #agents: Agents["Service"]
  #state: RunState
  #context: RunContext | null = null
  /** What was said in the thread before this run; read once. */
  #history: ReadonlyArray<ModelMessage> | null = null
  /** Characters of history that the model is shown; less each time the model says that its context is full. */
  #historyBudget = fullHistory
  #call: Fiber.Fiber<void> | null = null
  #retry: Fiber.Fiber<void> | null = null
  readonly #toolFibers = new Map<string, Fiber.Fiber<void>>()

  constructor(
    runId: string,
    self: Self<RunMessage>,
    log: EventLog["Service"],
    models: Models["Service"],
    tools: Toolset,
    agents: Agents["Service"]
  ) {
    this.#runId = runId
    this.#self = self
    this.#log = log
    this.#models = models
    this.#tools = tools
    this.#agents = agents
    this.#state = initialRun(runId)
  }

  /** Takes the state from the log. A run without an end goes on, at most three times without progress in between. */
  get recover(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      // What an earlier incarnation still had on its way is written by now, or never will be.
      yield* Effect.orDie(this.#log.claim(this.#fence))
      let since = 0
      for (;;) {
        const page = yield* this.#log
          .read({ run_id: this.#runId, since_seq: since, limit: 5000, payloads: "full" })
          .pipe(Effect.orDie)
        for (const event of page) {
          this.#state = evolveRun(this.#state, event)
          if (isEvent(event, "run.started")) this.#context = contextOf(event)
        }
        const last = page.at(-1)
        if (last === undefined) break
        since = last.seq
      }
      const { status, resumes } = this.#state
      if (status === "ended") return yield* this.#self.stop
      if (status === "stopping") return yield* this.#proceed
      if (status !== "working") return
      if (resumes >= maximumResumes) {
        const message = `The run was resumed ${resumes} times after a crash without getting further; it was given up.`
        return yield* this.#end("failed", { kind: "gave_up", message })
      }
      yield* this.#commit({ _tag: "Resume", reason: "restart", attempt: resumes + 1 })
      yield* this.#proceed
    })
  }

  /** What a line in the server's log says it belongs to. */
  get about() {
    return { run_id: this.#runId, correlation_id: this.#context?.correlation_id ?? null }
  }

  handle(message: RunMessage): Effect.Effect<void> {
    switch (message._tag) {
      case "Start":
        return this.#start(message)
      case "Steer":
        return this.#steer(message)
      case "Stop":
        return Effect.gen({ self: this }, function* () {
          const events = yield* this.#commit({ _tag: "RequestStop", reason: message.reason, by: message.by })
          message.reply.succeed(events > 0)
          if (this.#state.status === "none") return yield* this.#self.stop
          if (events > 0) yield* this.#quieten
        })
      case "Resume":
        return Effect.gen({ self: this }, function* () {
          const paused = this.#state.status === "paused"
          if (paused) yield* this.#commit({ _tag: "Resume", reason: message.reason, attempt: 0 })
          message.reply.succeed(paused)
          yield* this.#proceed
        })
      case "Suspend":
        return Effect.gen({ self: this }, function* () {
          yield* this.#interruptAll
          // A read runs again when the run goes on, a write is decided by its hashes; what was not started waits.
          const cut = this.#state.tools.filter((tool) => tool.result === null && tool.started?.effect === "other")
          const cancelled = yield* Effect.forEach(cut, (tool) => this.#cancelled(tool, "the server stopped"))
          yield* this.#commit(...cancelled, { _tag: "Pause", reason: "The server was stopped", by: "system" })
          message.reply.succeed()
        })
      case "Checkpoint":
        return Effect.asVoid(
          this.#commit(
            ...message.pieces.map(
              (piece): RunCommand => ({
                _tag: "Checkpoint",
                text: { call_id: message.call_id, message_id: message.call_id, ...piece }
              })
            )
          )
        )
      case "CallEnded":
        return this.#callEnded(message.call_id, message.outcome)
      case "ToolStarting":
        return Effect.gen({ self: this }, function* () {
          const events = yield* this.#commit({ _tag: "BeginTool", started: message.started })
          message.reply.succeed(events > 0)
        })
      case "ToolEnded":
        return Effect.gen({ self: this }, function* () {
          this.#toolFibers.delete(message.call_id)
          if (message.result !== null) yield* this.#commit({ _tag: "EndTool", result: message.result })
          yield* this.#proceed
        })
      case "RetryDue":
        this.#retry = null
        return this.#proceed
      case "Quiet":
        return this.#proceed
    }
  }

  #start(message: Extract<RunMessage, { _tag: "Start" }>): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      // A start that is repeated (its first answer was lost) is answered, not done again.
      if (this.#state.status !== "none") return message.reply.succeed()
      this.#context = message.context
      const start: RunCommand = { _tag: "Start", started: message.started, message: message.message }
      const begin: RunCommand = { _tag: "BeginCall", call_id: ulid(), model: message.started.model }
      const appended = yield* Effect.result(this.#append([start, begin]))
      if (Result.isFailure(appended)) {
        message.reply.fail(appended.failure)
        return yield* this.#self.stop
      }
      message.reply.succeed()
      yield* this.#callModel
    })
  }

  #steer(message: Extract<RunMessage, { _tag: "Steer" }>): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      if (this.#state.status === "none") {
        // Its start was never committed: there is no such run.
        message.reply.succeed(false)
        return yield* this.#self.stop
      }
      const resume: ReadonlyArray<RunCommand> =
        this.#state.status === "paused" ? [{ _tag: "Resume", reason: "message", attempt: 0 }] : []
      const appended = yield* Effect.result(this.#append([{ _tag: "Steer", message: message.message }, ...resume]))
      if (Result.isFailure(appended)) return message.reply.fail(appended.failure)
      message.reply.succeed(this.#state.messages.includes(message.message.message_id))
      // A retry that waits need not wait any longer: there is something new to say.
      if (this.#retry !== null) yield* Fiber.interrupt(this.#retry)
      this.#retry = null
      yield* this.#proceed
    })
  }

  /** Starts what the run owes and is not under way yet. */
  get #proceed(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const [first, ...others] = owed(this.#state)
      if (first === undefined || first._tag === "Nothing") {
        return this.#state.status === "ended" ? this.#self.stop : Effect.void
      }
      switch (first._tag) {
        case "Close":
          return this.#isQuiet() ? this.#end("stopped", null) : Effect.void
        case "CallModel":
          return this.#call === null && this.#retry === null ? this.#beginCall : Effect.void
        default: {
          // Reads run side by side; anything else has the step to itself.
          const together =
            this.#effectOf(first.tool) === "read"
              ? [first, ...others.filter((other) => "tool" in other && this.#effectOf(other.tool) === "read")]
              : [first]
          return Effect.forEach(
            together,
            (next) => ("tool" in next ? this.#beginTool(next.tool, next._tag === "SettleTool") : Effect.void),
            { discard: true }
          )
        }
      }
    })
  }

  get #beginCall(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const steps = yield* this.#agents.get(this.#state.agent).pipe(
        Effect.map((agent) => agent.budget.steps ?? defaultSteps),
        Effect.catch(() => Effect.succeed(defaultSteps))
      )
      // Resumed at the limit, it has as many steps again.
      if (this.#state.step >= this.#state.budget_from + steps) {
        const reason = `${this.#state.step} steps are done; say something to let it go on, or stop it`
        yield* this.#commit({ _tag: "Pause", reason, by: "budget" })
        return
      }
      yield* this.#commit({ _tag: "BeginCall", call_id: ulid(), model: this.#state.model })
      yield* this.#callModel
    })
  }

  /** Makes the call that the state holds open. */
  get #callModel(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const { call } = this.#state
      const context = this.#context
      if (call === null || context === null || this.#call !== null) return Effect.void
      const { call_id } = call
      const made = Effect.gen({ self: this }, function* () {
        const model = yield* this.#models.resolve(this.#state.model)
        const agent = yield* this.#agents.get(this.#state.agent)
        // A context that was full once has no room for what earlier steps printed at length.
        const olderOutputs = this.#historyBudget === fullHistory ? Infinity : Math.ceil(this.#historyBudget / 50)
        this.#history ??= yield* threadHistory(this.#log, context, this.#historyBudget)
        return yield* callModel(
          model,
          {
            system: agent.instructions,
            messages: [...this.#history, ...toModelMessages(this.#state.transcript, olderOutputs)],
            tools: this.#tools.offered(agent.tools)
          },
          {
            onDelta: (piece, whole) =>
              this.#log.publish(deltaTopic, {
                ...context,
                payload: { message_id: call_id, ...piece },
                key: `${call_id}/${piece.kind}`,
                current: { message_id: call_id, ...piece, offset: 0, text: whole }
              }),
            onCheckpoint: (pieces) => this.#tell({ _tag: "Checkpoint", call_id, pieces })
          }
        )
      }).pipe(
        Effect.catch((error) => Effect.succeed(failedCall(toModelError(error)))),
        Effect.catchDefect((defect) =>
          Effect.logError("A model call crashed", defect).pipe(Effect.as(failedCall(crashed())))
        ),
        Effect.flatMap((outcome) => this.#tell({ _tag: "CallEnded", call_id, outcome }))
      )
      return this.#keep(made, (fiber) => {
        this.#call = fiber
      })
    })
  }

  #callEnded(call_id: string, outcome: CallOutcome): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      this.#call = null
      for (const kind of ["text", "reasoning"]) this.#log.retire(deltaTopic, `${call_id}/${kind}`)
      if (this.#state.call?.call_id !== call_id) return yield* this.#proceed
      const { error } = outcome
      const now = yield* Clock.currentTimeMillis
      const ended: EventPayloads["model.call_ended"] = {
        call_id,
        step: this.#state.step,
        finish_reason: outcome.finishReason,
        text: outcome.text,
        input_tokens: outcome.usage.inputTokens,
        output_tokens: outcome.usage.outputTokens,
        ...(outcome.usage.cachedTokens === undefined ? {} : { cached_tokens: outcome.usage.cachedTokens }),
        cost: null,
        duration_ms: outcome.durationMs,
        error:
          error === null
            ? null
            : {
                kind: error.kind,
                message: error.message,
                ...(error.retryAfterMs === undefined ? {} : { retry_after_ms: error.retryAfterMs })
              }
      }
      if (error !== null) {
        yield* this.#commit({ _tag: "FailCall", ended })
        return yield* this.#afterFailure(error)
      }
      const scope = scopeOf(this.#context)
      const tools = outcome.toolCalls.map((call) => ({
        // Ours, not the provider's: a call is found by its id for ever, and providers count from one again.
        call_id: ulid(),
        step: this.#state.step,
        tool_name: call.name,
        tool_args: call.args,
        ...(call.signature === undefined ? {} : { signature: call.signature }),
        reasoning: null,
        scope
      }))
      yield* this.#commit({ _tag: "EndCall", ended, tools, answer_id: call_id, now })
      yield* this.#proceed
    })
  }

  #afterFailure(error: ModelError): Effect.Effect<void> {
    if (this.#state.status !== "working") return this.#proceed
    if (error.kind === "context_full" && this.#historyBudget > 4_000) {
      this.#historyBudget = Math.floor(this.#historyBudget / 4)
      this.#history = null
      return this.#proceed
    }
    if (!error.retryable || this.#state.failures >= maximumAttempts) {
      return this.#end("failed", { kind: error.kind, message: error.message })
    }
    const wait = Math.min(longestWait, error.retryAfterMs ?? 500 * 2 ** (this.#state.failures - 1))
    return this.#keep(Effect.andThen(Effect.sleep(wait), this.#tell({ _tag: "RetryDue" })), (fiber) => {
      this.#retry = fiber
    })
  }

  #beginTool(tool: RunTool, settles: boolean): Effect.Effect<void> {
    const { asked } = tool
    const context = this.#context
    if (context === null || this.#toolFibers.has(asked.call_id)) return Effect.void
    const toolContext: ToolContext = {
      actor_id: context.actor_id,
      user_id: context.user_id ?? null,
      run_id: this.#runId,
      call_id: asked.call_id,
      session_id: asked.scope.session_id,
      thread_id: asked.scope.thread_id,
      correlation_id: context.correlation_id ?? this.#runId
    }
    const runner: ToolRunner = {
      tools: this.#tools.byName,
      hashOf: (path) => this.#tools.hashOf(path),
      blobs: this.#log.blobs,
      announce: (started) =>
        this.#self.ref
          .call<boolean>((reply) => ({ _tag: "ToolStarting", started, reply }), { timeout: "1 minute" })
          .pipe(Effect.orDie)
    }
    const made = (settles ? settleTool(runner, tool, toolContext) : runTool(runner, asked, toolContext)).pipe(
      Effect.catchDefect((defect) =>
        Effect.logError(`A call of ${asked.tool_name} crashed`, defect).pipe(
          Effect.andThen(toResult(runner.blobs, asked, { success: false, text: "The tool crashed" }, 0))
        )
      ),
      Effect.flatMap((result) => this.#tell({ _tag: "ToolEnded", call_id: asked.call_id, result }))
    )
    return this.#keep(made, (fiber) => this.#toolFibers.set(asked.call_id, fiber))
  }

  /** Interrupts what is under way, beside the mailbox: a process group may take seconds to end. */
  get #quieten(): Effect.Effect<void> {
    return Effect.asVoid(this.#self.fork(Effect.andThen(this.#interruptAll, this.#tell({ _tag: "Quiet" }))))
  }

  get #interruptAll(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const fibers = [this.#call, this.#retry, ...this.#toolFibers.values()].filter((fiber) => fiber !== null)
      return Fiber.interruptAll(fibers)
    }).pipe(
      Effect.andThen(
        Effect.sync(() => {
          this.#call = null
          this.#retry = null
          this.#toolFibers.clear()
        })
      )
    )
  }

  /** Runs beside the mailbox, and is remembered so that it can be interrupted. */
  #keep(effect: Effect.Effect<void>, remember: (fiber: Fiber.Fiber<void>) => void): Effect.Effect<void> {
    return Effect.flatMap(this.#self.fork(effect), (fiber) => Effect.sync(() => remember(fiber)))
  }

  #isQuiet(): boolean {
    return this.#call === null && this.#toolFibers.size === 0
  }

  #effectOf(tool: RunTool): "read" | "write" | "other" {
    return this.#tools.byName.get(tool.asked.tool_name)?.effect ?? "read"
  }

  #cancelled(tool: RunTool, why: string): Effect.Effect<RunCommand> {
    return toResult(this.#log.blobs, tool.asked, { success: false, text: `cancelled: ${why}` }, 0).pipe(
      Effect.map((result): RunCommand => ({ _tag: "EndTool", result: { ...result, outcome: "cancelled" } }))
    )
  }

  #end(
    outcome: EventPayloads["run.ended"]["outcome"],
    error: EventPayloads["run.ended"]["error"]
  ): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      yield* this.#commit({ _tag: "End", outcome, error, now: yield* Clock.currentTimeMillis })
      yield* this.#self.stop
    })
  }

  get #fence() {
    return { key: `run/${this.#runId}`, incarnation: this.#self.incarnation }
  }

  #tell(message: RunMessage): Effect.Effect<void> {
    return Effect.orDie(this.#self.ref.cast(message))
  }

  /**
   * Appends what the commands decide, all or none, and returns how many events that were. While the log can't be
   * written (a full disk) it waits and tries again: a run never goes on without its record.
   */
  #commit(...commands: ReadonlyArray<RunCommand>): Effect.Effect<number> {
    return this.#append(commands).pipe(Effect.retry({ schedule: commitRetries, while: isPassing }), Effect.orDie)
  }

  #append(commands: ReadonlyArray<RunCommand>): Effect.Effect<number, AppendError> {
    const context = this.#context
    if (context === null) return Effect.succeed(0)
    const changes = decideInOrder(commands, this.#state, context)
    if (changes.length === 0) return Effect.succeed(0)
    const events = changes.map((change): NewEvent => ({ ...context, ...change }))
    return this.#log.append(events, { fence: this.#fence }).pipe(
      Effect.map((appended) => {
        // The log may hold an excerpt of a long payload; the run goes on with the whole.
        const whole = appended.map((event, index) => ({ ...event, payload: events[index]?.payload ?? event.payload }))
        this.#state = whole.reduce(evolveRun, this.#state)
        return appended.length
      })
    )
  }
}

/** Waits between tries while the log can't be written: from 100 ms to 5 s, for as long as it takes. */
const commitRetries = Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("5 seconds")])

/** A conflict means that another incarnation took over, an invalid event is a defect; the rest may pass. */
const isPassing = (error: AppendError): boolean =>
  error._tag !== "EventLog.Conflict" && error._tag !== "EventLog.Invalid"

const scopeOf = (context: RunContext | null) => ({
  session_id: context?.session_id ?? "",
  thread_id: context?.thread_id ?? ""
})

const failedCall = (error: ModelError): CallOutcome => ({
  finishReason: "error",
  usage: { inputTokens: null, outputTokens: null },
  toolCalls: [],
  text: "",
  durationMs: 0,
  error
})

/** What keeps a call from being made at all (an agent that is gone, a log that can't be read) ends the run, in words. */
const toModelError = (error: ModelError | UnknownAgent | ReadError): ModelError =>
  error._tag === "ModelError"
    ? error
    : new ModelError({ kind: "invalid_request", message: error.message, retryable: false })

const crashed = (): ModelError =>
  new ModelError({
    kind: "malformed",
    message: "The model call crashed; the server's log has the details",
    retryable: false
  })
