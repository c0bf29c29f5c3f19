/** What a run's card goes on from: as much of the run as its phase and its doing are told from. */
import * as Schema from "effect/Schema"
import { Budget } from "../events/run.ts"

/** A call of the current step. */
export const CardTool = Schema.Struct({
  call_id: Schema.String,
  verb: Schema.String,
  act: Schema.String,
  object: Schema.String,
  /** RFC 3339: when it was asked for, or began. */
  since: Schema.String,
  /** A person has to decide about it, or has. */
  approval: Schema.NullOr(Schema.Literals(["open", "decided"])),
  /** A person has to answer. */
  asks: Schema.Boolean,
  started: Schema.Boolean,
  done: Schema.Boolean
})
export type CardTool = typeof CardTool.Type

/** Work that it handed out. */
export const CardTask = Schema.Struct({
  task_id: Schema.String,
  part_id: Schema.NullOr(Schema.String),
  agent: Schema.String,
  status: Schema.Literals(["open", "completed", "failed", "cancelled"])
})
export type CardTask = typeof CardTask.Type

export const CardDoing = Schema.Struct({
  verb: Schema.String,
  object: Schema.String,
  /** RFC 3339. */
  since: Schema.String
})
export type CardDoing = typeof CardDoing.Type

const CardCall = Schema.Struct({
  call_id: Schema.String,
  compacts: Schema.Boolean,
  since: Schema.String,
  /** Since when it says something; null as long as it only thinks. */
  writing_since: Schema.NullOr(Schema.String)
})

export const CardPosition = Schema.Struct({
  status: Schema.Literals(["working", "paused", "stopping", "ended"]),
  outcome: Schema.NullOr(Schema.Literals(["done", "done_with_warnings", "failed", "stopped", "interrupted"])),
  call: Schema.NullOr(CardCall),
  /** Its last model call failed, and none has begun since. */
  failed: Schema.Boolean,
  turn_over: Schema.Boolean,
  tools: Schema.Array(CardTool),
  tasks: Schema.Array(CardTask),
  /** Ids of the plan's parts; null without a plan. */
  parts: Schema.NullOr(Schema.Array(Schema.String)),
  /** The step in which it had its first plan. */
  planned_in: Schema.NullOr(Schema.Int),
  /** The end of what it says now, and the line before it. */
  tail: Schema.NullOr(
    Schema.Struct({ call_id: Schema.String, before: Schema.NullOr(Schema.String), text: Schema.String })
  )
})
export type CardPosition = typeof CardPosition.Type

/** What a summary of a run says beside what it always says, so that a card goes on from it as if it had seen all. */
export const RunCard = Schema.Struct({
  /** Of the last event that is folded in. */
  last_seq: Schema.Int,
  last_at: Schema.String,
  budget: Budget,
  doing: Schema.NullOr(CardDoing),
  lines: Schema.Array(Schema.String),
  position: CardPosition
}).annotate({ identifier: "RunCard" })
export type RunCard = typeof RunCard.Type
