/**
 * A run's calls to its model: what is sent, what it may cost, and what came of it.
 *
 * Law: nothing is sent that its budget does not cover; a context that is full is summed up, and never an error to the user.
 */

import type { ReadError } from "@choiros/event-log"
import { type Change, type EventPayloads, type RunCommand, type RunState, ulid } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import type { AgentDefinition } from "../agents/AgentFile.ts"
import type { Budgets, CapReached } from "../budgets/Budgets.ts"
import type { Contexts } from "../context/Contexts.ts"
import type { Compaction } from "../context/compact.ts"
import { type Model, ModelError, type ModelRequest } from "../models/Model.ts"
import type { Models } from "../models/Models.ts"
import type { Toolset } from "../tools/Tools.ts"
import { type CallListener, type CallOutcome, callModel, type Said } from "./callModel.ts"
import type { RunContext } from "./RunContext.ts"

/** Tokens that one answer may have: at most, and where its model's own limit is not known. */
const longestOutput = 32_000
const likelyOutput = 16_000
/** Tokens that a model is shown at most, where its own limit is not known. */
const likelyWindow = 128_000
/** Of a summary. */
const longestSummary = 4_000
/** Times that a run may find its context full, and make it smaller, in one step. */
const maximumShrinks = 8

/** What model calls are made with. */
export interface ModelCallServices {
  readonly models: Models["Service"]
  readonly tools: Toolset
  readonly budgets: Budgets["Service"]
  readonly contexts: Contexts["Service"]
}

/** A call that is paid for and ready to be made. */
export interface PreparedModelCall {
  readonly _tag: "Ready"
  readonly purpose: "step" | "compaction"
  readonly command: Extract<RunCommand, { _tag: "BeginCall" }>
  readonly model: Model
  readonly request: ModelRequest
}

/** No budget covers it. `passing`: it may fit once other calls are over. */
interface CappedCall {
  readonly _tag: "Capped"
  readonly cap: CapReached
  readonly message: string
  readonly passing: boolean
  /** Completes when something was given back since. */
  readonly freed: Effect.Effect<void>
}

export class ModelCalls {
  readonly #services: ModelCallServices
  /** The compaction that is being made, by its call. */
  #compaction: { readonly call_id: string; readonly compaction: Compaction } | null = null
  /** The model said that its context is full, so many times since its last answer. */
  #shrinks = 0

  constructor(services: ModelCallServices) {
    this.#services = services
  }

  prepare(
    run: RunState,
    agent: AgentDefinition,
    thread: RunContext
  ): Effect.Effect<PreparedModelCall | CappedCall, ModelError | ReadError> {
    const { budgets, contexts, models, tools } = this.#services
    const { maxOutputOf, contextWindowOf } = budgets.prices
    return Effect.gen({ self: this }, function* () {
      const model = yield* models.resolve(run.model)
      const contextWindow = contextWindowOf(run.model) ?? likelyWindow
      const call_id = ulid()
      const input = { agent, run: begun(run, call_id), thread, model, contextWindow, tools: tools.offered(agent.tools) }
      const compaction = yield* contexts.compaction({ ...input, run }, this.#shrinks > 0)
      const built = compaction === null ? yield* contexts.build(input) : null
      const asked = compaction?.request ?? built?.request
      if (asked === undefined) return yield* Effect.die(new Error("There is nothing to ask the model"))
      const known = maxOutputOf(run.model)
      const output = Math.min(known ?? likelyOutput, compaction === null ? longestOutput : longestSummary)
      // From before it is asked: what is given back meanwhile is not missed.
      const freed = yield* budgets.freed
      const reservation = yield* budgets.reserve({
        call_id,
        run_id: run.run_id,
        model: run.model,
        input_tokens: built?.input_tokens ?? estimate(asked),
        max_output_tokens: output,
        new_step: compaction === null && !(run.step_open && run.inbox.length === 0)
      })
      if (reservation._tag === "Capped") return { ...reservation, freed }
      this.#compaction = compaction === null ? null : { call_id, compaction }
      const { output_tokens, tokens, usd } = reservation
      const isBounded = known !== null || output_tokens < output
      return {
        _tag: "Ready",
        purpose: compaction === null ? "step" : "compaction",
        command: {
          _tag: "BeginCall",
          call_id,
          model: run.model,
          reserved: { tokens, usd },
          ...(compaction === null ? {} : { purpose: "compaction" as const })
        },
        model,
        request: isBounded ? { ...asked, maxOutputTokens: output_tokens } : asked
      }
    })
  }

  /** One outcome, whatever happens. */
  make({ model, request }: PreparedModelCall, said: Said, listener: CallListener): Effect.Effect<CallOutcome> {
    return callModel(model, request, said, listener).pipe(
      Effect.catchDefect((defect) => Effect.as(Effect.logError("A model call crashed", defect), failedCall(crashed())))
    )
  }

  /** Books what the call has cost, and says how it ended. `text`: what no checkpoint holds. */
  ended(
    call_id: string,
    run: RunState,
    outcome: CallOutcome,
    text: string
  ): Effect.Effect<EventPayloads["model.call_ended"]> {
    const { error, usage } = outcome
    const { cachedTokens, inputTokens: input_tokens, outputTokens: output_tokens } = usage
    const cached = cachedTokens === undefined ? {} : { cached_tokens: cachedTokens }
    if (error === null && run.call?.purpose !== "compaction") this.#shrinks = 0
    return Effect.map(
      this.#services.budgets.settle(call_id, run.model, { input_tokens, output_tokens, ...cached }, error),
      (cost) => ({
        call_id,
        step: run.step,
        finish_reason: outcome.finishReason,
        text,
        input_tokens,
        output_tokens,
        ...cached,
        cost,
        duration_ms: outcome.durationMs,
        error:
          error === null
            ? null
            : {
                kind: error.kind,
                message: error.message,
                ...(error.retryAfterMs === undefined ? {} : { retry_after_ms: error.retryAfterMs })
              }
      })
    )
  }

  /** What a compaction's call has come to, all its words together; without them where it failed. */
  compacted(
    call_id: string,
    error: ModelError | null,
    text: string
  ): Change<"chat.compacted" | "run.compacted"> | null {
    if (this.#compaction?.call_id !== call_id) return null
    const { compaction } = this.#compaction
    this.#compaction = null
    return compaction.finish(error === null ? text : null)
  }

  /** The context was full: whether a smaller one can be tried. */
  canShrink(run: RunState): boolean {
    this.#shrinks += 1
    return run.status === "working" && this.#shrinks <= maximumShrinks
  }
}

/** The run as it is when the call has begun: what waits is shown. */
const begun = (run: RunState, call_id: string): RunState => ({
  ...run,
  inbox: [],
  call: { call_id, step: run.step, attempt: 1, text: "", purpose: "step", started_at: "" },
  transcript: [
    ...run.transcript,
    ...run.inbox.map(({ message_id, text }) => ({ kind: "user" as const, message_id, text }))
  ]
})

const estimate = (request: ModelRequest): number => Math.ceil(JSON.stringify(request).length / 3.5)

const failedCall = (error: ModelError): CallOutcome => ({
  finishReason: "error",
  usage: { inputTokens: null, outputTokens: null },
  toolCalls: [],
  durationMs: 0,
  error
})

const crashed = (): ModelError =>
  new ModelError({
    kind: "malformed",
    message: "The model call crashed; the server's log has the details",
    retryable: false
  })
