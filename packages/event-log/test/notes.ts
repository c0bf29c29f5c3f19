/** A small catalog of its own, so that the log is tested without the product's events. */
import { type Catalog, define, type EventDefinition } from "@choiros/protocol"
import * as Schema from "effect/Schema"
import type { NewEvent } from "../src/index.ts"

const written = define("note.written", Schema.Struct({ text: Schema.String, n: Schema.optional(Schema.Int) }))
const erased = define("note.erased", Schema.Struct({ events: Schema.Int }))
const attached = define(
  "file.attached",
  Schema.Struct({ blob: Schema.Struct({ hash: Schema.String, bytes: Schema.Int }) })
)
const pictures = define("paint.picture.drawn", Schema.Struct({ shapes: Schema.Array(Schema.Int) }))
const savedV1 = define("doc.saved", Schema.Struct({ name: Schema.String }))
const savedV3 = define("doc.saved", Schema.Struct({ title: Schema.String, words: Schema.Int }), {
  version: 3,
  upcasts: {
    1: (payload) => ({ title: read(payload, "name") }),
    2: (payload) => ({ title: read(payload, "title"), words: String(read(payload, "title")).split(" ").length })
  }
})
const gone = define("old.thing", Schema.Struct({ kept: Schema.Boolean }))

const read = (payload: unknown, key: string): unknown =>
  typeof payload === "object" && payload !== null ? Reflect.get(payload, key) : undefined

const toCatalog = (definitions: ReadonlyArray<EventDefinition>): Catalog =>
  new Map(definitions.map((definition) => [definition.type, definition]))

export const catalog = toCatalog([written, erased, attached, pictures, savedV3])
/** As the catalog was: `doc.saved` in its first version, and a type that the later one does not know. */
export const olderCatalog = toCatalog([written, erased, attached, pictures, savedV1, gone])

export const note = (text: string, more: Partial<NewEvent> = {}): NewEvent => ({
  event_type: "note.written",
  payload: { text },
  actor_id: "writer",
  ...more
})
