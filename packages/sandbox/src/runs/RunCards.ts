/**
 * Where runs stand, told from the log, and remembered as far as it was read.
 *
 * Law: a card says what the run's events say up to its `last_seq`; what was erased since is not in it.
 */
import type { EventLog, ReadError } from "@choiros/event-log"
import {
  beginChoirCard,
  type ChoirCard,
  choirTopics,
  type Event,
  evolveChoirCard,
  isEvent,
  type RunState
} from "@choiros/protocol"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { inherited } from "./inherited.ts"

/** Cards that are remembered; the one that was asked for least lately goes first. */
const remembered = 1_000

export class RunCards {
  readonly #log: EventLog["Service"]
  readonly #cards = new Map<string, ChoirCard>()
  /** `seq` of the latest erasure. */
  #erased = 0

  constructor(log: EventLog["Service"]) {
    this.#log = log
  }

  /** Drops what an erasure may have taken; before any of a reply's cards is asked for. */
  get refresh(): Effect.Effect<void, ReadError> {
    return Effect.map(this.#log.read({ types: ["system.erased"], order: "desc", limit: 1 }), ([latest]) => {
      const erased = latest?.seq ?? 0
      if (erased !== this.#erased) this.#cards.clear()
      this.#erased = erased
    })
  }

  /** The card of the run that begins with this event; null where that was erased. */
  of(started: Event): Effect.Effect<ChoirCard | null, ReadError> {
    return Effect.gen({ self: this }, function* () {
      const run_id = started.run_id ?? ""
      const begun = this.#cards.get(run_id) ?? (yield* this.#begin(started))
      if (begun === null) return null
      const erased = this.#erased
      const card = yield* this.#log
        .stream({ run_id, types: choirTopics, since_seq: begun.last_seq })
        .pipe(Stream.runFold(() => begun, evolveChoirCard))
      if (erased === this.#erased) this.#remember(card)
      return card
    })
  }

  #begin(started: Event): Effect.Effect<ChoirCard | null, ReadError> {
    if (!isEvent(started, "run.started")) return Effect.succeed(null)
    return Effect.map(inherited(this.#log, started.payload.trigger), ({ plan, tasks, turn_over }) =>
      beginChoirCard(started, {
        parts: plan === null ? null : plan.parts.map(({ id }) => id),
        tasks: tasks.map(toCardTask),
        turn_over
      })
    )
  }

  #remember(card: ChoirCard): void {
    this.#cards.delete(card.run_id)
    this.#cards.set(card.run_id, card)
    const oldest = this.#cards.keys().next()
    if (this.#cards.size > remembered && oldest.done !== true) this.#cards.delete(oldest.value)
  }
}

const toCardTask = ({ agent, part_id, status, task_id }: RunState["tasks"][number]) => ({
  agent,
  part_id,
  status,
  task_id
})
