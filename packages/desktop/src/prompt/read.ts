/**
 * What a line of the prompt means.
 *
 * Law: the first character decides, and nothing is sent as anything but what the reading says. A line that begins with a
 * space is words, whatever comes after it.
 */
import { type Cap, capInWords, readCaps } from "./budget.ts"
import { type ActionRef, hasEnded, type PromptContext, type RunRef, type WindowRef } from "./context.ts"
import { leadingMention } from "./mentions.ts"

type Control = "stop" | "pause" | "resume" | "retry"

export type Reading =
  | { readonly kind: "empty" }
  | { readonly kind: "command"; readonly query: string; readonly action: ActionRef | null }
  | { readonly kind: "plan"; readonly objective: string }
  | { readonly kind: "control"; readonly verb: Control; readonly run: RunRef }
  | { readonly kind: "caps"; readonly caps: ReadonlyArray<Cap>; readonly run: RunRef }
  | { readonly kind: "model"; readonly model: string }
  | { readonly kind: "agent"; readonly agent: string }
  | { readonly kind: "help" }
  | { readonly kind: "shell"; readonly command: string }
  | { readonly kind: "search"; readonly query: string }
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "window"; readonly window: WindowRef }
  | {
      readonly kind: "objective"
      readonly text: string
      /** Who answers, where it begins a run. */
      readonly agent: string
      /** The run that it is said to, unless the person wants a new one; null: there is none. */
      readonly run: RunRef | null
      readonly caps: ReadonlyArray<Cap>
    }
  /** Not yet what can be sent; `problem` says what is missing. */
  | { readonly kind: "unclear"; readonly problem: string }

export const verbs: ReadonlyArray<{ readonly name: string; readonly takes: string; readonly does: string }> = [
  { name: "plan", takes: "objective", does: "Plan first, and wait for me" },
  { name: "stop", takes: "@run", does: "Stop the run" },
  { name: "pause", takes: "@run", does: "Pause the run" },
  { name: "resume", takes: "@run", does: "Let the run go on" },
  { name: "retry", takes: "@run", does: "Try the run again" },
  { name: "budget", takes: "2usd 20steps 10min", does: "Cap the run, or a new one" },
  { name: "model", takes: "name", does: "Choose the model of new runs" },
  { name: "agent", takes: "name", does: "Choose who answers new runs" },
  { name: "help", takes: "", does: "What can be typed here" }
]

/** Who looks at an address. */
export const urlAgent = "research"
export const planAgent = "conductor"

export const read = (text: string, context: PromptContext): Reading => {
  const rest = text.slice(1).trim()
  switch (text.charAt(0)) {
    case ">":
      return { kind: "command", query: rest, action: matchActions(rest, context.actions)[0] ?? null }
    case "/":
      return readVerb(rest, context)
    case "!":
      return rest === "" ? unclear("Type a command for the shell") : { kind: "shell", command: rest }
    case "?":
      return { kind: "search", query: rest }
  }
  const words = text.trim()
  if (words === "") return { kind: "empty" }
  if (/^\s/.test(text)) return plainWords(words, context)
  if (/^https?:\/\/\S+$/i.test(words) && URL.canParse(words)) return { kind: "url", url: words }
  return readObjective(words, context)
}

const unclear = (problem: string): Reading => ({ kind: "unclear", problem })

type Objective = Extract<Reading, { readonly kind: "objective" }>

/** For whom they would be if they named nobody. */
const plainWords = (text: string, { answering, focused }: PromptContext, caps: ReadonlyArray<Cap> = []): Objective => ({
  kind: "objective",
  text,
  agent: answering,
  run: focused !== null && !hasEnded(focused.phase) ? focused : null,
  caps
})

const readObjective = (words: string, context: PromptContext, caps: ReadonlyArray<Cap> = []): Reading => {
  const named = leadingMention(words, context)
  const plain = plainWords(words, context, caps)
  switch (named?.kind) {
    case "agent":
      return named.rest === ""
        ? unclear(`What should ${named.agent} do?`)
        : { ...plain, text: named.rest, agent: named.agent, run: null }
    case "run":
      if (named.rest === "") return unclear(`What should be said to “${named.run.objective}”?`)
      return hasEnded(named.run.phase)
        ? unclear(`“${named.run.objective}” has ended: /retry tries it again`)
        : { ...plain, text: named.rest, run: named.run }
    case "window":
      return named.rest === "" ? { kind: "window", window: named.window } : plain
    case undefined:
      return plain
  }
}

const readVerb = (typed: string, context: PromptContext): Reading => {
  const [, name = "", after = ""] = /^(\S*)\s*([\s\S]*)$/.exec(typed) ?? []
  switch (name.toLowerCase()) {
    case "plan":
      return after === "" ? unclear("Type what is to be planned") : { kind: "plan", objective: after }
    case "stop":
    case "pause":
    case "resume":
    case "retry":
      return readControl(name.toLowerCase(), after, context)
    case "budget":
      return readBudget(after, context)
    case "model":
      return readModel(after, context)
    case "agent":
      return readAgent(after.replace(/^@/, ""), context)
    case "help":
      return { kind: "help" }
    case "":
      return unclear("Type a verb: plan, stop, pause, resume, retry, budget, model, agent, help")
    default:
      return unclear(`There is no /${name}. To send it as words, begin with a space`)
  }
}

const isControl = (name: string): name is Control =>
  name === "stop" || name === "pause" || name === "resume" || name === "retry"

const readControl = (verb: string, after: string, context: PromptContext): Reading => {
  if (!isControl(verb)) return unclear(`There is no /${verb}`)
  const named = after === "" ? null : leadingMention(after, context)
  const run = named?.kind === "run" ? named.run : after === "" ? context.focused : null
  if (run === null) {
    return unclear(after === "" ? `No run is in front: name one, as /${verb} @run:…` : `There is no run ${after}`)
  }
  const why = refusal(verb, run)
  return why === null ? { kind: "control", verb, run } : unclear(`“${run.objective}” ${why}`)
}

const refusal = (verb: Control, { phase }: RunRef): string | null => {
  if (verb === "retry") return hasEnded(phase) ? null : "still works: stop it first"
  if (hasEnded(phase)) return "has ended"
  if (phase === "stopping") return "is stopping"
  if (verb === "resume") return phase === "paused" ? null : "is not paused"
  if (verb === "pause") return phase === "paused" ? "is paused" : null
  return null
}

const readBudget = (after: string, context: PromptContext): Reading => {
  const { caps, rest } = readCaps(after)
  if (caps.length === 0) return unclear("Type a cap: 2usd, 50ktokens, 20steps or 10min")
  const named = rest === "" ? null : leadingMention(rest, context)
  if (named?.kind === "run" && named.rest === "") return capRun(caps, named.run)
  if (rest === "") {
    return context.focused === null
      ? unclear(`Then what should be done within ${caps.map(capInWords).join(" and ")}?`)
      : capRun(caps, context.focused)
  }
  const reading = readObjective(rest, { ...context, focused: null }, caps)
  return reading.kind === "objective" && reading.run !== null
    ? unclear("A budget is for a new run: to cap one that works, type nothing after its name")
    : reading
}

const capRun = (caps: ReadonlyArray<Cap>, run: RunRef): Reading =>
  hasEnded(run.phase) ? unclear(`“${run.objective}” has ended`) : { kind: "caps", caps, run }

const readModel = (name: string, { models }: PromptContext): Reading => {
  if (name === "") return unclear("Type the name of a model")
  const found = models.includes(name)
    ? name
    : one(models.filter((model) => model.toLowerCase().includes(name.toLowerCase())))
  // Which models there are may not be known yet: the computer refuses what it does not know.
  if (found === null && models.length > 0) return unclear(`No model, or more than one, is called ${name}`)
  return { kind: "model", model: found ?? name }
}

const readAgent = (name: string, { agents }: PromptContext): Reading => {
  if (name === "") return unclear("Type the name of an agent")
  const found = agents.includes(name) ? name : one(agents.filter((agent) => agent.startsWith(name.toLowerCase())))
  return found === null ? unclear(`There is no agent ${name}`) : { kind: "agent", agent: found }
}

const one = <A>(found: ReadonlyArray<A>): A | null => (found.length === 1 ? (found[0] ?? null) : null)

/** Actions by what is typed of them, the best first. Each word must be there. */
export const matchActions = (query: string, actions: ReadonlyArray<ActionRef>): ReadonlyArray<ActionRef> => {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const rank = ({ title, words: more }: ActionRef): number => {
    const name = title.toLowerCase()
    if (name.startsWith(query.toLowerCase())) return 0
    if (words.every((word) => name.split(/\W+/).some((part) => part.startsWith(word)))) return 1
    return words.every((word) => `${name} ${more.toLowerCase()}`.includes(word)) ? 2 : 3
  }
  return actions
    .map((action, index) => ({ action, index, rank: rank(action) }))
    .filter((one) => one.rank < 3)
    .toSorted((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ action }) => action)
}
