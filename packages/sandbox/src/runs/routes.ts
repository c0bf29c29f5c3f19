/**
 * Runs over HTTP: begun, looked at, steered and stopped.
 *
 * Law: what is asked of a run is answered when it is in the log, and never waits for a model.
 */
import { EventLog } from "@choiros/event-log"
import {
  type Event,
  foldTimeline,
  isEvent,
  isWaiting,
  PlanBody,
  partStatus,
  RaiseBody,
  ReasonBody,
  type RunDetail,
  RunRetryBody,
  RunStartBody,
  type RunState,
  RunSteerBody,
  type RunSummary,
  RunsQuery,
  runSentences,
  runSummaryOf,
  scopePair,
  taskOf
} from "@choiros/protocol"
import { type ActorInfo, Tree } from "@choiros/supervision"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import { Agents } from "../agents/Agents.ts"
import { sendMessage, stopThread } from "../chat/askThread.ts"
import { scopeOfKey } from "../chat/scope.ts"
import { Models } from "../models/Models.ts"
import {
  decodeField,
  fail,
  type HttpFailure,
  jsonBody,
  ok,
  type RequestContext,
  type Route,
  route
} from "../server/Route.ts"
import { commandsOf, stopCommand } from "../terminal/commands.ts"
import { cancelRun, pauseRun, raiseBudget, resumeRun, setPlan } from "./askRun.ts"
import { runsPath } from "./RunActor.ts"
import { RunCards } from "./RunCards.ts"
import { type RunsServices, retryRun, runState, startRun } from "./startRun.ts"

const anyone = "anonymous"
const chatsPath = "/session/chats/"
const terminalsPath = "/session/terminals/"
const defaultLimit = 50
const pageSize = 200
/** Messages among which one that is said again is looked for. */
const lateMessages = 100

export const runRoutes: Effect.Effect<ReadonlyArray<Route>, never, EventLog | Tree | Agents | Models> = Effect.gen(
  function* () {
    const log = yield* EventLog
    const tree = yield* Tree
    const cards = new RunCards(log)
    const services: RunsServices = { log, tree, agents: yield* Agents, models: yield* Models }

    const startedOf = Effect.fnUntraced(function* (run_id: string) {
      const [started] = yield* log.read({ run_id, types: ["run.started"], limit: 1 }).pipe(Effect.mapError(inWords))
      if (started === undefined || !isEvent(started, "run.started")) {
        return yield* fail(404, runSentences.notFound(run_id))
      }
      return started
    })

    const stateOf = Effect.fnUntraced(function* (run_id: string) {
      const state = yield* runState(log, run_id).pipe(Effect.mapError(inWords))
      return state ?? (yield* fail(404, runSentences.notFound(run_id)))
    })

    const openRuns = Effect.map(tree.snapshot, (actors) => keysBelow(actors, runsPath))

    /** Looked for from the end: it is the last that a run says. */
    const endOf = (run_id: string) =>
      Effect.map(log.read({ run_id, types: ["run.ended"], order: "desc", limit: 1 }), ([event]) => event ?? null)

    /** What a list says of a run. */
    const summarized = Effect.fnUntraced(function* (started: Event) {
      const card = yield* cards.of(started)
      return card === null ? null : runSummaryOf(card)
    })

    /** Starts of runs, the newest first. Of those that work the tree knows; the rest is read page by page. */
    const startsOf = Effect.fnUntraced(function* (query: typeof RunsQuery.Type, before: number | undefined) {
      const open = new Set(yield* openRuns)
      if (query.status === "open") {
        const starts = yield* Effect.forEach([...open], (run_id) =>
          log.read({ run_id, types: ["run.started"], limit: 1 })
        )
        const found = starts.flat().filter(({ seq }) => before === undefined || seq < before)
        return { starts: found.toSorted((one, other) => other.seq - one.seq), last: true }
      }
      const page = yield* log.read({
        types: ["run.started"],
        order: "desc",
        limit: pageSize,
        ...(query.actor_id === undefined ? {} : { actor_id: query.actor_id }),
        ...(before === undefined ? {} : { before_seq: before })
      })
      const starts = query.status === "ended" ? page.filter(({ run_id }) => !open.has(run_id ?? "")) : page
      return { starts, last: page.length < pageSize, oldest: page.at(-1)?.seq }
    })

    const list = Effect.fnUntraced(function* (context: RequestContext) {
      const query = yield* decodeField(RunsQuery, "query", Object.fromEntries(context.query))
      const limit = query.limit ?? defaultLimit
      // Before anything is read, so that all of it is in what is read.
      const seq = yield* log.head
      yield* cards.refresh
      const runs: Array<RunSummary> = []
      let before = query.before
      for (;;) {
        const { last, oldest, starts } = yield* startsOf(query, before)
        for (const [index, started] of starts.entries()) {
          before = started.seq
          if (!fits(query, started)) continue
          const summary = yield* summarized(started)
          if (summary !== null) runs.push(summary)
          if (runs.length < limit) continue
          const more = !last || index < starts.length - 1
          return ok({ success: true, runs, next_before: more ? before : null, seq })
        }
        if (last) return ok({ success: true, runs, next_before: null, seq })
        before = oldest
      }
    }, Effect.mapError(asFailure))

    const one = Effect.fnUntraced(function* (context: RequestContext) {
      const run_id = context.param("run_id")
      const started = yield* startedOf(run_id)
      const state = yield* stateOf(run_id)
      const ended = yield* endOf(run_id).pipe(Effect.mapError(inWords))
      yield* Effect.mapError(cards.refresh, inWords)
      const summary = yield* Effect.mapError(summarized(started), inWords)
      if (summary === null) return yield* fail(404, runSentences.notFound(run_id))
      return ok({ success: true, run: detail(summary, state, ended) })
    })

    const timeline = Effect.fnUntraced(function* (context: RequestContext) {
      const run_id = context.param("run_id")
      yield* startedOf(run_id)
      const events = yield* Stream.runCollect(log.stream({ run_id })).pipe(Effect.mapError(inWords))
      return ok({ success: true, steps: foldTimeline(events) })
    })

    /** Who asks again waits for who has asked first. */
    const turn = Semaphore.makeUnsafe(1)

    /** The run in a thread of its own that a message of late has begun; null where none has. */
    const begunBy = Effect.fnUntraced(function* (actor_id: string, client_message_id: string) {
      const types = ["chat.user_msg"] as const
      const late = yield* log
        .read({ actor_id, types, order: "desc", limit: lateMessages })
        .pipe(Effect.mapError(inWords))
      for (const event of late) {
        if (!isEvent(event, "chat.user_msg") || event.payload.client_message_id !== client_message_id) continue
        const { session_id, thread_id } = event
        const run_id = event.payload.message_id
        if (session_id === null || thread_id !== `run:${run_id}`) continue
        return { run_id, actor_id, session_id, thread_id }
      }
      return null
    })

    const startAlone = Effect.fnUntraced(function* (body: typeof RunStartBody.Type, user_id: string) {
      const { actor_id, client_message_id = null, objective } = body
      const before = client_message_id === null ? null : yield* begunBy(actor_id, client_message_id)
      if (before !== null) return before
      const agent = body.agent ?? "chat"
      yield* services.agents.get(agent).pipe(Effect.mapError(wrongWords))
      if (typeof body.model === "string") yield* services.models.resolve(body.model).pipe(Effect.mapError(wrongWords))
      return yield* startRun(services, {
        actor_id,
        user_id,
        objective,
        agent,
        model: body.model ?? null,
        paused: body.paused === true,
        reviewPlan: body.review_plan === true,
        as: { kind: "message", client_message_id },
        ...(body.budget === undefined || body.budget === null ? {} : { budget: body.budget })
      }).pipe(Effect.mapError(inWords))
    })

    const start = Effect.fnUntraced(function* (context: RequestContext) {
      const body = yield* jsonBody(context.request, RunStartBody)
      const pair = yield* pairOf(body.session_id, body.thread_id)
      const { actor_id, objective } = body
      if (objective.trim() === "") return yield* fail(400, "The objective can't be empty")
      const user_id = body.user_id ?? anyone
      if (pair === null) {
        const alone = startAlone(body, user_id)
        const begun = yield* typeof body.client_message_id === "string" ? turn.withPermits(1)(alone) : alone
        return ok({ success: true, ...begun, message_id: begun.run_id, status: "accepted" }, 202)
      }
      const own = (["agent", "model", "budget", "paused", "review_plan"] as const).find(
        (name) => body[name] !== undefined && body[name] !== null
      )
      if (own !== undefined) {
        return yield* fail(422, `${own} is for a run in a thread of its own: leave it out, or session_id and thread_id`)
      }
      const scope = { actor_id, ...pair }
      const client_message_id = body.client_message_id ?? null
      const message = { user_id, text: objective, client_message_id, mode: body.mode ?? ("queue" as const) }
      const taken = yield* sendMessage(tree, scope, message).pipe(Effect.mapError(inWords))
      const run_id = taken._tag === "Taken" ? taken.run_id : null
      const status = run_id === null ? "queued" : "accepted"
      return ok({ success: true, run_id, message_id: taken.message_id, status, ...scope }, 202)
    })

    /** Says something to a run that is there; 409 where it has ended, or is not in a state for it. */
    const told = (
      how: (run_id: string, context: RequestContext) => Effect.Effect<boolean, HttpFailure>,
      message: string,
      otherwise: string
    ) =>
      Effect.fnUntraced(function* (context: RequestContext) {
        const run_id = context.param("run_id")
        yield* startedOf(run_id)
        const done = yield* how(run_id, context)
        if (!done) return yield* fail(409, otherwise)
        return ok({ success: true, message })
      })

    const byReason = (
      ask: (run_id: string, by: { readonly reason: string; readonly by: string }) => Effect.Effect<boolean, Words>,
      reason: string
    ) =>
      Effect.fnUntraced(function* (run_id: string, context: RequestContext) {
        const body = yield* bodyOrNone(context)
        return yield* ask(run_id, { reason: body.reason ?? reason, by: personOf(body.user_id) }).pipe(
          Effect.mapError(inWords)
        )
      })

    const steer = Effect.fnUntraced(function* (run_id: string, context: RequestContext) {
      const body = yield* jsonBody(context.request, RunSteerBody)
      const started = yield* startedOf(run_id)
      if ((yield* endOf(run_id).pipe(Effect.mapError(inWords))) !== null) return false
      const { actor_id, session_id, thread_id } = started
      yield* sendMessage(
        tree,
        { actor_id, session_id: session_id ?? "", thread_id: thread_id ?? "" },
        {
          user_id: body.user_id ?? anyone,
          text: body.text,
          client_message_id: body.client_message_id ?? null,
          mode: body.mode ?? "steer"
        }
      ).pipe(Effect.mapError(inWords))
      return true
    })

    const again = (fork: boolean) =>
      Effect.fnUntraced(function* (context: RequestContext) {
        const body = yield* jsonBody(context.request, RunRetryBody)
        const run_id = yield* retryRun(services, context.param("run_id"), {
          from_step: body.from_step ?? 1,
          user_id: body.user_id ?? anyone,
          fork,
          ...(typeof body.objective === "string" ? { objective: body.objective } : {})
        }).pipe(
          Effect.mapError((error) => {
            if (error._tag === "Runs.NoSuchRun") return fail(404, error.message)
            if (error._tag === "Runs.NoSuchStep") return fail(422, error.message)
            return error._tag === "Runs.ThreadBusy"
              ? fail(409, error.message, { run_id: error.run_id })
              : inWords(error)
          })
        )
        return ok({ success: true, run_id }, 202)
      })

    const plan = Effect.fnUntraced(function* (run_id: string, context: RequestContext) {
      const { parts, revision, user_id } = yield* jsonBody(context.request, PlanBody)
      for (const part of parts) {
        if (typeof part.agent === "string") {
          yield* services.agents.get(part.agent).pipe(Effect.mapError(wrongWords))
        }
      }
      const next = { parts, revision: revision + 1, by: personOf(user_id) }
      const refusal = yield* setPlan(tree, run_id, next).pipe(Effect.mapError(inWords))
      if (refusal !== null) return yield* fail(refusal.reason === "conflict" ? 409 : 422, refusal.message)
      return true
    })

    const raise = Effect.fnUntraced(function* (run_id: string, context: RequestContext) {
      const { kind, limit, user_id } = yield* jsonBody(context.request, RaiseBody)
      const by = personOf(user_id)
      return yield* raiseBudget(tree, run_id, { kind, limit, by }).pipe(Effect.mapError(inWords))
    })

    const stopAll = Effect.fnUntraced(function* (context: RequestContext) {
      const body = yield* bodyOrNone(context)
      const by = { reason: body.reason ?? "everything was stopped", by: personOf(body.user_id) }
      const atWork = yield* openRuns
      const actors = yield* tree.snapshot
      // What waits in a thread's queue would begin when its run has ended.
      for (const key of keysBelow(actors, chatsPath)) {
        yield* Effect.ignore(stopThread(tree, scopeOfKey(key), by.by))
      }
      const stopped = yield* Effect.forEach(
        atWork,
        (run_id) => Effect.match(cancelRun(tree, run_id, by), { onSuccess: (did) => did, onFailure: () => false }),
        { concurrency: "unbounded" }
      )
      yield* Effect.forEach(
        keysBelow(actors, terminalsPath),
        (terminalId) =>
          commandsOf(tree, terminalId).pipe(
            Effect.flatMap((commands) =>
              Effect.forEach(commands, (command) => stopCommand(command, by.reason), {
                concurrency: "unbounded",
                discard: true
              })
            ),
            Effect.timeout("10 seconds"),
            Effect.ignore
          ),
        { concurrency: "unbounded", discard: true }
      )
      return ok({ success: true, stopped: stopped.filter(Boolean).length })
    })

    const ended = runSentences.ended
    return [
      route("POST", "/runs", start),
      route("GET", "/runs", list),
      route("POST", "/runs/stop-all", stopAll),
      route("GET", "/runs/:run_id", one),
      route("GET", "/runs/:run_id/timeline", timeline),
      route(
        "POST",
        "/runs/:run_id/cancel",
        told(
          byReason((run_id, by) => cancelRun(tree, run_id, by), "asked to"),
          "Run is stopping",
          ended
        )
      ),
      route(
        "POST",
        "/runs/:run_id/pause",
        told(
          byReason((run_id, by) => pauseRun(tree, run_id, by), "asked to"),
          "Run paused",
          "The run is not at work"
        )
      ),
      route(
        "POST",
        "/runs/:run_id/resume",
        told(
          byReason((run_id, by) => resumeRun(tree, run_id, by), "asked to"),
          "Run goes on",
          "The run is not paused"
        )
      ),
      route("POST", "/runs/:run_id/steer", told(steer, "Message sent", ended)),
      route("POST", "/runs/:run_id/retry", again(false)),
      route("POST", "/runs/:run_id/fork", again(true)),
      route("PUT", "/runs/:run_id/plan", told(plan, "Plan taken", ended)),
      route("POST", "/runs/:run_id/budget", told(raise, "Budget set", ended))
    ]
  }
)

const fits = ({ actor_id, agent, parent_run_id }: typeof RunsQuery.Type, started: Event): boolean =>
  isEvent(started, "run.started") &&
  (actor_id === undefined || started.actor_id === actor_id) &&
  (agent === undefined || started.payload.agent === agent) &&
  (parent_run_id === undefined || started.payload.parent_run_id === parent_run_id)

/** By these names the server itself acts: a client is none of them. */
const ownNames = /^(parent|system|budget|rule|deadline|recovery|watcher(:.*)?)$/
const personOf = (user_id: string | null | undefined): string =>
  user_id === null || user_id === undefined || ownNames.test(user_id) ? "user" : user_id

interface Words {
  readonly message: string
}

/** A body may be left out where it says no more than why. */
const bodyOrNone = (context: RequestContext) =>
  Number(context.request.headers["content-length"] ?? 0) === 0 &&
  context.request.headers["transfer-encoding"] === undefined
    ? Effect.succeed<typeof ReasonBody.Type>({})
    : jsonBody(context.request, ReasonBody)

/** What the actors that live below a path are called by. */
const keysBelow = (actors: ReadonlyArray<ActorInfo>, path: string): ReadonlyArray<string> =>
  actors
    .filter((actor) => actor.path.startsWith(path))
    .map((actor) => decodeURIComponent(actor.path.slice(path.length)))

const detail = (summary: RunSummary, state: RunState, ended: Event | null): RunDetail => {
  const { answer, budget, deadline, depth, objective, plan, tasks, tools } = state
  return {
    ...summary,
    // In full, also where the log keeps an excerpt beside the whole.
    objective,
    answer,
    budget,
    deadline,
    depth,
    plan:
      plan === null
        ? null
        : {
            revision: plan.revision,
            by: plan.by,
            parts: plan.parts.map((part) => ({
              ...part,
              status: partStatus(state, part),
              task_id: taskOf(state, part)?.task_id ?? null
            }))
          },
    tasks: tasks.map(({ agent, deadline: until, objective, output, part_id, started_at, status, task_id }) => ({
      task_id,
      part_id,
      agent,
      objective,
      status,
      started_at,
      deadline: until,
      output
    })),
    waiting: tools.filter((tool) => isWaiting(tool)).map((tool) => tool.asked.call_id),
    evidence: ended !== null && isEvent(ended, "run.ended") ? (ended.payload.evidence ?? null) : null
  }
}

const pairOf = (session_id: string | null | undefined, thread_id: string | null | undefined) => {
  const pair = scopePair(session_id, thread_id)
  return Result.isFailure(pair) ? Effect.fail(fail(400, pair.failure)) : Effect.succeed(pair.success)
}

const inWords = (error: Words): HttpFailure => fail(503, error.message)
const wrongWords = (error: Words): HttpFailure => fail(422, error.message)
const asFailure = (error: HttpFailure | Words): HttpFailure => ("status" in error ? error : inWords(error))
