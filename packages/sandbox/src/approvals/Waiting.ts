/**
 * The one queue of what waits for a person, whoever asks.
 *
 * Law: it says what the log says at the time it is asked, so who was told that a decision is made sees it made. A restart
 * keeps what waits.
 */
import { type AppendError, EventLog, type ReadError } from "@choiros/event-log"
import {
  evolveWaiting,
  initialWaiting,
  isEvent,
  type WaitingState,
  waitingEventTypes,
  waitingFromSnapshot,
  waitingToSnapshot
} from "@choiros/protocol"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"

export class Waiting extends Context.Service<
  Waiting,
  {
    /** What waits now: every event that is committed is in it. */
    readonly current: Effect.Effect<WaitingState, ReadError>
    /** The same, with the `seq` up to which it is folded. */
    readonly folded: Effect.Effect<{ readonly seq: number; readonly state: WaitingState }, ReadError>
  }
>()("choiros/sandbox/approvals/Waiting") {
  static readonly layer: Layer.Layer<Waiting, never, EventLog> = Layer.effect(
    Waiting,
    Effect.suspend(() => make)
  )
}

/** Names the fold and the version of its code. */
const snapshotKey = "waiting/1"

/** Events between two snapshots of the fold. */
const snapshotEvery = 2_000

const make = Effect.gen(function* () {
  const log = yield* EventLog
  const lock = Semaphore.makeUnsafe(1)
  let known: { readonly seq: number; readonly state: WaitingState } | null = null
  let unsaved = 0

  const load = Effect.map(log.snapshot.load(snapshotKey), (saved) => {
    const state = saved._tag === "Some" ? waitingFromSnapshot(saved.value.state) : undefined
    return saved._tag === "Some" && state !== undefined
      ? { seq: saved.value.seq, state }
      : { seq: 0, state: initialWaiting }
  })

  const catchUp = Effect.gen(function* () {
    const head = yield* log.head
    const from = known ?? (yield* load)
    if (head === from.seq) {
      known = from
      return from
    }
    const folded = yield* log
      .stream({
        types: [...waitingEventTypes, "system.erased"],
        since_seq: from.seq,
        before_seq: head + 1,
        payloads: "full"
      })
      .pipe(
        Stream.runFold(
          () => ({ state: from.state, count: 0, erased: false }),
          ({ count, erased, state }, event) => ({
            state: evolveWaiting(state, event),
            count: count + 1,
            erased: erased || isEvent(event, "system.erased")
          })
        )
      )
    if (folded.erased && from.seq > 0) {
      // What was erased must be gone from here as well: it is read anew.
      known = { seq: 0, state: initialWaiting }
      return null
    }
    const now = { seq: head, state: folded.state }
    known = now
    unsaved += folded.count
    if (unsaved >= snapshotEvery) {
      unsaved = 0
      yield* Effect.catch(log.snapshot.save(snapshotKey, head, waitingToSnapshot(folded.state)), notSaved)
    }
    return now
  })

  const folded = lock.withPermits(1)(
    Effect.gen(function* () {
      for (;;) {
        const now = yield* catchUp
        if (now !== null) return now
      }
    })
  )

  return Waiting.of({ current: Effect.map(folded, ({ state }) => state), folded })
})

/** It only makes the next start slower. */
const notSaved = (error: AppendError) => Effect.logWarning("The queue of approvals could not be saved", error)
