/** What may be meant by the word under the caret. */
import { hasEnded, type PromptContext } from "./context.ts"
import { matchActions, verbs } from "./read.ts"

/** The part of the text that a choice takes the place of. */
export interface Token {
  readonly kind: "verb" | "action" | "model" | "agent" | "mention" | "run" | "file"
  readonly query: string
  readonly from: number
  readonly to: number
}

export interface Suggestion {
  readonly id: string
  readonly label: string
  readonly detail: string
  /** Takes the token's place; an action is run instead. */
  readonly insert: string
  readonly action?: string
}

const most = 8

export const tokenAt = (text: string, caret: number): Token | null => {
  const before = text.slice(0, caret)
  const word = /\S*$/.exec(before)?.[0] ?? ""
  const from = caret - word.length
  const to = caret + (/^\S*/.exec(text.slice(caret))?.[0].length ?? 0)
  if (text.startsWith(">")) return { kind: "action", query: text.slice(1).trim(), from: 0, to: text.length }
  if (text.startsWith("/")) {
    if (from === 0) return { kind: "verb", query: word.slice(1), from, to }
    const verb = /^\/(\w+)\s/.exec(before)?.[1]?.toLowerCase()
    const isFirst = /^\/\w+\s+\S*$/.test(before)
    if (isFirst && verb === "model") return { kind: "model", query: word, from, to }
    if (isFirst && verb === "agent") return { kind: "agent", query: word.replace(/^@/, ""), from, to }
    if (isFirst && (verb === "stop" || verb === "pause" || verb === "resume" || verb === "retry")) {
      return { kind: "run", query: word.replace(/^@(run:)?/, ""), from, to }
    }
  }
  if (text.startsWith("!") || text.startsWith("?")) return null
  if (word.startsWith("@")) return { kind: "mention", query: word.slice(1), from, to }
  if (word.startsWith("#")) return { kind: "file", query: word.slice(1).replaceAll('"', ""), from, to }
  return null
}

/** All but files, which the computer is asked for. */
export const suggestionsFor = (token: Token, context: PromptContext): ReadonlyArray<Suggestion> => {
  const query = token.query.toLowerCase()
  switch (token.kind) {
    case "verb":
      return verbs
        .filter(({ name }) => name.startsWith(query))
        .map(({ does, name, takes }) => ({
          id: name,
          label: `/${name}${takes === "" ? "" : ` ${takes}`}`,
          detail: does,
          insert: takes === "" ? `/${name}` : `/${name} `
        }))
    case "action":
      return matchActions(token.query, context.actions)
        .slice(0, most)
        .map(({ id, title }) => ({ id, label: title, detail: "Command", insert: `>${title}`, action: id }))
    case "model":
      return context.models
        .filter((model) => model.toLowerCase().includes(query))
        .slice(0, most)
        .map((model) => ({ id: model, label: model, detail: "Model", insert: model }))
    case "agent":
      return agents(context, query, "")
    case "run":
      return runs(context, query)
    case "mention":
      return [
        ...agents(context, query, "@"),
        ...runs(context, query.replace(/^run:/, "")),
        ...windows(context, query.replace(/^window:/, ""))
      ].slice(0, 2 * most)
    case "file":
      return steps(context, query)
  }
}

const agents = ({ agents: names }: PromptContext, query: string, sign: string): ReadonlyArray<Suggestion> =>
  names
    .filter((name) => name.startsWith(query))
    .slice(0, most)
    .map((name) => ({ id: `agent ${name}`, label: name, detail: "Agent", insert: `${sign}${name} ` }))

const runs = ({ runs: all }: PromptContext, query: string): ReadonlyArray<Suggestion> =>
  all
    .filter(({ handle, objective }) => handle.includes(query) || objective.toLowerCase().includes(query))
    .toSorted((a, b) => Number(hasEnded(a.phase)) - Number(hasEnded(b.phase)))
    .slice(0, most)
    .map(({ agent, handle, objective, run_id }) => ({
      id: `run ${run_id}`,
      label: objective,
      detail: `Run of ${agent}`,
      insert: `@run:${handle} `
    }))

const windows = ({ windows: all }: PromptContext, query: string): ReadonlyArray<Suggestion> =>
  all
    .filter(({ handle, title }) => handle.includes(query) || title.toLowerCase().includes(query))
    .slice(0, most)
    .map(({ handle, title, window_id }) => ({
      id: `window ${window_id}`,
      label: title,
      detail: "Window",
      insert: `@window:${handle} `
    }))

/** Steps of the run in front are named by their number. */
const steps = ({ focused }: PromptContext, query: string): ReadonlyArray<Suggestion> => {
  const number = /^(?:step:)?(\d{1,4})$/.exec(query)?.[1]
  if (focused === null || number === undefined) return []
  return [{ id: `step ${number}`, label: `Step ${number}`, detail: focused.objective, insert: `#step:${number} ` }]
}

export const inserted = (
  text: string,
  { from, to }: Token,
  insert: string
): { readonly text: string; readonly caret: number } => {
  const after = text.slice(to)
  const kept = insert.endsWith(" ") && after.startsWith(" ") ? after.slice(1) : after
  return { text: `${text.slice(0, from)}${insert}${kept}`, caret: from + insert.length }
}
