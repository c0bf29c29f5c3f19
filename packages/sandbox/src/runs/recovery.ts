/**
 * After a start: what an earlier process began and did not end is given its end, or goes on.
 *
 * Law: every start has exactly one end, also after a crash. This runs when the jail of the dead server is gone.
 */
import { EventLog } from "@choiros/event-log"
import { Jail } from "@choiros/jail"
import { type Event, isEvent, type NewEvent } from "@choiros/protocol"
import { Tree, worker } from "@choiros/supervision"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { chats } from "../chat/ChatAgent.ts"
import { scopeKey } from "../chat/scope.ts"
import { evolveWork, type OpenWork, workFromSnapshot, workTopics, workToSnapshot } from "./OpenWork.ts"
import { runs } from "./RunActor.ts"

/** Names the fold and the version of its code. */
const snapshotKey = "open-work/1"

/** Events of work between two snapshots of the fold. */
const snapshotEvery = 2_000

/** Closes what was lost, wakes what goes on, then keeps the fold's snapshot young for the next start. */
export const recovery = worker({
  kind: "recovery",
  run: Effect.gen(function* () {
    const log = yield* EventLog
    const tree = yield* Tree
    const jail = yield* Jail
    const saved = workFromSnapshot(yield* log.snapshot.load(snapshotKey))
    // What is appended from here on is this process's own, and not lost.
    const upTo = yield* log.head
    let work = yield* log
      .stream({ types: workTopics, since_seq: saved.seq, before_seq: upTo + 1 })
      .pipe(Stream.runFold(() => saved.work, evolveWork))
    const closing = yield* closings(log, work)
    if (closing.length > 0) yield* log.append(closing)
    // Starting the jail makes sure that nothing of the dead server's still runs; only then may its runs go on.
    if (work.runs.size > 0 || work.queued.size > 0) {
      yield* jail.start.pipe(Effect.catch((error) => Effect.logError("The jail could not be started", error)))
    }
    for (const run_id of work.runs.keys()) {
      yield* tree
        .getOrStart(runs, run_id)
        .pipe(Effect.catch((error) => Effect.logError(`The run ${run_id} could not be resumed`, error)))
    }
    for (const scope of work.queued.values()) {
      yield* tree
        .getOrStart(chats, scopeKey(scope))
        .pipe(Effect.catch((error) => Effect.logError("A queued message could not be taken up", error)))
    }
    let seq = upTo
    let since = 0
    const subscription = yield* log.subscribe({ topics: workTopics, since: upTo })
    while (true) {
      for (const item of yield* subscription.take) {
        if (item._tag !== "Event") continue
        work = evolveWork(work, item.event)
        seq = item.event.seq
        since += 1
      }
      if (since < snapshotEvery) continue
      since = 0
      yield* log.snapshot.save(snapshotKey, seq, workToSnapshot(work))
    }
  })
})

/** Tells a thread's agent that its run has ended, so that what waits in its queue goes on. */
export const runEndings = worker({
  kind: "run-endings",
  run: Effect.gen(function* () {
    const log = yield* EventLog
    const tree = yield* Tree
    const subscription = yield* log.subscribe({ topics: ["run.ended"] })
    while (true) {
      for (const item of yield* subscription.take) {
        if (item._tag !== "Event") continue
        const { actor_id, run_id, session_id, thread_id } = item.event
        if (run_id === null || session_id === null || thread_id === null) continue
        const agent = tree.find(chats, scopeKey({ actor_id, session_id, thread_id }))
        if (agent._tag === "Some") yield* Effect.ignore(agent.value.cast({ _tag: "RunEnded", run_id }))
      }
    }
  })
})

/** A run whose actor was given up gets its end all the same: nothing is "working" for good. */
export const endGivenUp = Effect.fnUntraced(function* (log: EventLog["Service"], run_id: string, cause: string) {
  const events: ReadonlyArray<Event> = yield* log.read({ run_id, types: ["run.started", "run.ended", "chat.user_msg"] })
  const [started] = events
  if (started === undefined || events.some((event) => event.event_type === "run.ended")) return
  const answered = events.flatMap((event) => (isEvent(event, "chat.user_msg") ? [event.payload.message_id] : []))
  yield* log.append([
    {
      ...envelopeOf(started),
      event_type: "run.ended",
      payload: {
        outcome: "failed",
        error: { kind: "gave_up", message: `The run crashed again and again (${cause})` },
        answered,
        steps: 0,
        duration_ms: Math.max(0, (yield* Clock.currentTimeMillis) - Date.parse(started.timestamp))
      }
    } satisfies NewEvent
  ])
})

const envelopeOf = ({ actor_id, correlation_id, run_id, session_id, thread_id, user_id }: Event) => ({
  actor_id,
  user_id,
  session_id,
  thread_id,
  run_id,
  correlation_id
})

const closings = Effect.fnUntraced(function* (log: EventLog["Service"], work: OpenWork) {
  const finished_at = new Date(yield* Clock.currentTimeMillis).toISOString()
  const events: Array<NewEvent> = []
  for (const seq of work.tasks.values()) {
    const [event] = yield* log.read({ since_seq: seq - 1, limit: 1 })
    if (event === undefined || !isEvent(event, "worker.task.started")) continue
    events.push({
      ...envelopeOf(event),
      event_type: "worker.task.failed",
      payload: {
        ...event.payload,
        status: "failed",
        finished_at,
        duration_ms: Math.max(0, Date.parse(finished_at) - Date.parse(event.payload.started_at)),
        exit_code: null,
        error: "interrupted: the server ended while it ran"
      }
    })
  }
  for (const [terminal_id, actor_id] of work.terminals) {
    const payload = { terminal_id, exit_code: null, signal: null }
    events.push({ actor_id, event_type: "terminal.exited", payload })
  }
  return events
})
