/** Bodies and sentences of the terminal routes. Their failures are `{"error": …}` alone. */
import * as Schema from "effect/Schema"
import { ClientId } from "../Id.ts"

export const TerminalCreatedReply = Schema.Struct({
  terminal_id: Schema.String,
  status: Schema.Literal("created")
})
export type TerminalCreatedReply = typeof TerminalCreatedReply.Type

export const TerminalInfoReply = Schema.Struct({
  terminal_id: Schema.String,
  user_id: Schema.String,
  shell: Schema.String,
  working_dir: Schema.String,
  is_running: Schema.Boolean,
  exit_code: Schema.NullOr(Schema.Int),
  process_id: Schema.NullOr(Schema.Int),
  rows: Schema.Int,
  cols: Schema.Int
})
export type TerminalInfoReply = typeof TerminalInfoReply.Type

export const TerminalStoppedReply = Schema.Struct({
  terminal_id: Schema.String,
  status: Schema.Literal("stopped")
})
export type TerminalStoppedReply = typeof TerminalStoppedReply.Type

/** Ended where nothing ran in it; else its shell goes on until that has ended. */
export const TerminalLeftReply = Schema.Struct({
  terminal_id: Schema.String,
  status: Schema.Literals(["stopped", "kept"])
})
export type TerminalLeftReply = typeof TerminalLeftReply.Type

/** One of the list, with what its shell says of itself (OSC 0 and 7): words of others. */
const ListedTerminal = Schema.Struct({
  ...TerminalInfoReply.fields,
  title: Schema.NullOr(Schema.String),
  folder: Schema.NullOr(Schema.String)
})

export const TerminalsReply = Schema.Struct({ terminals: Schema.Array(ListedTerminal) })
export type TerminalsReply = typeof TerminalsReply.Type

/** Of the socket's address. A missing `user_id` is 400 before the upgrade. */
export const TerminalSocketQuery = Schema.Struct({
  user_id: ClientId,
  shell: Schema.optional(Schema.String),
  working_dir: Schema.optional(Schema.String)
})

export const initialTerminalSize = { rows: 24, cols: 80 } as const

export const terminalSentences = {
  unknownMessage: "Unknown message type",
  userRequired: "user_id is required",
  shellRefused: (shell: string, allowed: ReadonlyArray<string>) =>
    `Shell not allowed: ${shell}. Allowed: ${allowed.join(", ")}`,
  directoryRefused: (directory: string) => `Not a folder of the workspace: ${directory}`
} as const
