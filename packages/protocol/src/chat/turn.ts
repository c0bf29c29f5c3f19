/** One run of a thread, as it grows: its card, its steps, and what its model says right now. */
import { type ChoirCard, evolveCard } from "../choir/card.ts"
import type { Event } from "../Event.ts"
import { type EventPayloads, isEvent } from "../events.ts"
import type { RunPhase } from "../run/phase.ts"
import { TimelineFold, type TimelineStep } from "../run/timeline.ts"
import { type Live, LiveText, nothingLive } from "./live.ts"

export interface TurnItem {
  readonly kind: "turn"
  /** Of this item, the same as long as it is there. */
  readonly id: string
  readonly run_id: string
  /** From 1. A message that is taken up in mid-run stands between two parts of the same run. */
  readonly part: number
  /** Another part of the run comes after this one: how it goes is told there. */
  readonly continued: boolean
  readonly agent: string
  readonly model: string
  readonly trigger: EventPayloads["run.started"]["trigger"]
  readonly phase: RunPhase
  /** Why it is paused, or what went wrong. */
  readonly reason: string | null
  readonly error: EventPayloads["run.ended"]["error"]
  readonly doing: ChoirCard["doing"]
  /** `call_id`s that wait for a person. */
  readonly waiting: ReadonlyArray<string>
  readonly plan: ChoirCard["plan"]
  /** Of this part. */
  readonly steps: ReadonlyArray<TimelineStep>
  readonly answer: { readonly message_id: string; readonly text: string; readonly at: string } | null
  /** What deltas brought beyond what the last call of `steps` holds; empty once that call has ended. */
  readonly live: Live
  readonly evidence: EventPayloads["run.ended"]["evidence"] | null
  readonly started_at: string
  readonly ended_at: string | null
  readonly last_at: string
  /** Of the whole run. */
  readonly spent: ChoirCard["spent"]
}

export interface Asked {
  readonly message_id: string
  readonly text: string
}

interface Part {
  readonly id: string
  /** The index of its first step in the run. */
  readonly from: number
  readonly to: number | null
  item: TurnItem | null
}

export class Turn {
  readonly run_id: string
  /** What it was asked, for who tries it again. */
  readonly asked: Asked
  readonly #steps = new TimelineFold()
  readonly #trigger: EventPayloads["run.started"]["trigger"]
  readonly #started_at: string
  #card: ChoirCard
  #parts: Array<Part>
  #answer: TurnItem["answer"] = null
  #ended: EventPayloads["run.ended"] | null = null
  #call: { readonly call_id: string; readonly text: LiveText; readonly reasoning: LiveText } | null = null

  constructor(card: ChoirCard, started: EventPayloads["run.started"], asked: Asked) {
    this.run_id = card.run_id
    this.asked = asked
    this.#card = card
    this.#trigger = started.trigger
    this.#started_at = card.started_at ?? card.last_at
    this.#parts = [{ id: idOf(card.run_id, 1), from: 0, to: null, item: null }]
  }

  /** Of its last part. */
  get id(): string {
    return this.#parts.at(-1)?.id ?? this.run_id
  }

  get hasEnded(): boolean {
    return this.#ended !== null
  }

  push(event: Event): void {
    this.#steps.push(event)
    this.#card = evolveCard(this.#card, event)
    if (isEvent(event, "model.call_started")) {
      const { call_id, purpose } = event.payload
      this.#call = purpose === "compaction" ? null : { call_id, text: new LiveText(), reasoning: new LiveText() }
    } else if (isEvent(event, "model.text")) {
      const { call_id, kind, offset, text } = event.payload
      if (this.#call?.call_id === call_id) this.#call[kind].stored(offset, text.length)
    } else if (isEvent(event, "model.call_ended")) {
      if (this.#call?.call_id === event.payload.call_id) this.#call = null
    } else if (isEvent(event, "chat.assistant_msg")) {
      const { message_id, text } = event.payload
      this.#answer = { message_id, text, at: event.timestamp }
    } else if (isEvent(event, "run.ended")) {
      this.#ended = event.payload
      this.#call = null
    }
    this.#touch()
  }

  /** Whether it is a delta of the call that is under way here. */
  delta(message_id: string, kind: "text" | "reasoning", offset: number, text: string): boolean {
    if (this.#call?.call_id !== message_id) return false
    const before = this.#call[kind].shown
    this.#call[kind].delta(offset, text)
    const last = this.#parts.at(-1)
    if (last === undefined || this.#call[kind].shown === before) return false
    last.item = null
    return true
  }

  /** Has the step that comes next begin another part; false where the part that is there has none yet. */
  divide(): boolean {
    const last = this.#parts.at(-1)
    const from = this.#steps.length
    if (last === undefined || from <= last.from || this.#steps.slice(from - 1)[0]?.step === 0) return false
    const id = idOf(this.run_id, this.#parts.length + 1)
    this.#parts[this.#parts.length - 1] = { ...last, to: from, item: null }
    this.#parts.push({ id, from, to: null, item: null })
    return true
  }

  item(id: string): TurnItem | null {
    const index = this.#parts.findIndex((part) => part.id === id)
    const part = this.#parts[index]
    if (part === undefined) return null
    part.item ??= this.#make(part, index)
    return part.item
  }

  /** An event of the run changes its last part, and the one whose step it is about. */
  #touch(): void {
    const { changed } = this.#steps
    const last = this.#parts.length - 1
    for (const [index, part] of this.#parts.entries()) {
      if (index === last || (part.from <= changed && changed < (part.to ?? 0))) part.item = null
    }
  }

  #make({ from, id, to }: Part, index: number): TurnItem {
    const { agent, doing, ended_at, last_at, model, phase, plan, reason, spent, waiting } = this.#card
    const common = { kind: "turn" as const, id, run_id: this.run_id, part: index + 1, agent, trigger: this.#trigger }
    const steps = this.#steps.slice(from, to ?? undefined)
    const started_at = index === 0 ? this.#started_at : (steps[0]?.started_at ?? this.#started_at)
    if (to !== null) {
      // What comes of the run is told by its last part, so that this one stays as it is.
      return {
        ...common,
        continued: true,
        model: steps.at(-1)?.calls.at(-1)?.model ?? model,
        phase: "done",
        reason: null,
        error: null,
        doing: null,
        waiting: [],
        plan: null,
        steps,
        answer: null,
        live: nothingLive,
        evidence: null,
        started_at,
        ended_at: steps.at(-1)?.ended_at ?? null,
        last_at: steps.at(-1)?.ended_at ?? started_at,
        spent: { calls: 0, tokens: 0, cost: 0 }
      }
    }
    return {
      ...common,
      continued: false,
      model,
      phase,
      reason,
      error: this.#ended?.error ?? null,
      doing,
      waiting,
      plan,
      steps,
      answer: this.#answer,
      live: this.#live(),
      evidence: this.#ended?.evidence ?? null,
      started_at,
      ended_at,
      last_at,
      spent
    }
  }

  #live(): Live {
    if (this.#call === null) return nothingLive
    const { call_id, reasoning, text } = this.#call
    const live = { message_id: call_id, text: text.shown, reasoning: reasoning.shown }
    return live.text === "" && live.reasoning === "" ? nothingLive : live
  }
}

const idOf = (run_id: string, part: number): string => `turn/${run_id}/${part}`
