/**
 * An agent as a markdown file: front matter that says what it is and may do, and its instructions as the body.
 *
 * Law: a file that is not wholly understood is refused, with the line and the reason. A misspelt permission must never
 * become a missing one.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { type Document, isNode, LineCounter, parseDocument, visit } from "yaml"

const Names = Schema.Array(Schema.String.check(Schema.isMinLength(1)))
const Positive = Schema.Number.check(Schema.isGreaterThan(0))

/** Each list narrows; without it there is no limit of that kind. Paths are globs, event types are topic patterns. */
const Permissions = Schema.Struct({
  paths: Schema.optionalKey(Schema.Struct({ read: Schema.optionalKey(Names), write: Schema.optionalKey(Names) })),
  hosts: Schema.optionalKey(Names),
  events: Schema.optionalKey(Schema.Struct({ read: Schema.optionalKey(Names), write: Schema.optionalKey(Names) })),
  /** Whom it may message. */
  messages: Schema.optionalKey(Names)
})
export type AgentPermissions = typeof Permissions.Type

/** For one run. */
const Budget = Schema.Struct({
  steps: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0))),
  tokens: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0))),
  /** Dollars. */
  usd: Schema.optionalKey(Positive),
  /** Wall time in seconds. */
  seconds: Schema.optionalKey(Positive)
})
export type AgentBudget = typeof Budget.Type

export interface AgentDefinition {
  readonly name: string
  readonly description: string
  /** Null: the model that answers by default. */
  readonly model: string | null
  /** Names of the tools that it has. */
  readonly tools: ReadonlyArray<string>
  readonly permissions: AgentPermissions
  readonly budget: AgentBudget
  /** Names of the agents that it may give work to. */
  readonly delegatesTo: ReadonlyArray<string>
  readonly instructions: string
}

export class AgentFileError extends Schema.TaggedError<AgentFileError>()("AgentFile.Error", {
  /** As it was named to us. */
  file: Schema.String,
  /** Counted from 1. */
  line: Schema.Int,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.file}:${this.line}: ${this.reason}`
  }
}

const FrontMatter = Schema.Struct({
  name: Schema.String.check(
    Schema.isPattern(/^[a-z][a-z0-9-]{0,63}$/, {
      expected: "lower case letters, digits and dashes, beginning with a letter, at most 64"
    })
  ),
  description: Schema.String.check(Schema.isMinLength(1)),
  model: Schema.optionalKey(Schema.NullOr(Schema.String.check(Schema.isMinLength(1)))),
  tools: Schema.optionalKey(Names),
  permissions: Schema.optionalKey(Permissions),
  budget: Schema.optionalKey(Budget),
  delegates_to: Schema.optionalKey(Names)
})
const decode = Schema.decodeUnknownResult(FrontMatter, { onExcessProperty: "error", errors: "all" })
const explain = SchemaIssue.makeFormatterStandardSchemaV1()

/** `file` is what errors call it by. */
export const parseAgentFile = (text: string, file: string): Result.Result<AgentDefinition, AgentFileError> => {
  const refuse = (line: number, reason: string) => Result.fail(new AgentFileError({ file, line, reason }))

  const rows = text.replace(/^\uFEFF/, "").split(/\r?\n/)
  const end = rows.findIndex((row, index) => index > 0 && isFence(row))
  if (!isFence(rows[0] ?? "") || end < 0) {
    return refuse(1, "The file must begin with front matter between two lines of ---.")
  }

  const lines = new LineCounter()
  const document = parseDocument(rows.slice(1, end).join("\n"), { lineCounter: lines, prettyErrors: false })
  // The front matter's first line is the file's second.
  const lineAt = (offset: number) => lines.linePos(offset).line + 1
  const [broken] = document.errors
  if (broken !== undefined)
    return refuse(lineAt(broken.pos[0]), `The front matter is not valid YAML: ${broken.message}`)

  const alias = firstAlias(document)
  if (alias !== null) return refuse(lineAt(alias), "The front matter must not use aliases (*name).")

  const decoded = decode(document.toJS() ?? {})
  if (Result.isFailure(decoded)) {
    const [issue] = explain(decoded.failure.issue).issues
    const path = (issue?.path ?? []).map((step) => (typeof step === "object" ? step.key : step))
    return refuse(
      lineAt(offsetOf(document, path)),
      `${path.map(String).join(".") || "The front matter"}: ${issue?.message}.`
    )
  }

  const { delegates_to = [], model = null, permissions = {}, tools = [], ...rest } = decoded.success
  if (tools.includes("bash") && isNarrowed(permissions)) {
    return refuse(
      lineAt(offsetOf(document, ["permissions"])),
      "An agent with bash has the paths and hosts of the whole jail: take bash from its tools, or paths and hosts from its permissions."
    )
  }
  const instructions = rows
    .slice(end + 1)
    .join("\n")
    .trim()
  if (instructions === "") return refuse(rows.length, "The body is empty: it must hold the agent's instructions.")
  return Result.succeed({
    name: rest.name,
    description: rest.description,
    model,
    tools,
    permissions,
    budget: rest.budget ?? {},
    delegatesTo: delegates_to,
    instructions
  })
}

const isFence = (row: string): boolean => /^---[ \t]*$/.test(row)

const firstAlias = (document: Document): number | null => {
  let offset: number | null = null
  visit(document, {
    Alias: (_, node) => {
      offset = node.range?.[0] ?? 0
      return visit.BREAK
    }
  })
  return offset
}

const isNarrowed = ({ hosts, paths }: AgentPermissions): boolean =>
  hosts !== undefined || paths?.read !== undefined || paths?.write !== undefined

/** Where the deepest node on the path that is there begins. */
const offsetOf = (document: Document, path: ReadonlyArray<PropertyKey>): number => {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range != null) return node.range[0]
  }
  return 0
}
