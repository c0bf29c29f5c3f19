/**
 * A run's model call under way: begun, listened to, recorded, tried again.
 *
 * Law: at most one call or one wait for the next is under way; a call has one outcome in the record.
 */
import type { EventLog } from "@choiros/event-log"
import { type EventPayloads, endsWithTurn, type RunCommand, ulid } from "@choiros/protocol"
import type { Self } from "@choiros/supervision"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import type { AgentDefinition } from "../agents/AgentFile.ts"
import type { UnknownAgent } from "../agents/Agents.ts"
import type { Budgets } from "../budgets/Budgets.ts"
import { deltaTopic } from "../chat/ephemeral.ts"
import type { ModelError } from "../models/Model.ts"
import { type CallOutcome, Said } from "./callModel.ts"
import { checkRun } from "./evidence.ts"
import { type ModelCallServices, ModelCalls } from "./ModelCalls.ts"
import type { RunMessage } from "./RunMessage.ts"
import type { RunRecord } from "./RunRecord.ts"

/** Model calls that are tried for one step before the run fails. */
const maximumAttempts = 5
/** Longest wait before a retry, whatever the provider asks for, in milliseconds. */
const longestWait = 120_000

interface Services extends ModelCallServices {
  readonly log: EventLog["Service"]
  readonly budgets: Budgets["Service"]
}

/** Why a run has to end as failed; null where it goes on. */
type Ending = EventPayloads["run.ended"]["error"]

export class ModelWork {
  readonly #self: Self<RunMessage>
  readonly #record: RunRecord
  readonly #services: Services
  readonly #definition: () => Effect.Effect<AgentDefinition, UnknownAgent>
  readonly #calls: ModelCalls
  #call: { readonly call_id: string; readonly fiber: Fiber.Fiber<void> } | null = null
  /** Of the call that was begun last, also when it was interrupted: what it said is not lost. */
  #words: { readonly call_id: string; readonly said: Said } | null = null
  #wait: { readonly wait: number; readonly fiber: Fiber.Fiber<void> } | null = null
  #waits = 0

  constructor(
    self: Self<RunMessage>,
    record: RunRecord,
    services: Services,
    definition: () => Effect.Effect<AgentDefinition, UnknownAgent>
  ) {
    this.#self = self
    this.#record = record
    this.#services = services
    this.#definition = definition
    this.#calls = new ModelCalls(services)
  }

  /** No call is under way. */
  get isQuiet(): boolean {
    return this.#call === null
  }

  /** What is under way; with the taking, nothing is any more. */
  take(): ReadonlyArray<Fiber.Fiber<void>> {
    const fibers = [this.#call, this.#wait].flatMap((one) => (one === null ? [] : [one.fiber]))
    this.#call = null
    this.#wait = null
    return fibers
  }

  /** What was said and is not in the record yet; with the asking, it counts as recorded. */
  unstored(): ReadonlyArray<RunCommand> {
    const { call } = this.#record.state
    if (this.#words === null || this.#words.call_id !== call?.call_id) return []
    const { call_id, said } = this.#words
    return said
      .take()
      .map((piece): RunCommand => ({ _tag: "Checkpoint", text: { call_id, message_id: call_id, ...piece } }))
  }

  /** The wait is over, unless it is another one by now. */
  waited(wait: number): void {
    if (this.#wait?.wait === wait) this.#wait = null
  }

  /** A wait need not go on. */
  get hurry(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const wait = this.#wait
      this.#wait = null
      return wait === null ? Effect.void : Fiber.interrupt(wait.fiber)
    })
  }

  /** Begins the call that is owed, unless one is under way or waits for its time. */
  get begin(): Effect.Effect<Ending> {
    return Effect.gen({ self: this }, function* () {
      const { context } = this.#record
      if (context === null || this.#call !== null || this.#wait !== null) return null
      const prepared = yield* Effect.result(
        Effect.flatMap(this.#definition(), (agent) => this.#calls.prepare(this.#record.state, agent, context))
      )
      // What keeps a call from being made at all (an agent that is gone, a log that can't be read) ends the run, in words.
      if (Result.isFailure(prepared)) return { kind: "invalid_request", message: prepared.failure.message }
      const next = prepared.success
      if (next._tag === "Capped") {
        if (next.passing) yield* this.#waitFor(next.freed)
        else yield* this.#record.commit({ _tag: "ReachCap", cap: next.cap, reason: next.message })
        return null
      }
      const { call_id } = next.command
      if ((yield* this.#record.commit(next.command)) === 0) {
        yield* this.#services.budgets.release(call_id)
        return null
      }
      const shown = next.purpose === "step"
      const said = new Said()
      this.#words = { call_id, said }
      const made = this.#calls
        .make(next, said, {
          onDelta: (piece, whole) => {
            if (!shown) return
            this.#services.log.publish(deltaTopic, {
              ...context,
              payload: { message_id: call_id, ...piece },
              key: `${call_id}/${piece.kind}`,
              current: { message_id: call_id, ...piece, offset: 0, text: whole }
            })
          },
          onCheckpoint: this.#tell({ _tag: "Checkpoint" })
        })
        .pipe(Effect.flatMap((outcome) => this.#tell({ _tag: "CallEnded", call_id, outcome })))
      this.#call = { call_id, fiber: yield* this.#self.fork(made) }
      return null
    })
  }

  /** Records how a call went. */
  ended(call_id: string, outcome: CallOutcome): Effect.Effect<Ending> {
    return Effect.gen({ self: this }, function* () {
      if (this.#call?.call_id === call_id) this.#call = null
      this.#retire(call_id)
      const { call } = this.#record.state
      const words = this.#words?.call_id === call_id ? this.#words.said : new Said()
      const [rest, reasoning] = [words.text.take(), words.reasoning.take()]
      const ended = yield* this.#calls.ended(call_id, this.#record.state, outcome, rest?.text ?? "")
      if (call?.call_id !== call_id) return null
      if (reasoning !== null) {
        yield* this.#record.commit({ _tag: "Checkpoint", text: { call_id, message_id: call_id, ...reasoning } })
      }
      const compacted =
        call.purpose === "compaction" ? this.#calls.compacted(call_id, outcome.error, words.text.whole) : null
      if (compacted !== null) {
        yield* this.#record.commit({ _tag: "EndCompaction", ended, compacted })
        return null
      }
      if (outcome.error !== null) {
        yield* this.#record.commit({ _tag: "FailCall", ended })
        return yield* this.#afterFailure(outcome.error)
      }
      const { context, state } = this.#record
      const scope = { session_id: context?.session_id ?? "", thread_id: context?.thread_id ?? "" }
      const tools = outcome.toolCalls.map((asked) => ({
        // Ours, not the provider's: a call is found by its id for ever, and providers count from one again.
        call_id: ulid(),
        step: state.step,
        tool_name: asked.name,
        tool_args: asked.args,
        ...(asked.signature === undefined ? {} : { signature: asked.signature }),
        reasoning: null,
        scope
      }))
      const agent = yield* Effect.option(this.#definition())
      const check =
        tools.length === 0 && endsWithTurn(state) && agent._tag === "Some" ? checkRun(agent.value, state, ulid()) : null
      const now = yield* Clock.currentTimeMillis
      const end = { _tag: "EndCall" as const, ended, tools, answer_id: call_id, now }
      yield* this.#record.commit(check === null ? end : { ...end, check })
      return null
    })
  }

  /** The record has closed a call that was under way: what it may have cost is booked. */
  abandoned(call_id: string, model: string): Effect.Effect<void> {
    this.#retire(call_id)
    return Effect.asVoid(this.#services.budgets.settle(call_id, model, null))
  }

  #afterFailure(error: ModelError): Effect.Effect<Ending> {
    const { failures, status } = this.#record.state
    if (status !== "working") return Effect.succeed(null)
    if (error.kind === "context_full" && this.#calls.canShrink(this.#record.state)) return Effect.succeed(null)
    if (!error.retryable || failures >= maximumAttempts) {
      return Effect.succeed({ kind: error.kind, message: error.message })
    }
    const wait = Math.min(longestWait, error.retryAfterMs ?? 500 * 2 ** (failures - 1))
    return Effect.as(this.#waitFor(Effect.sleep(wait)), null)
  }

  #waitFor(event: Effect.Effect<void>): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#waits += 1
      const wait = this.#waits
      return Effect.map(this.#self.fork(Effect.andThen(event, this.#tell({ _tag: "RetryDue", wait }))), (fiber) => {
        this.#wait = { wait, fiber }
      })
    })
  }

  #retire(call_id: string): void {
    for (const kind of ["text", "reasoning"]) this.#services.log.retire(deltaTopic, `${call_id}/${kind}`)
  }

  #tell(message: RunMessage): Effect.Effect<void> {
    return Effect.orDie(this.#self.ref.cast(message))
  }
}
