/**
 * What has come since the end of a conversation was left, counted as a reader would: messages, thoughts, calls, answers.
 *
 * Law: calls that fold into one line are as many as before, an answer is one however long, and a head or a foot is none.
 */
import type { Row } from "./conversationRows.ts"

const firstChunk = /\/text\/0$/

const thingsOf = (row: Row): ReadonlyArray<string> => {
  switch (row.kind) {
    case "head":
    case "foot":
      return []
    // On its way and arrived it is one.
    case "sending":
      return [row.message.client_message_id]
    case "user":
      return [row.item.client_message_id ?? row.key]
    case "group":
      return row.group.tools.map(({ asked }) => asked.call_id)
    case "text":
      return firstChunk.test(row.key) ? [row.key] : []
    default:
      return [row.key]
  }
}

export const thingsIn = (rows: ReadonlyArray<Row>): ReadonlySet<string> => new Set(rows.flatMap(thingsOf))

/** How many things are in the rows that were not there before. */
export const newSince = (before: ReadonlySet<string>, rows: ReadonlyArray<Row>): number =>
  rows.reduce((sum, row) => sum + thingsOf(row).filter((thing) => !before.has(thing)).length, 0)
