/** What the log is asked for. */
import { type Event, EventsReply, SearchReply } from "@choiros/protocol"
import { get } from "../../client/api.ts"
import type { ReadPage } from "./LogStore.ts"
import { type LogFilter, paramsOf } from "./logFilter.ts"

/** A type may be named more than once, which is why the query is made by hand. */
const withParams = (path: string, params: URLSearchParams): string => (params.size === 0 ? path : `${path}?${params}`)

export const readPage: ReadPage = (params, signal) => get(withParams("/events", params), EventsReply, {}, signal)

export const readEvent = async (event_id: string, signal: AbortSignal): Promise<Event | null> =>
  (await readPage(new URLSearchParams({ event_id, limit: "1" }), signal)).events[0] ?? null

export type SearchOrder = "best" | "newest"

const hitsAtOnce = 50

export const search = (
  filter: LogFilter,
  order: SearchOrder,
  cursor: string | null,
  signal: AbortSignal
): Promise<SearchReply> => {
  const params = paramsOf(filter)
  // The index knows no chains.
  params.delete("correlation_id")
  params.append("q", filter.text)
  params.append("order", order)
  params.append("limit", String(hitsAtOnce))
  if (cursor !== null) params.append("cursor", cursor)
  return get(withParams("/search", params), SearchReply, {}, signal)
}

/** Where all that fits can be had as a file, one event a line. */
export const exportPath = (filter: LogFilter): string => withParams("/events.jsonl", paramsOf(filter))

/** Begins a download, without a page of its own and without holding it in memory. */
export const download = (path: string, name: string): void => {
  const link = document.createElement("a")
  link.href = path
  link.download = name
  link.click()
}
