/**
 * A thread as people read it: what they said, and what came of it, run by run.
 *
 * Law: what was shown live and what is read later is the same: once a call has ended, nothing of its deltas is left but what
 * the events say. An item that changes is another object, the others stay the same ones.
 *
 * A message that a run takes up on its way stands between the steps before it and those after it. What waits for a run of
 * its own stands at the end.
 */
import * as Schema from "effect/Schema"
import { beginCard } from "../choir/card.ts"
import type { Event } from "../Event.ts"
import { type EventOf, type EventPayloads, isEvent } from "../events.ts"
import { type Asked, Turn, type TurnItem } from "./turn.ts"

export interface UserItem {
  readonly kind: "user"
  readonly id: string
  readonly message_id: string
  /** The sender's own name for it. */
  readonly client_message_id: string | null
  readonly text: string
  readonly at: string
  readonly mode: EventPayloads["chat.user_msg"]["mode"] | null
  /** `agent`: another agent asked for this. */
  readonly from: "person" | "agent"
  /** `queued`: waits for a run of its own. `unanswered`: no model is in use, and no run will answer it. */
  readonly state: "taken" | "queued" | "unanswered"
  /** The run that has it. */
  readonly run_id: string | null
  /** The message in whose place it was sent. */
  readonly edited_from: string | null
}

/** What happened beside what was said, in one line. */
export interface NoteItem {
  readonly kind: "note"
  readonly id: string
  /** The type of its event. */
  readonly type: string
  readonly text: string
  readonly at: string
}

export type ConversationItem = UserItem | TurnItem | NoteItem

/** An item, or where it is: a run's parts are made when they are asked for. */
type Entry = UserItem | NoteItem | { readonly kind: "part"; readonly id: string; readonly turn: Turn }

const Delta = Schema.Struct({
  message_id: Schema.String,
  kind: Schema.Literals(["text", "reasoning"]),
  offset: Schema.Int,
  text: Schema.String
})
const decodeDelta = Schema.decodeUnknownOption(Delta)

export class ConversationFold {
  #entries: Array<Entry> = []
  /** Messages that wait for a run of their own: as many entries at the end. */
  #queued = 0
  readonly #turns = new Map<string, Turn>()
  readonly #open = new Set<Turn>()
  /** Runs that were told something that they have not taken up yet. */
  readonly #steered = new Set<string>()
  /** What the thread's latest deletion ended: ids sort as they were made. */
  #deleted = ""
  #seq = 0
  #version = 0
  #items: ReadonlyArray<ConversationItem> = []
  #itemsAt = 0

  /** Counts the changes. */
  get version(): number {
    return this.#version
  }

  /** `seq` of the last event; 0 before the first. */
  get seq(): number {
    return this.#seq
  }

  /** Another array when something has changed since it was asked for, with the same objects for what has not. */
  get items(): ReadonlyArray<ConversationItem> {
    if (this.#itemsAt !== this.#version) {
      this.#items = this.#entries.flatMap((entry): ReadonlyArray<ConversationItem> => {
        if (entry.kind !== "part") return [entry]
        const item = entry.turn.item(entry.id)
        return item === null ? [] : [item]
      })
      this.#itemsAt = this.#version
    }
    return this.#items
  }

  /** An event of the thread; one that was seen changes nothing. */
  push(event: Event): void {
    if (event.seq <= this.#seq) return
    this.#seq = event.seq
    if (event.run_id !== null && event.run_id < this.#deleted) return
    if (this.#apply(event)) this.#version += 1
  }

  /** A `chat.delta` of any thread: those of other threads change nothing. */
  delta(payload: unknown): void {
    if (this.#open.size === 0) return
    const decoded = decodeDelta(payload)
    if (decoded._tag === "None") return
    const { kind, message_id, offset, text } = decoded.value
    for (const turn of this.#open) {
      if (turn.delta(message_id, kind, offset, text)) this.#version += 1
    }
  }

  #apply(event: Event): boolean {
    if (isEvent(event, "chat.thread_deleted")) return this.#clear(event)
    if (isEvent(event, "chat.user_msg")) this.#say(event)
    else if (isEvent(event, "run.started")) this.#begin(event)
    const turn = event.run_id === null ? undefined : this.#turns.get(event.run_id)
    if (turn === undefined) return this.#note(event)
    if (isEvent(event, "run.step_started") && this.#steered.delete(turn.run_id)) this.#divide(turn)
    turn.push(event)
    if (turn.hasEnded) this.#open.delete(turn)
    return true
  }

  #clear(event: Event): true {
    this.#entries = []
    this.#queued = 0
    this.#turns.clear()
    this.#open.clear()
    this.#steered.clear()
    this.#deleted = event.event_id
    return true
  }

  #say(event: EventOf<"chat.user_msg">): void {
    const { client_message_id, message_id, mode, text } = event.payload
    const { run_id } = event
    const waits = run_id === null && mode !== "steer"
    const item: UserItem = {
      kind: "user",
      id: `user/${message_id}`,
      message_id,
      client_message_id,
      text,
      at: event.timestamp,
      mode,
      from: "person",
      state: waits ? "queued" : run_id === null ? "unanswered" : "taken",
      run_id,
      edited_from: null
    }
    if (waits) {
      // What replaces goes before what waits.
      if (mode === "replace") this.#insert(item)
      else this.#entries.push(item)
      this.#queued += 1
    } else {
      this.#insert(item)
      if (run_id !== null && this.#turns.has(run_id)) this.#steered.add(run_id)
    }
  }

  #begin(event: EventOf<"run.started">): void {
    const card = beginCard(event)
    if (card === null || this.#turns.has(card.run_id)) return
    const turn = new Turn(card, event.payload, this.#ask(event, card.run_id))
    this.#turns.set(turn.run_id, turn)
    this.#open.add(turn)
    this.#insert({ kind: "part", id: turn.id, turn })
  }

  /** What the run was asked, shown where nobody has said it in the thread yet. */
  #ask(event: EventOf<"run.started">, run_id: string): Asked {
    const { continues, objective, trigger } = event.payload
    const asked = { message_id: trigger.kind === "message" ? trigger.message_id : run_id, text: objective }
    if (trigger.kind === "message") {
      const at = this.#entries.findLastIndex((one) => one.kind === "user" && one.message_id === trigger.message_id)
      const said = this.#entries[at]
      if (said?.kind === "user") {
        if (at >= this.#entries.length - this.#queued) {
          this.#entries.splice(at, 1)
          this.#queued -= 1
          this.#insert({ ...said, state: "taken", run_id })
        }
        return { message_id: said.message_id, text: said.text }
      }
    }
    const before = trigger.kind === "retry" || trigger.kind === "fork" ? this.#turns.get(trigger.of_run) : undefined
    if (before !== undefined && (continues === true || before.asked.text === objective)) return before.asked
    if (continues === true) {
      this.#insert(noteOf(event, `Goes on from step ${"from_step" in trigger ? trigger.from_step : 1} of another run`))
      return asked
    }
    this.#insert({
      kind: "user",
      id: `user/${asked.message_id}`,
      ...asked,
      client_message_id: null,
      at: event.timestamp,
      mode: null,
      from: trigger.kind === "task" ? "agent" : "person",
      state: "taken",
      run_id,
      edited_from: before?.asked.message_id ?? null
    })
    return asked
  }

  /** What it was told is taken up now: the steps from here on stand below it. */
  #divide(turn: Turn): void {
    if (!turn.divide()) {
      const at = this.#entries.findIndex((one) => one.id === turn.id)
      if (at >= 0) this.#entries.splice(at, 1)
    }
    this.#insert({ kind: "part", id: turn.id, turn })
  }

  /** At the end, but before what waits. */
  #insert(entry: Entry): void {
    this.#entries.splice(this.#entries.length - this.#queued, 0, entry)
  }

  #note(event: Event): boolean {
    const text = noteText(event)
    if (text !== null) this.#insert(noteOf(event, text))
    return text !== null || isEvent(event, "chat.user_msg")
  }
}

type Task = Pick<EventPayloads["worker.task.started"], "command" | "objective" | "task_id">

const noteOf = (event: Event, text: string): NoteItem => ({
  kind: "note",
  id: `note/${event.event_id}`,
  type: event.event_type,
  text,
  at: event.timestamp
})

/** What an event that belongs to no run of the thread says in it; null where it is not told. */
const noteText = (event: Event): string | null => {
  if (isEvent(event, "chat.model_switched")) return `Model: ${event.payload.model}`
  if (isEvent(event, "chat.thread_renamed")) return `Renamed to "${event.payload.title}"`
  if (isEvent(event, "chat.thread_archived")) return event.payload.archived ? "Archived" : "Taken from the archive"
  if (isEvent(event, "chat.compacted")) {
    const { tokens_after, tokens_before } = event.payload
    return `What came before was summed up: about ${tokens_before} tokens became ${tokens_after}`
  }
  if (isEvent(event, "watcher.signal")) return event.payload.message
  if (isEvent(event, "worker.task.started")) return `Task begun: ${taskName(event.payload)}`
  if (isEvent(event, "worker.task.completed")) return `Task done: ${taskName(event.payload)}`
  if (isEvent(event, "worker.task.cancelled")) return `Task stopped: ${taskName(event.payload)}`
  if (isEvent(event, "worker.task.failed")) return `Task failed: ${taskName(event.payload)} (${event.payload.error})`
  return null
}

const taskName = ({ command, objective, task_id }: Task): string => objective ?? command ?? task_id
