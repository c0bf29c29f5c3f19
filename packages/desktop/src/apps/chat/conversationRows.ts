/**
 * A conversation as rows, each of which is drawn and measured by itself: a head, what was thought, said and done, a foot.
 *
 * Law: a row that has not changed is the same object, and a row keeps its key as long as what it shows is there. Rows are
 * made from the items and what is being sent, and from nothing that is known live alone.
 */
import type { TimelineCall, TimelineStep, TimelineTool } from "@choiros/protocol"
import { type FoldedCalls, foldedCalls } from "../../cards/foldedCalls.ts"
import type { Note } from "../../cards/noteWords.ts"
import { chunksOf, TextChunks } from "../../content/textChunks.ts"
import { begunBy, endedBy, type HandedOut } from "./handedOut.ts"
import type { ConversationItem, NoteItem, TurnItem, UserItem } from "./items.ts"
import type { Outgoing } from "./outbox.ts"

export type Row =
  /** `began`: the run that it led to, where it led to one of its own. */
  | { readonly kind: "user"; readonly key: string; readonly item: UserItem; readonly began: string | null }
  | { readonly kind: "sending"; readonly key: string; readonly message: Outgoing }
  | { readonly kind: "note"; readonly key: string; readonly item: NoteItem }
  | {
      readonly kind: "head"
      readonly key: string
      readonly agent: string
      readonly model: string
      readonly at: string
      readonly run_id: string
      readonly trigger: TurnItem["trigger"]
    }
  | { readonly kind: "thinking"; readonly key: string; readonly text: string; readonly live: boolean }
  | { readonly kind: "text"; readonly key: string; readonly text: string; readonly streaming: boolean }
  | { readonly kind: "call_failed"; readonly key: string; readonly error: NonNullable<TimelineCall["error"]> }
  | {
      readonly kind: "tool"
      readonly key: string
      readonly run_id: string
      readonly tool: TimelineTool
      readonly live: boolean
    }
  | {
      readonly kind: "group"
      readonly key: string
      readonly run_id: string
      readonly group: Extract<FoldedCalls, { readonly kind: "group" }>
    }
  | { readonly kind: "event"; readonly key: string; readonly note: Note }
  | { readonly kind: "task"; readonly key: string; readonly task: HandedOut }
  | { readonly kind: "foot"; readonly key: string; readonly turn: TurnItem }

/** What the turn's head, its foot or a message tells already. */
const toldElsewhere: ReadonlySet<string> = new Set([
  "run.started",
  "run.ended",
  "run.steered",
  "run.cancel_requested",
  "worker.task.progress"
])

interface Segment {
  readonly tools: ReadonlyArray<TimelineTool>
  readonly live: boolean
  readonly rows: ReadonlyArray<Row>
}

export class ConversationRows {
  #rowsOf = new Map<string, { readonly item: ConversationItem; readonly rows: ReadonlyArray<Row> }>()
  readonly #segments = new Map<string, Segment>()
  /** Of the call that is under way in each run. */
  readonly #growing = new Map<string, { readonly call_id: string; readonly chunks: TextChunks }>()
  #before: ReadonlyArray<Row> = []

  of(items: ReadonlyArray<ConversationItem>, sending: ReadonlyArray<Outgoing>): ReadonlyArray<Row> {
    const known = this.#rowsOf
    this.#rowsOf = new Map()
    const began = beganBy(items)
    const rows: Array<Row> = []
    for (const item of items) {
      const before = known.get(item.id)
      const its = item.kind === "user" ? (began.get(item.id) ?? null) : null
      const first = before?.rows[0]
      const same = before?.item === item && (first?.kind !== "user" || first.began === its)
      const made = same ? before.rows : reused(before?.rows ?? [], this.#make(item, its))
      this.#rowsOf.set(item.id, { item, rows: made })
      for (const row of made) rows.push(row)
    }
    for (const message of sending) rows.push({ kind: "sending", key: `sending/${message.client_message_id}`, message })
    this.#before = sameList(this.#before, rows) ? this.#before : rows
    return this.#before
  }

  #make(item: ConversationItem, began: string | null): ReadonlyArray<Row> {
    if (item.kind === "user") return [{ kind: "user", key: item.id, item, began }]
    if (item.kind === "note") return [{ kind: "note", key: item.id, item }]
    return this.#turn(item)
  }

  #turn(turn: TurnItem): ReadonlyArray<Row> {
    const live = turn.ended_at === null
    if (!live || turn.continued) this.#growing.delete(turn.run_id)
    const rows: Array<Row> = []
    if (turn.part === 1) {
      const { agent, model, run_id, started_at, trigger } = turn
      rows.push({ kind: "head", key: `${turn.id}/head`, agent, model, at: started_at, run_id, trigger })
    }
    let tools: Array<TimelineTool> = []
    const close = (): void => {
      rows.push(...this.#tools(turn.run_id, tools, live))
      tools = []
    }
    let said = ""
    for (const step of turn.steps) {
      for (const call of step.calls) {
        const shown = this.#call(turn, call)
        if (shown.length > 0) close()
        rows.push(...shown)
        if (call.text !== "") said = call.text
      }
      tools.push(...step.tools)
      const notes = step.notes.filter(({ type }) => !toldElsewhere.has(type))
      if (notes.length === 0) continue
      close()
      for (const note of notes) addNote(rows, note)
    }
    close()
    if (turn.answer !== null && (said === "" || !turn.answer.text.endsWith(said))) {
      rows.push(...textRows(turn.answer.message_id, chunksOf(turn.answer.text), false))
    }
    if (!turn.continued) rows.push({ kind: "foot", key: `${turn.id}/foot`, turn })
    return rows
  }

  #call(turn: TurnItem, call: TimelineCall): ReadonlyArray<Row> {
    if (call.purpose === "compaction") return []
    const { call_id, error } = call
    const isLive = turn.live.message_id === call_id
    const reasoning = isLive ? call.reasoning + turn.live.reasoning : call.reasoning
    const text = isLive ? call.text + turn.live.text : call.text
    const open = call.ended_at === null && turn.ended_at === null && !turn.continued
    const rows: Array<Row> = []
    if (reasoning.trim() !== "") {
      rows.push({ kind: "thinking", key: `${call_id}/thinking`, text: reasoning, live: open && text === "" })
    }
    if (text.trim() !== "") rows.push(...textRows(call_id, this.#chunks(turn, call_id, text, open), open))
    if (error !== null && error.kind !== "interrupted")
      rows.push({ kind: "call_failed", key: `${call_id}/error`, error })
    return rows
  }

  #chunks({ run_id }: TurnItem, call_id: string, text: string, open: boolean): ReadonlyArray<string> {
    if (!open) return chunksOf(text)
    let growing = this.#growing.get(run_id)
    if (growing?.call_id !== call_id) {
      growing = { call_id, chunks: new TextChunks() }
      this.#growing.set(run_id, growing)
    }
    return growing.chunks.of(text)
  }

  /** Calls of steps that follow each other without a word fold together. */
  #tools(run_id: string, tools: ReadonlyArray<TimelineTool>, live: boolean): ReadonlyArray<Row> {
    const [first] = tools
    if (first === undefined) return []
    const key = first.asked.call_id
    const known = this.#segments.get(key)
    if (known !== undefined && known.live === live && sameList(known.tools, tools)) return known.rows
    const rows = foldedCalls(tools).map((folded): Row => {
      if (folded.kind === "call") {
        return { kind: "tool", key: folded.tool.asked.call_id, run_id, tool: folded.tool, live }
      }
      return { kind: "group", key: `group/${folded.tools[0]?.asked.call_id}`, run_id, group: folded }
    })
    this.#segments.set(key, { tools, live, rows })
    return rows
  }
}

/** Work that was handed out is one row, which its end changes. */
const addNote = (rows: Array<Row>, note: Note): void => {
  const begun = begunBy(note)
  if (begun !== null) {
    rows.push({ kind: "task", key: `task/${begun.task_id}/${note.seq}`, task: begun })
    return
  }
  const ended = endedBy(note)
  for (let at = rows.length - 1; ended !== null && at >= 0; at -= 1) {
    const row = rows[at]
    const task = row?.kind === "task" ? ended(row.task) : null
    if (row?.kind !== "task" || task === null) continue
    rows[at] = { ...row, task }
    return
  }
  rows.push({ kind: "event", key: `note/${note.seq}`, note })
}

const textRows = (id: string, chunks: ReadonlyArray<string>, open: boolean): ReadonlyArray<Row> =>
  chunks.map((text, at) => ({
    kind: "text",
    key: `${id}/text/${at}`,
    text,
    streaming: open && at === chunks.length - 1
  }))

/** The run that each message began; a message that a run took up on its way began none. */
const beganBy = (items: ReadonlyArray<ConversationItem>): ReadonlyMap<string, string> => {
  const began = new Map<string, string>()
  let last: UserItem | null = null
  for (const item of items) {
    if (item.kind === "user") last = item
    else if (item.kind === "turn" && item.part === 1 && last !== null) {
      const { trigger } = item
      const asked = trigger.kind === "message" ? trigger.message_id : item.run_id
      if (asked === last.message_id) began.set(last.id, item.run_id)
    }
  }
  return began
}

const sameList = <A>(one: ReadonlyArray<A>, other: ReadonlyArray<A>): boolean =>
  one.length === other.length && one.every((each, at) => each === other[at])

/** The rows, with the objects from before where they say the same. */
const reused = (before: ReadonlyArray<Row>, rows: ReadonlyArray<Row>): ReadonlyArray<Row> => {
  const known = new Map(before.map((row) => [row.key, row]))
  return rows.map((row) => {
    const old = known.get(row.key)
    return old !== undefined && sameFields(old, row) ? old : row
  })
}

const sameFields = (one: object, other: object): boolean => {
  const fields = Object.entries(one)
  const others = new Map(Object.entries(other))
  return (
    fields.length === others.size &&
    fields.every(([name, value]) => {
      const other = others.get(name)
      return (
        Object.is(value, other) || (name === "task" && isObject(value) && isObject(other) && sameFields(value, other))
      )
    })
  )
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

/** All that was said in a turn, as it is copied. */
export const wordsOfTurn = (turn: TurnItem): string => {
  if (turn.answer !== null) return turn.answer.text
  return turn.steps
    .flatMap(({ calls }) => calls.filter(({ purpose }) => purpose === "step").map(({ text }) => text))
    .concat(turn.live.text)
    .filter((text) => text.trim() !== "")
    .join("\n\n")
}

/** What its last step is numbered; 0 before the first. */
export const lastStepOf = (steps: ReadonlyArray<TimelineStep>): number => steps.at(-1)?.step ?? 0
