/** Frames of a terminal's socket: `info` first, then the scrollback, then live output. */
import * as Schema from "effect/Schema"
import { maybe } from "../maybe.ts"
import { ErrorFrame, Lagged, Ping, Pong } from "./common.ts"

/** Sizes are whole; the server floors them at 2 and ignores 0x0 (a hidden view). */
const Cells = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000 }))

export const TerminalClientFrame = Schema.Union([
  Schema.Struct({ type: Schema.Literal("input"), data: Schema.String }),
  Schema.Struct({ type: Schema.Literal("resize"), rows: Cells, cols: Cells }),
  /** What the client has drawn so far, in bytes: the pace of the slowest attached one bounds the others' backlog. */
  Schema.Struct({ type: Schema.Literal("ack"), offset: Schema.Int }),
  Ping
])
export type TerminalClientFrame = typeof TerminalClientFrame.Type

export const TerminalServerFrame = Schema.Union([
  Schema.Struct({
    type: Schema.Literal("info"),
    terminal_id: Schema.String,
    is_running: Schema.Boolean,
    exit_code: maybe(Schema.Int),
    signal: maybe(Schema.String),
    rows: Schema.optional(Schema.Int),
    cols: Schema.optional(Schema.Int)
  }),
  Schema.Struct({
    type: Schema.Literal("output"),
    data: Schema.String,
    /** Bytes of output since the shell started, up to the end of `data`. */
    offset: Schema.optional(Schema.Int),
    /** True for the serialized screen and scrollback: what is drawn starts anew from it. */
    screen: Schema.optional(Schema.Boolean)
  }),
  Pong,
  Lagged,
  ErrorFrame
])
export type TerminalServerFrame = typeof TerminalServerFrame.Type
