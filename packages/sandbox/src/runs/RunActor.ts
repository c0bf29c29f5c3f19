/**
 * One run, alive: it holds the run's record, starts what the state owes, and records what comes of it.
 *
 * Law: a message is answered after its commit; nothing is under way that the log does not say is. The model call, the
 * tools and the handing out run in fibers of their own, so the actor always answers, and can be steered and stopped.
 *
 *   message ─▶ decide ─▶ append ─▶ evolve ─▶ start what is owed ─▶ (a fiber ends) ─▶ message …
 */
import { type AppendError, EventLog } from "@choiros/event-log"
import { budgetField, type EventPayloads, type Owed, owed, type RunCommand } from "@choiros/protocol"
import { actor, type DynamicDefinition, dynamic, type Self, Tree } from "@choiros/supervision"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import type { AgentDefinition } from "../agents/AgentFile.ts"
import { Agents, type UnknownAgent } from "../agents/Agents.ts"
import { Approvals } from "../approvals/Approvals.ts"
import { Budgets } from "../budgets/Budgets.ts"
import { Contexts } from "../context/Contexts.ts"
import { Models } from "../models/Models.ts"
import { Tools, type Toolset } from "../tools/Tools.ts"
import { Children } from "./Children.ts"
import { ChildWork } from "./ChildWork.ts"
import { carryOut } from "./carryOut.ts"
import { ModelWork } from "./ModelWork.ts"
import type { PlanRefusal, RunMessage, StartMessage } from "./RunMessage.ts"
import { RunRecord } from "./RunRecord.ts"
import { type OwedTool, ToolWork } from "./ToolWork.ts"

/** Steps after which a run pauses and asks, unless its agent or who starts it says otherwise. */
const defaultSteps = 200
/** How long a run without work waits for who woke it. */
const unasked = "30 seconds"
/** Resumptions after a crash without progress in between. */
const maximumResumes = 3

export type RunServices = EventLog | Models | Tools | Agents | Approvals | Budgets | Contexts

const runActor = (runId: string) =>
  actor<RunMessage, never, RunServices>({
    kind: "run",
    start: Effect.fnUntraced(function* (self) {
      const tree = yield* Tree
      const log = yield* EventLog
      const services = {
        log,
        models: yield* Models,
        tools: (yield* Tools).in(tree),
        agents: yield* Agents,
        approvals: yield* Approvals,
        budgets: yield* Budgets,
        contexts: yield* Contexts,
        tree
      }
      const running = new Running(self, new RunRecord(runId, self.incarnation, log), services)
      yield* running.recover
      return (message) => Effect.suspend(() => Effect.annotateLogs(running.handle(message), running.about))
    })
  })

/** Where the tree has them. */
export const runsPath = "/session/runs/"

/** The runs that are alive, by `run_id`. One that crashes again and again is given up alone. */
export const runs: DynamicDefinition<RunMessage, RunServices> = dynamic<RunMessage, never, RunServices>({
  name: "runs",
  child: runActor,
  restart: "transient",
  shutdown: "4 seconds",
  intensity: 5,
  period: "1 minute"
})

interface Services {
  readonly log: EventLog["Service"]
  readonly models: Models["Service"]
  readonly tools: Toolset
  readonly agents: Agents["Service"]
  readonly approvals: Approvals["Service"]
  readonly budgets: Budgets["Service"]
  readonly contexts: Contexts["Service"]
  readonly tree: Tree
}

class Running {
  readonly #self: Self<RunMessage>
  readonly #record: RunRecord
  readonly #services: Services
  readonly #modelWork: ModelWork
  readonly #childWork: ChildWork
  /** As it was when the run first needed it: a run keeps its agent, whatever becomes of its file. */
  #agent: AgentDefinition | null = null
  #timer: { readonly deadline: string; readonly fiber: Fiber.Fiber<void> } | null = null
  readonly #toolWork: ToolWork

  constructor(self: Self<RunMessage>, record: RunRecord, services: Services) {
    this.#self = self
    this.#record = record
    this.#services = services
    this.#modelWork = new ModelWork(self, record, services, () => this.#definition)
    this.#toolWork = new ToolWork(self, record, services, () => this.#definition)
    const children = new Children({ ...services, reach: (run_id) => services.tree.getOrStart(runs, run_id) })
    this.#childWork = new ChildWork(self, record, children)
  }

  get #state() {
    return this.#record.state
  }

  /** A run without an end goes on, at most three times without progress in between. */
  get recover(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      yield* this.#record.load
      const { resumes, status } = this.#state
      if (status === "ended" || status === "none") {
        // It answers who woke it, and leaves; or by itself, where they are gone.
        yield* this.#self.fork(Effect.andThen(Effect.sleep(unasked), this.#tell({ _tag: "Quiet" })))
        return
      }
      yield* this.#enterBudget
      if (yield* this.#isOrphan) {
        yield* this.#requestStop("the run above it has ended", "parent")
      } else if (status === "working" && !this.#onlyWaits() && resumes >= maximumResumes) {
        const message = `The run was resumed ${resumes} times after a crash without getting further; it was given up.`
        yield* this.#requestStop(message, "recovery")
      } else if (status === "working") {
        // What only waited for a person, or for others, was tried by nobody: it may be begun again for ever.
        const attempt = this.#onlyWaits() ? resumes : resumes + 1
        yield* this.#commitClosing({ _tag: "Resume", reason: "restart", attempt })
      }
      yield* this.#childWork.follow
      yield* this.#proceed
    })
  }

  #onlyWaits(): boolean {
    return this.#state.call === null && owed(this.#state).every((next) => next._tag === "AwaitPerson")
  }

  /** The run above it has ended without it: it was given up, or could not reach it. */
  get #isOrphan(): Effect.Effect<boolean> {
    const { parent_run_id } = this.#state
    if (parent_run_id === null) return Effect.succeed(false)
    return this.#services.log.read({ run_id: parent_run_id, types: ["run.ended"], limit: 1 }).pipe(
      Effect.orDie,
      Effect.map((ended) => ended.length > 0)
    )
  }

  /** What a line in the server's log says it belongs to. */
  get about() {
    return { run_id: this.#record.runId, correlation_id: this.#record.context?.correlation_id ?? null }
  }

  handle(message: RunMessage): Effect.Effect<void> {
    // Without a start, or after its end, there is nothing to stay for.
    const leave = Effect.suspend(() =>
      this.#state.status === "none" || this.#state.status === "ended" ? this.#self.stop : Effect.void
    )
    return Effect.andThen(this.#take(message), leave)
  }

  #take(message: RunMessage): Effect.Effect<void> {
    switch (message._tag) {
      case "Start":
        return this.#start(message)
      case "Steer":
        return this.#steer(message)
      case "Tell":
        return this.#answer(
          message.reply,
          Effect.as(
            this.#record.append([{ _tag: "Tell", told: message.told }]),
            // Told again, it was told.
            () => this.#state.told.includes(message.told.message_id)
          )
        )
      case "Stop":
        return Effect.gen({ self: this }, function* () {
          const stopped = yield* this.#requestStop(message.reason, message.by)
          message.reply.succeed(stopped || this.#state.status === "stopping")
        })
      case "Pause":
        return this.#pause(message)
      case "Resume":
        return this.#resume(message)
      case "Decide":
        return this.#decide(message)
      case "Answer":
        return this.#answer(
          message.reply,
          Effect.map(
            this.#record.append([
              { _tag: "Answer", question_id: message.question_id, answer: message.answer, by: message.by }
            ]),
            (events) => () => (events > 0 ? ("answered" as const) : ("gone" as const))
          )
        )
      case "SetPlan":
        return this.#setPlan(message)
      case "Raise":
        return Effect.gen({ self: this }, function* () {
          const raised = yield* Effect.result(
            this.#record.append([this.#raise(message.kind, message.limit, message.by)])
          )
          if (Result.isFailure(raised)) return message.reply.fail(raised.failure)
          yield* this.#enterBudget
          message.reply.succeed(raised.success > 0)
        })
      case "Suspend":
        return Effect.gen({ self: this }, function* () {
          yield* this.#interruptAll
          // A read runs again when the run goes on, a write is decided by its hashes; what was not started waits.
          const cut = this.#state.tools.filter((tool) => tool.result === null && tool.started?.effect === "other")
          const cancelled = yield* Effect.forEach(cut, (tool) => this.#toolWork.cancelled(tool, "the server stopped"))
          yield* this.#commitClosing(...cancelled, { _tag: "Pause", reason: "The server was stopped", by: "system" })
          message.reply.succeed()
        })
      case "TaskOver":
        return this.#childWork.lookAfter((task) => task.task_id === message.task_id)
      case "Look":
        return this.#childWork.lookAfter(() => true)
      case "Checkpoint":
        return Effect.suspend(() => {
          const words = this.#modelWork.unstored()
          return words.length === 0 ? Effect.void : Effect.asVoid(this.#record.commit(...words))
        })
      case "CallEnded":
        return Effect.flatMap(this.#modelWork.ended(message.call_id, message.outcome), (ending) =>
          ending === null ? this.#proceed : this.#end("failed", ending)
        )
      case "ToolStarting":
        return Effect.gen({ self: this }, function* () {
          const events = yield* this.#record.commit({ _tag: "BeginTool", started: message.started })
          message.reply.succeed(events > 0)
        })
      case "ToolEnded":
        return Effect.andThen(this.#toolWork.ended(message.call_id, message.end), this.#proceed)
      case "TaskBegun":
        // What it was told meanwhile, the run that began has not heard.
        return this.#state.status === "working" ? Effect.void : this.#childWork.follow
      case "TaskEnded":
        return Effect.andThen(this.#record.commit({ _tag: "EndTask", ended: message.ended }), this.#proceed)
      case "RetryDue":
        this.#modelWork.waited(message.wait)
        return this.#proceed
      case "DeadlineDue":
        this.#timer = null
        return this.#proceed
      case "Quiet":
        return this.#proceed
    }
  }

  #start(message: StartMessage): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      // A start that is repeated (its first answer was lost) is answered, not done again.
      if (this.#state.status !== "none") return message.reply.succeed()
      const { task, thread } = message
      const definition = yield* Effect.option(this.#services.agents.get(message.started.agent))
      const ofAgent = definition._tag === "Some" ? definition.value.budget : {}
      const started = { ...message.started, budget: { steps: defaultSteps, ...ofAgent, ...message.started.budget } }
      yield* Effect.orDie(this.#record.begin(message.context, started))
      const start: RunCommand = {
        _tag: "Start",
        started,
        message: message.message,
        ...(thread === undefined ? {} : { thread }),
        ...(task === undefined ? {} : { task })
      }
      const appended = yield* Effect.result(this.#record.append([start]))
      if (Result.isFailure(appended)) {
        return message.reply.fail(appended.failure)
      }
      message.reply.succeed()
      yield* this.#enterBudget
      yield* this.#proceed
    })
  }

  #steer(message: Extract<RunMessage, { _tag: "Steer" }>): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      // Its start was never committed: there is no such run.
      if (this.#state.status === "none") return message.reply.succeed(false)
      const resume = this.#state.status === "paused" ? this.#goOn("message", "user") : []
      const appended = yield* Effect.result(
        this.#record.append([{ _tag: "Steer", message: message.message }, ...resume])
      )
      if (Result.isFailure(appended)) return message.reply.fail(appended.failure)
      message.reply.succeed(this.#state.messages.includes(message.message.message_id))
      yield* this.#enterBudget
      if (resume.length > 0) yield* this.#childWork.follow
      // A retry that waits need not wait any longer: there is something new to say.
      yield* this.#modelWork.hurry
      yield* this.#proceed
    })
  }

  #pause(message: Extract<RunMessage, { _tag: "Pause" }>): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const { by, reason } = message
      const events = yield* this.#commitClosing({ _tag: "Pause", reason, by })
      message.reply.succeed(events > 0)
      if (events === 0) return
      // A tool that acts is let finish: its result is recorded, and nothing after it begins.
      yield* this.#self.fork(Fiber.interruptAll(this.#modelWork.take()))
      yield* this.#childWork.follow
    })
  }

  #resume(message: Extract<RunMessage, { _tag: "Resume" }>): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const { paused_by, status } = this.#state
      const { pausedBy } = message
      const applies =
        status === "paused" && (pausedBy === undefined || (paused_by !== null && pausedBy.includes(paused_by)))
      if (applies) yield* this.#record.commit(...this.#goOn(message.reason, message.by))
      message.reply.succeed(applies)
      if (!applies) return
      yield* this.#enterBudget
      yield* this.#childWork.follow
      yield* this.#proceed
    })
  }

  /** A run that was paused at a cap of its own has as much again, unless it was given more already. */
  #goOn(reason: string, by: string): ReadonlyArray<RunCommand> {
    const { budget, capped, model } = this.#state
    const resume: RunCommand = { _tag: "Resume", reason, attempt: 0 }
    if (capped === null || capped.scope !== "run" || capped.subject !== this.#record.runId) return [resume]
    if ((budget[budgetField[capped.kind]] ?? 0) > capped.limit) return [resume]
    // It was asked whether it may spend what nobody can tell, and not for more.
    if (capped.kind === "money" && this.#services.budgets.prices.priceOf(model) === null) return [resume]
    return [this.#raise(capped.kind, capped.limit + Math.max(capped.limit, capped.used - capped.limit), by), resume]
  }

  #raise(kind: EventPayloads["budget.raised"]["kind"], limit: number, by: string): RunCommand {
    const { budget, run_id: subject } = this.#state
    const previous = budget[budgetField[kind]] ?? null
    return { _tag: "Raise", raised: { scope: "run", subject, kind, limit, previous, by } }
  }

  #decide(message: Extract<RunMessage, { _tag: "Decide" }>): Effect.Effect<void> {
    const { approval_id, request_hash } = message.decided
    const tool = this.#state.tools.find((one) => one.approval?.requested.approval_id === approval_id)
    const approval = tool?.approval
    if (tool === undefined || approval === undefined || approval === null) {
      return this.#answer(
        message.reply,
        Effect.succeed(() => "unknown" as const)
      )
    }
    if (approval.requested.request_hash !== request_hash) {
      return this.#answer(
        message.reply,
        Effect.succeed(() => "changed" as const)
      )
    }
    const decided = { ...message.decided, call_id: tool.asked.call_id }
    return this.#answer(
      message.reply,
      Effect.map(
        this.#record.append([{ _tag: "Decide", decided }]),
        (events) => () => (events > 0 ? ("decided" as const) : ("gone" as const))
      )
    )
  }

  /** Answers what others asked, and goes on with what follows from it. */
  #answer<A>(
    reply: { readonly succeed: (value: A) => void; readonly fail: (error: AppendError) => void },
    made: Effect.Effect<() => A, AppendError>
  ): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const result = yield* Effect.result(made)
      if (Result.isFailure(result)) return reply.fail(result.failure)
      reply.succeed(result.success())
      yield* this.#proceed
    })
  }

  /** Begins the end of the run, and of those below it. */
  #requestStop(reason: string, by: string): Effect.Effect<boolean> {
    return Effect.gen({ self: this }, function* () {
      const events = yield* this.#record.commit({ _tag: "RequestStop", reason, by })
      if (events === 0) return false
      yield* this.#childWork.follow
      // Beside the mailbox: a process group may take seconds to end.
      yield* this.#self.fork(Effect.andThen(this.#interruptAll, this.#tell({ _tag: "Quiet" })))
      return true
    })
  }

  /** Starts what the run owes and is not under way yet. */
  get #proceed(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      if (this.#state.status === "ended") return yield* this.#self.stop
      yield* this.#watchDeadline
      yield* this.#childWork.begin
      const all = owed(this.#state)
      const parts = all.flatMap((next) => (next._tag === "BeginPart" ? [next.part] : []))
      if (parts.length > 0) {
        const begun = yield* Effect.result(this.#carriedOut((carry) => carry.begin(parts)))
        if (Result.isFailure(begun)) return yield* this.#end("failed", unusable(begun.failure))
        if (begun.success) return yield* this.#proceed
      }
      const [first] = all.filter((next) => next._tag !== "BeginPart")
      if (first === undefined) return
      switch (first._tag) {
        case "Close":
          return this.#isQuiet() ? yield* this.#close : undefined
        case "CallModel": {
          const ending = yield* this.#modelWork.begin
          return ending === null ? undefined : yield* this.#end("failed", ending)
        }
        default:
          return yield* this.#toolWork
            .begin(all.filter(isOfTool))
            .pipe(Effect.catch((error) => this.#end("failed", unusable(error))))
      }
    })
  }

  get #definition() {
    return Effect.suspend((): Effect.Effect<AgentDefinition, UnknownAgent> => {
      if (this.#agent !== null) return Effect.succeed(this.#agent)
      return Effect.map(this.#services.agents.get(this.#state.agent), (agent) => {
        this.#agent = agent
        return agent
      })
    })
  }

  /** What the run does itself, as its agent may. */
  #carriedOut<A, E, R>(what: (carry: ReturnType<typeof carryOut>) => Effect.Effect<A, E, R>) {
    return Effect.flatMap(this.#definition, (agent) => what(carryOut(this.#record, this.#services.agents, agent)))
  }

  #setPlan(message: Extract<RunMessage, { _tag: "SetPlan" }>): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const refuse = (reason: PlanRefusal["reason"], why: string) => message.reply.succeed({ reason, message: why })
      if (this.#state.status === "none" || this.#state.status === "ended") {
        return refuse("conflict", "The run has ended")
      }
      yield* this.#carriedOut((carry) => carry.setPlan(message)).pipe(
        Effect.catch((error) => Effect.sync(() => refuse("wrong", error.message)))
      )
      yield* this.#proceed
    })
  }

  /** Wakes the run at its deadline; while it stands still (paused, or waiting for a person) there is none. */
  get #watchDeadline(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const { deadline, idle_since, status } = this.#state
      const due = status === "working" && idle_since === null ? deadline : null
      if (due === (this.#timer?.deadline ?? null) && due === null) return
      if (due !== this.#timer?.deadline) {
        if (this.#timer !== null) yield* Fiber.interrupt(this.#timer.fiber)
        this.#timer = null
      }
      if (due === null) return
      const left = Date.parse(due) - (yield* Clock.currentTimeMillis)
      if (left <= 0) {
        yield* this.#requestStop(`its deadline (${due}) has passed`, "deadline")
      } else if (this.#timer === null) {
        const woken = Effect.andThen(Effect.sleep(left), this.#tell({ _tag: "DeadlineDue" }))
        yield* this.#keep(woken, (fiber) => {
          this.#timer = { deadline: due, fiber }
        })
      }
    })
  }

  /** The ledger knows the run, and its caps as they are now. */
  get #enterBudget(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const { agent, budget, parent_run_id, run_id, started_at } = this.#state
      if (started_at === null) return Effect.void
      return this.#services.budgets.begin({ run_id, parent_run_id, agent, budget, started_at })
    })
  }

  get #interruptAll(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const { fibers } = this.#toolWork
      const all = [...this.#modelWork.take(), ...fibers.values()]
      return Effect.andThen(
        Fiber.interruptAll(all),
        Effect.sync(() => fibers.clear())
      )
    })
  }

  /** Runs beside the mailbox, and is remembered so that it can be interrupted. */
  #keep(effect: Effect.Effect<void>, remember: (fiber: Fiber.Fiber<void>) => void): Effect.Effect<void> {
    return Effect.flatMap(this.#self.fork(effect), (fiber) => Effect.sync(() => remember(fiber)))
  }

  #isQuiet(): boolean {
    return this.#modelWork.isQuiet && this.#toolWork.fibers.size === 0
  }

  /** The end of a run that was asked to stop, by who asked. */
  get #close(): Effect.Effect<void> {
    const { stop } = this.#state
    if (stop?.by === "deadline") return this.#end("failed", { kind: "deadline", message: `Stopped: ${stop.reason}` })
    if (stop?.by === "recovery") return this.#end("failed", { kind: "gave_up", message: stop.reason })
    return this.#end("stopped", null)
  }

  #end(
    outcome: EventPayloads["run.ended"]["outcome"],
    error: EventPayloads["run.ended"]["error"]
  ): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      if (this.#state.status === "working" && this.#state.tasks.some((task) => task.status === "open")) {
        yield* this.#childWork.stop("the run above it has ended")
      }
      yield* this.#commitClosing({ _tag: "End", outcome, error, now: yield* Clock.currentTimeMillis })
      yield* this.#self.stop
    })
  }

  /** Commits what may close the model call that is open, with what was said in it. */
  #commitClosing(...commands: ReadonlyArray<RunCommand>): Effect.Effect<number> {
    return Effect.gen({ self: this }, function* () {
      const { call, model } = this.#state
      const words = this.#modelWork.unstored()
      if (words.length > 0) yield* this.#record.commit(...words)
      const events = yield* this.#record.commit(...commands)
      if (call !== null && this.#state.call === null) yield* this.#modelWork.abandoned(call.call_id, model)
      return events
    })
  }

  #tell(message: RunMessage): Effect.Effect<void> {
    return Effect.orDie(this.#self.ref.cast(message))
  }
}

/** The run's agent is gone. */
const unusable = ({ message }: UnknownAgent) => ({ kind: "invalid_request", message })

const isOfTool = (next: Owed): next is OwedTool => "tool" in next
