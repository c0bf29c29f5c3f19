/** Terminals: one PTY an id. What starts has exactly one exit, also after a crash. */
import * as Schema from "effect/Schema"
import { define } from "../Event.ts"

export const terminalEvents = [
  define(
    "terminal.started",
    Schema.Struct({
      terminal_id: Schema.String,
      shell: Schema.String,
      working_dir: Schema.String,
      process_id: Schema.Int,
      rows: Schema.Int,
      cols: Schema.Int
    })
  ),
  define(
    "terminal.exited",
    Schema.Struct({
      terminal_id: Schema.String,
      exit_code: Schema.NullOr(Schema.Int),
      signal: Schema.NullOr(Schema.String)
    })
  )
] as const
