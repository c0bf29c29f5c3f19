/** docs/events.md, out of the catalog: `node packages/protocol/test/eventsDoc.ts` writes it, and a test holds it true. */
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { Predicate, Schema } from "effect"
import { catalog, type EventDefinition } from "../src/index.ts"

const file = fileURLToPath(new URL("../../../docs/events.md", import.meta.url))

const head = `# Events

What happened is an event in the log, and everything else is a fold over events. An event is never changed; the one act that takes
anything away is an erasure, which blanks payloads, keeps the envelope, and is itself an event.

## The envelope

| Field | What |
|---|---|
| \`seq\` | place in the log, from 1 without a gap |
| \`event_id\` | a ULID |
| \`timestamp\` | RFC 3339 UTC with milliseconds |
| \`event_type\`, \`version\` | what the payload is; older versions are brought up to date on read, unknown types are kept and shown |
| \`actor_id\`, \`user_id\` | whose it is, and who caused it |
| \`session_id\`, \`thread_id\` | the thread, where there is one |
| \`run_id\` | the run, where there is one |
| \`correlation_id\`, \`causation_id\` | the whole request, and the event that led to this one |
| \`payload\` | see below |

A payload over 64 KiB is kept beside the log: its long strings are cut, and \`$blob\` names the whole (\`{hash, bytes}\`).

Ephemeral topics pass over the same sockets and are not stored: \`chat.delta\` (text as the model says it).

## The types

A field with \`?\` may be absent. What starts has exactly one end, also after a crash.
`

/** The whole page. */
export const eventsDoc = (): string => {
  const families = new Map<string, Array<EventDefinition>>()
  for (const definition of catalog.values()) {
    const family = definition.type.slice(0, definition.type.lastIndexOf("."))
    families.set(family, [...(families.get(family) ?? []), definition])
  }
  const sections = [...families].map(([family, definitions]) => {
    const rows = definitions.map((definition) => `| \`${definition.type}\` | ${fieldsOf(definition)} |`)
    return `### ${family}\n\n| Type | Payload |\n|---|---|\n${rows.join("\n")}\n`
  })
  return `${head}\n${sections.join("\n")}`
}

/** The page as it lies in docs/. */
export const writtenDoc = (): string => readFileSync(file, "utf8")

const fieldsOf = (definition: EventDefinition): string => {
  const { schema } = Schema.toJsonSchemaDocument(definition.payload)
  const properties =
    Predicate.hasProperty(schema, "properties") && Predicate.isObject(schema.properties) ? schema.properties : {}
  const required = Array.isArray(schema.required) ? schema.required : []
  const names = Object.keys(properties).map((name) => `\`${name}\`${required.includes(name) ? "" : "?"}`)
  return names.length === 0 ? "nothing" : names.join(", ")
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, eventsDoc())
