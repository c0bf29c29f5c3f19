/** Names inside of a line: `@agent`, `@run:…`, `@window:…`, `#file`, `#"file with spaces"`. */
import type { PromptContext, RunRef, WindowRef } from "./context.ts"

type Mention =
  | { readonly kind: "agent"; readonly agent: string; readonly rest: string }
  | { readonly kind: "run"; readonly run: RunRef; readonly rest: string }
  | { readonly kind: "window"; readonly window: WindowRef; readonly rest: string }

type Named = Pick<PromptContext, "agents" | "runs" | "windows">

/** Whom a line begins with, where it begins with a name that is known. */
export const leadingMention = (text: string, { agents, runs, windows }: Named): Mention | null => {
  const [, name = "", after = ""] = /^@([^\s,]+)[\s,]*([\s\S]*)$/.exec(text) ?? []
  if (name === "") return null
  const rest = after.trim()
  const [kind, handle] = split(name)
  if (kind === "run") {
    const run = runs.find((one) => one.handle === handle)
    return run === undefined ? null : { kind, run, rest }
  }
  if (kind === "window") {
    const window = windows.find((one) => one.handle === handle)
    return window === undefined ? null : { kind, window, rest }
  }
  return agents.includes(name) ? { kind: "agent", agent: name, rest } : null
}

const split = (name: string): readonly [string, string] => {
  const at = name.indexOf(":")
  return at < 0 ? ["", name] : [name.slice(0, at), name.slice(at + 1)]
}

/** How a file is mentioned. */
export const fileMention = (path: string): string =>
  /[\s"]/.test(path) ? `#"${path.replaceAll('"', "")}"` : `#${path}`

/** A text with mentions behind it. */
export const withMentions = (text: string, mentions: ReadonlyArray<string>): string =>
  mentions.length === 0 ? text : `${text}${text === "" || /\s$/.test(text) ? "" : " "}${mentions.join(" ")} `

type Known = Pick<PromptContext, "runs" | "windows" | "focused">

/**
 * The line as an agent is told it: runs by their id, files by their path, a step by its number. `hearer` is the run that it is
 * said to (null: a new one): to another than the one in front, a step is told with its run.
 */
export const expandMentions = (text: string, { focused, runs, windows }: Known, hearer: string | null): string =>
  text
    .replace(/(?<=^|\s)@run:([^\s,]+)/g, (whole, handle: string) => {
      const run = runs.find((one) => one.handle === handle)
      return run === undefined ? whole : runInWords(run)
    })
    .replace(/(?<=^|\s)@window:([^\s,]+)/g, (whole, handle: string) => {
      const window = windows.find((one) => one.handle === handle)
      return window === undefined ? whole : `the window “${window.title}”`
    })
    .replace(/(?<=^|\s)#"([^"\n]+)"/g, '"$1"')
    .replace(/(?<=^|\s)#step:(\d+)\b/g, (_, number: string) =>
      focused === null || focused.run_id === hearer ? `step ${number}` : `step ${number} of ${runInWords(focused)}`
    )
    // A word after # is a file where it looks like a path: a title of markdown and an issue's number stay.
    .replace(/(?<=^|\s)#([^\s#"]*[./][^\s#"]*)/g, "$1")

const runInWords = ({ objective, run_id }: RunRef): string => `the run ${run_id} (“${objective}”)`
