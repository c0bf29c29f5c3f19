/** Steps of runs as the tests of this app need them. */
import type { TimelineCall, TimelineStep, TimelineTool } from "@choiros/protocol"

export const time = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + 1_000 * seconds).toISOString()

export const call = (text: string, more: Partial<TimelineCall> = {}): TimelineCall => ({
  call_id: `c ${text}`,
  model: "demo",
  attempt: 1,
  purpose: "step",
  started_at: time(1),
  ended_at: time(2),
  duration_ms: 1_000,
  finish_reason: "stop",
  text,
  reasoning: "",
  input_tokens: 10,
  output_tokens: 5,
  cached_tokens: null,
  cost: 0.01,
  error: null,
  ...more
})

export const step = (number: number, more: Partial<TimelineStep> = {}): TimelineStep => ({
  step: number,
  seq: number,
  started_at: time(10 * number),
  ended_at: time(10 * number + 9),
  finish: "tool_calls",
  messages: [],
  calls: [],
  tools: [],
  notes: [],
  ...more
})

export const note = (seq: number, type: string, payload: unknown): TimelineStep["notes"][number] => ({
  seq,
  at: time(seq),
  type,
  payload
})

/** A call that has begun. */
export const begun = (tool: TimelineTool): TimelineTool => ({ ...tool, started_at: time(3) })
