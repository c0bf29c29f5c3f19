/**
 * What every model is saying right now, from its first word: a view that opens in the middle of a sentence has all of it.
 *
 * Law: a call's text is kept from its first delta until its end is in the log, and no longer.
 */
import { type Event, isEvent } from "@choiros/protocol"
import * as Schema from "effect/Schema"

export const deltaTopic = "chat.delta"

const isDelta = Schema.is(
  Schema.Struct({ message_id: Schema.String, kind: Schema.String, offset: Schema.Int, text: Schema.String })
)

interface Saying {
  readonly message_id: string
  readonly kind: string
  text: string
}

const saying = new Map<string, Saying>()

export const keepDelta = (payload: unknown): void => {
  if (!isDelta(payload)) return
  const { kind, message_id, offset, text } = payload
  const key = `${message_id}/${kind}`
  const known = saying.get(key)
  // The first that a page hears of a call is the whole of it, from its first word.
  if (offset === 0 && (known === undefined || known.text.length < text.length))
    saying.set(key, { message_id, kind, text })
  else if (known !== undefined && offset === known.text.length) known.text += text
}

export const forgetDeltas = (events: ReadonlyArray<Event>): void => {
  if (saying.size === 0) return
  for (const event of events) {
    if (!isEvent(event, "model.call_ended")) continue
    for (const [key, { message_id }] of saying) if (message_id === event.payload.call_id) saying.delete(key)
  }
}

/** As deltas: one a call and kind, from its beginning. */
export const currentDeltas = (): ReadonlyArray<unknown> => [...saying.values()].map((one) => ({ ...one, offset: 0 }))

/** The stream began anew: what is said now comes again. */
export const forgetAllDeltas = (): void => saying.clear()
