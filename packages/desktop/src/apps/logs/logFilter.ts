/**
 * What of the log is shown. The computer reads by all of it but the text, which is looked for in what was read.
 *
 * Law: `matches` lets an event through exactly when the computer would, so that what streams in and what is paged in are
 * one list.
 */
import { catalog, type Event, matcher, TopicPattern } from "@choiros/protocol"
import * as Schema from "effect/Schema"

export interface ThreadOf {
  readonly actor_id: string
  readonly session_id: string
  readonly thread_id: string
}

export interface LogFilter {
  /** Families by their first part, as `worker`. */
  readonly families: ReadonlyArray<string>
  /** Patterns over types, as `tool.*`. */
  readonly patterns: ReadonlyArray<string>
  readonly run_id: string | null
  readonly thread: ThreadOf | null
  readonly actor_id: string
  readonly correlation_id: string | null
  readonly text: string
}

export const noFilter: LogFilter = {
  families: [],
  patterns: [],
  run_id: null,
  thread: null,
  actor_id: "",
  correlation_id: null,
  text: ""
}

/** The families that this desktop knows, in the order of the catalog. */
export const families: ReadonlyArray<string> = [
  ...new Set([...catalog.keys()].map((type) => type.split(".")[0] ?? type))
]

const isPattern = Schema.is(TopicPattern)

/** What a person typed, by comma or space; `wrong` is the first that is no pattern. */
export const readPatterns = (
  typed: string
): { readonly patterns: ReadonlyArray<string>; readonly wrong: string | null } => {
  const words = typed.split(/[\s,]+/).filter((word) => word !== "")
  return { patterns: words.filter(isPattern), wrong: words.find((word) => !isPattern(word)) ?? null }
}

/** The actor as the computer takes it: what is still being typed may be no id at all. */
const actorOf = ({ actor_id }: LogFilter): string | null => {
  const actor = actor_id.trim()
  return actor === "" ? null : actor
}

export const typesOf = ({ families, patterns }: LogFilter): ReadonlyArray<string> => [
  ...families.map((family) => `${family}.>`),
  ...patterns
]

/** All that the computer can tell apart, as a query. */
export const paramsOf = (filter: LogFilter): URLSearchParams => {
  const params = new URLSearchParams()
  for (const type of typesOf(filter)) params.append("type", type)
  const one = {
    run_id: filter.run_id,
    actor_id: actorOf(filter) ?? filter.thread?.actor_id ?? null,
    session_id: filter.thread?.session_id ?? null,
    thread_id: filter.thread?.thread_id ?? null,
    correlation_id: filter.correlation_id
  }
  for (const [key, value] of Object.entries(one)) if (value !== null) params.append(key, value)
  return params
}

export const matches = (filter: LogFilter): ((event: Event) => boolean) => {
  const types = typesOf(filter)
  const isOfType = types.length === 0 ? () => true : matcher(types)
  const actor = actorOf(filter) ?? filter.thread?.actor_id ?? null
  const { correlation_id, run_id, thread } = filter
  return (event) =>
    isOfType(event.event_type) &&
    (run_id === null || event.run_id === run_id) &&
    (actor === null || event.actor_id === actor) &&
    (thread === null || (event.session_id === thread.session_id && event.thread_id === thread.thread_id)) &&
    (correlation_id === null || event.correlation_id === correlation_id)
}

/** In the type, the names and the payload, whatever the case. */
export const holdsText = (text: string): ((event: Event) => boolean) => {
  const wanted = text.trim().toLowerCase()
  if (wanted === "") return () => true
  return ({ actor_id, event_type, payload }) =>
    event_type.toLowerCase().includes(wanted) ||
    actor_id.toLowerCase().includes(wanted) ||
    (JSON.stringify(payload) ?? "").toLowerCase().includes(wanted)
}

/** How many things it asks for, beside the text. */
export const partsOf = (filter: LogFilter): number =>
  filter.families.length +
  filter.patterns.length +
  [filter.run_id, filter.thread, actorOf(filter), filter.correlation_id].filter((part) => part !== null).length

/** What a window of the log was opened for. */
export const filterFromProps = (props: Readonly<Record<string, unknown>>): LogFilter => {
  const { run_id, type } = props
  const { patterns } = readPatterns(typeof type === "string" ? type : "")
  return { ...noFilter, patterns, run_id: typeof run_id === "string" && run_id !== "" ? run_id : null }
}
