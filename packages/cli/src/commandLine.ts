/**
 * The command line: arguments by a command's own description, and help in words.
 *
 * Law: what is wrong is said in one sentence, on stderr, with the way to the right command; the exit code is 2.
 */
import { parseArgs } from "node:util"
import { type CommandSpec, commands, type Flag } from "./commands.ts"

export class UsageError extends Error {}

export const parse = <const S extends CommandSpec>(spec: S, args: ReadonlyArray<string>) => {
  const options: S["flags"] = spec.flags
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(`${inWords(error, spec)} \`choir ${spec.name} --help\` shows how.`)
  }
}

const inWords = (error: unknown, spec: CommandSpec): string => {
  const code = error instanceof Error && "code" in error ? error.code : undefined
  const message = error instanceof Error ? error.message : String(error)
  const flag = /'(-{1,2}[^\s',]+)/.exec(message)?.[1] ?? ""
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") return `choir ${spec.name} has no flag ${flag}.`
  if (code === "ERR_PARSE_ARGS_INVALID_OPTION_VALUE") {
    const named = /--([\w-]+)/.exec(message)?.[1] ?? ""
    return spec.flags[named]?.type === "boolean" ? `--${named} takes no value.` : `--${named} needs a value.`
  }
  return message
}

/** A whole number that a flag gives; undefined where it was not given. */
export const wholeNumber = (name: string, text: string | undefined, minimum = 0): number | undefined => {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!/^\d{1,15}$/.test(text) || value < minimum) {
    throw new UsageError(
      `--${name} must be a whole number${minimum > 0 ? ` of at least ${minimum}` : ""}, not "${text}".`
    )
  }
  return value
}

export const noPositionals = (spec: CommandSpec, positionals: ReadonlyArray<string>): void => {
  const [first] = positionals
  if (first !== undefined) {
    throw new UsageError(
      `choir ${spec.name} takes flags only, not "${first}". \`choir ${spec.name} --help\` shows how.`
    )
  }
}

export const overview = (): string =>
  [
    "choir: an operating system for a choir of agents",
    "",
    "Usage: choir COMMAND [flags]",
    "",
    ...table(commands.map(({ name, summary }) => [name, summary])),
    "",
    "`choir COMMAND --help` shows a command's flags and examples; `choir --version` the version.",
    "All but up and doctor talk to a server that runs: start one with `npm start`. In a checkout the command is `npx choir`."
  ].join("\n")

export const helpOf = (spec: CommandSpec): string =>
  [
    `Usage: ${spec.usage}`,
    "",
    ...fill(spec.about, 100),
    "",
    ...table(Object.entries(spec.flags).map(([name, flag]) => [flagName(name, flag), flag.help])),
    "",
    "Examples",
    ...table(spec.examples)
  ].join("\n")

const flagName = (name: string, flag: Flag): string =>
  `${flag.short === undefined ? "" : `-${flag.short}, `}--${name}${flag.value === undefined ? "" : ` ${flag.value}`}`

const table = (rows: ReadonlyArray<readonly [string, string]>): ReadonlyArray<string> => {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}   ${right}`)
}

const fill = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = [""]
  for (const word of text.split(" ")) {
    const last = lines.length - 1
    const line = lines[last] ?? ""
    if (line !== "" && line.length + 1 + word.length > width) lines.push(word)
    else lines[last] = line === "" ? word : `${line} ${word}`
  }
  return lines
}
