/** An event in one row: when, what, whose, and what it says. */
import { type Event, isEvent } from "@choiros/protocol"
import { duration, essential } from "../chat/toolLine.ts"
import { look, type Row, span } from "../text/Span.ts"
import { oneLine } from "../text/sanitize.ts"

const longestSummary = 400

export const eventRow = (event: Event): Row => [
  span(String(event.seq).padStart(6), look.dim),
  span(`  ${timeOf(event.timestamp)}`, look.dim),
  span(`  ${oneLine(event.event_type).padEnd(22)}`, lookOf(event)),
  span(`  ${oneLine(event.actor_id).padEnd(10)}`, look.dim),
  span(`  ${summaryOf(event)}`)
]

/** In the reader's own time zone; the day only where it is not today. */
const timeOf = (timestamp: string): string => {
  const at = new Date(timestamp)
  if (Number.isNaN(at.getTime())) return oneLine(timestamp)
  const two = (value: number) => String(value).padStart(2, "0")
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`
  if (at.toDateString() === new Date().toDateString()) return time
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`
}

const lookOf = (event: Event): string => {
  const { event_type } = event
  if (/(^|[._])(failed|crashed|gave_up|refused)$/.test(event_type)) return look.bad
  if (isEvent(event, "tool.result") && !event.payload.success) return look.bad
  if (isEvent(event, "run.ended") && event.payload.outcome === "failed") return look.bad
  return event_type.startsWith("chat.") ? `${look.bold};${look.accent}` : look.accent
}

const summaryOf = (event: Event): string => {
  const text = wordsOf(event)
  const line = oneLine(text ?? compact(event.payload))
  return line.length > longestSummary ? `${line.slice(0, longestSummary)}…` : line
}

const wordsOf = (event: Event): string | undefined => {
  if (isEvent(event, "chat.user_msg") || isEvent(event, "chat.assistant_msg")) return event.payload.text
  if (isEvent(event, "tool.call")) return `${event.payload.tool_name}  ${essential(event.payload.tool_args)}`
  if (isEvent(event, "tool.result")) {
    const { duration_ms, error, output, success, tool_name } = event.payload
    const time = duration_ms === null ? "" : ` (${duration(duration_ms)})`
    return `${tool_name}${time}  ${success ? (output ?? "") : `failed: ${error ?? output ?? ""}`}`
  }
  if (isEvent(event, "run.started"))
    return `${event.payload.agent} on ${event.payload.model}: ${event.payload.objective}`
  if (isEvent(event, "run.ended")) {
    const { duration_ms, error, outcome, steps } = event.payload
    const how = `${outcome} after ${steps} ${steps === 1 ? "step" : "steps"}, ${duration(duration_ms)}`
    return error === null ? how : `${how}: ${error.message}`
  }
  if (isEvent(event, "model.text")) return event.payload.text
  return undefined
}

/** A payload without braces: `key=value` for what is simple, JSON for the rest. */
const compact = (payload: unknown): string => {
  if (typeof payload !== "object" || payload === null) return JSON.stringify(payload) ?? ""
  return Object.entries(payload)
    .filter(([, value]) => value !== null && value !== "")
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("  ")
}
