/** What is worth saying of a tool call in one line. */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { oneLine } from "../text/sanitize.ts"

/** Arguments that say what a call is about, the most telling first. */
const telling = [
  "command",
  "pattern",
  "query",
  "path",
  "file_path",
  "url",
  "objective",
  "text",
  "name",
  "job_id",
  "call_id"
]

const decodeArgs = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))

/** The essential argument of a call: what is run, read, written or looked for. */
export const essential = (toolArgs: string): string => {
  const args = Option.getOrElse(decodeArgs(toolArgs), (): Readonly<Record<string, unknown>> => ({}))
  const name =
    telling.find((one) => typeof args[one] === "string") ??
    Object.keys(args).find((one) => typeof args[one] === "string")
  const value = name === undefined ? undefined : args[name]
  if (typeof value !== "string") return ""
  const place = name === "pattern" && typeof args.path === "string" ? ` in ${args.path}` : ""
  return oneLine(value + place)
}

/** A time for people; `coarse` shows whole seconds, for what still runs. */
export const duration = (ms: number, grain: "fine" | "coarse" = "fine"): string => {
  if (ms < 1_000 && grain === "fine") return `${Math.round(ms)} ms`
  if (ms < 10_000 && grain === "fine") return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.floor(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
