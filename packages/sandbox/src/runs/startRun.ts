/**
 * A run that begins on its own: a delegated task, an objective without a thread, a fork.
 *
 * Law: the run and its thread begin in one append, and the answer does not wait for any model.
 */
import type { AppendError, EventLog, ReadError } from "@choiros/event-log"
import {
  type Budget,
  type EventPayloads,
  evolveRun,
  excerpt,
  initialRun,
  isEvent,
  type RunState,
  ulid
} from "@choiros/protocol"
import type { Reply, Tree } from "@choiros/supervision"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Agents } from "../agents/Agents.ts"
import { beginRun } from "../chat/askThread.ts"
import type { Models } from "../models/Models.ts"
import { hasCrashed, RunFailure } from "./askRun.ts"
import { inherited } from "./inherited.ts"
import { runs } from "./RunActor.ts"
import { contextOf } from "./RunContext.ts"
import type { StartMessage } from "./RunMessage.ts"

class NoSuchRun extends Schema.TaggedError<NoSuchRun>()("Runs.NoSuchRun", { message: Schema.String }) {}

/** The run has not come so far, or is still at work on what comes before. */
class NoSuchStep extends Schema.TaggedError<NoSuchStep>()("Runs.NoSuchStep", { message: Schema.String }) {}

/** Another run works for the thread. */
class ThreadBusy extends Schema.TaggedError<ThreadBusy>()("Runs.ThreadBusy", {
  run_id: Schema.String,
  message: Schema.String
}) {}

/** How often a run that crashed while it began is asked again. */
const askAgain = 5

export interface NewRun {
  readonly actor_id: string
  readonly user_id: string
  readonly objective: string
  /** By name. */
  readonly agent: string
  readonly model?: string | null
  readonly budget?: Budget
  /** RFC 3339. */
  readonly deadline?: string | null
  readonly paused?: boolean
  /** Pauses when its plan is there. */
  readonly reviewPlan?: boolean
  /** `message`: a person's own words. `task`: work that was handed out, told of in `scope`. */
  readonly as:
    | { readonly kind: "message"; readonly client_message_id: string | null }
    | { readonly kind: "task"; readonly scope: { readonly session_id: string; readonly thread_id: string } | null }
    | { readonly kind: "fork"; readonly of_run: string; readonly from_step: number; readonly continues: boolean }
}

export interface RunsServices {
  readonly tree: Tree
  readonly log: EventLog["Service"]
  readonly agents: Agents["Service"]
  readonly models: Models["Service"]
}

/** Gives the run's id and where it talks. */
export const startRun = Effect.fnUntraced(function* ({ agents, models, tree }: RunsServices, run: NewRun) {
  const agent = yield* agents.get(run.agent)
  const model = run.model ?? agent.model ?? (yield* models.current)
  const run_id = ulid()
  const { actor_id, as, objective, user_id } = run
  const started_at = new Date(yield* Clock.currentTimeMillis).toISOString()
  const scope = { session_id: `session:${actor_id}`, thread_id: `run:${run_id}` }
  const started: EventPayloads["run.started"] = {
    objective: as.kind === "message" ? excerpt(objective) : objective,
    agent: agent.name,
    model,
    trigger:
      as.kind === "message"
        ? { kind: "message", message_id: run_id }
        : as.kind === "task"
          ? { kind: "task", task_id: run_id }
          : { kind: "fork", of_run: as.of_run, from_step: as.from_step },
    parent_run_id: null,
    depth: 0,
    deadline: run.deadline ?? null,
    ...(run.budget === undefined ? {} : { budget: run.budget }),
    ...(run.paused === true ? { paused: true } : {}),
    ...(run.reviewPlan === true ? { review_plan: true } : {}),
    ...(as.kind === "task" ? { task_scope: as.scope } : {}),
    ...(as.kind === "fork" && as.continues ? { continues: true } : {})
  }
  const begin = (reply: Reply<void, AppendError>): StartMessage => ({
    _tag: "Start",
    context: { actor_id, user_id, ...scope, run_id, correlation_id: run_id },
    started,
    message:
      as.kind === "message"
        ? { message_id: run_id, text: objective, client_message_id: as.client_message_id, mode: "steer" }
        : null,
    thread: { title: excerpt(objective, 80), agent: agent.name, model: run.model ?? null },
    ...(as.kind === "task"
      ? {
          task: {
            task_id: run_id,
            correlation_id: run_id,
            kind: "agent",
            objective: excerpt(objective),
            agent: agent.name,
            started_at,
            ...(run.deadline === undefined || run.deadline === null ? {} : { deadline: run.deadline }),
            attempt: 1,
            status: "running"
          }
        }
      : {}),
    reply
  })
  // Repeated where the run crashed just then: it begins once.
  yield* tree.getOrStart(runs, run_id).pipe(
    Effect.flatMap((ref) => ref.call<void, AppendError>(begin, { timeout: "20 seconds" })),
    Effect.retry({ times: askAgain, while: (error) => hasCrashed(error) })
  )
  return { run_id, actor_id, ...scope }
})

/** A run's state as the log has it. */
export const runState = Effect.fnUntraced(function* (
  log: EventLog["Service"],
  run_id: string
): Effect.fn.Return<RunState | null, ReadError> {
  const [first] = yield* log.read({ run_id, types: ["run.started"], limit: 1 })
  if (first === undefined || !isEvent(first, "run.started")) return null
  const begun: RunState = { ...initialRun(run_id), ...(yield* inherited(log, first.payload.trigger)) }
  return yield* log.stream({ run_id, payloads: "full" }).pipe(Stream.runFold(() => begun, evolveRun))
})

/**
 * Tries a run again, from its beginning or from a step (counted from 1; what was done before it is taken over). In its own
 * thread, or as a fork in a new one.
 */
export const retryRun = Effect.fnUntraced(function* (
  services: RunsServices,
  of_run: string,
  how: { readonly from_step: number; readonly user_id: string; readonly fork: boolean; readonly objective?: string }
) {
  const { log, tree } = services
  const state = yield* runState(log, of_run)
  const [first] = yield* log.read({ run_id: of_run, types: ["run.started"], limit: 1 })
  if (state === null || first === undefined || !isEvent(first, "run.started")) {
    return yield* new NoSuchRun({ message: `Run not found: ${of_run}` })
  }
  const furthest = state.step + (state.step_open ? 0 : 1)
  if (how.from_step > Math.max(1, furthest)) {
    return yield* new NoSuchStep({
      message: `The run has done ${furthest - 1} steps: it can't be gone on from step ${how.from_step}`
    })
  }
  const said = state.transcript.find((item) => item.kind === "user")
  const objective = how.objective ?? (said?.kind === "user" ? said.text : state.objective)
  const continues = how.objective === undefined && how.from_step > 1
  const { actor_id, session_id, thread_id } = contextOf(first)
  if (how.fork) {
    const as = { kind: "fork" as const, of_run, from_step: how.from_step }
    const { agent, budget, model } = state
    const made = yield* startRun(services, {
      actor_id,
      user_id: how.user_id,
      objective,
      agent,
      model,
      budget,
      as: { ...as, continues }
    })
    return made.run_id
  }
  const scope = { actor_id, session_id: session_id ?? "", thread_id: thread_id ?? "" }
  const begun = yield* beginRun(tree, scope, {
    user_id: how.user_id,
    started: {
      objective,
      trigger: { kind: "retry", of_run, from_step: how.from_step },
      ...(continues ? { continues: true } : {}),
      parent_run_id: null,
      depth: 0,
      budget: state.budget
    }
  }).pipe(Effect.mapError((error) => new RunFailure({ message: error.message })))
  if (begun._tag === "Busy") {
    const message = "Another run works in this thread: wait for its end, stop it, or fork"
    return yield* new ThreadBusy({ run_id: begun.run_id, message })
  }
  return begun.run_id
})
