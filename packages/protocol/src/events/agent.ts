/** The registry of agents. */
import * as Schema from "effect/Schema"
import { define } from "../Event.ts"

const AgentEntry = Schema.Struct({
  name: Schema.String,
  description: Schema.String,
  capabilities: Schema.Array(Schema.String),
  tools: Schema.Array(Schema.String),
  model: Schema.NullOr(Schema.String),
  source: Schema.Literals(["built_in", "workspace", "runtime", "remote"]),
  /** Of the file that defines it. */
  hash: Schema.NullOr(Schema.String)
})

export const agentEvents = [
  define("agent.registered", AgentEntry),
  define("agent.updated", AgentEntry),
  define("agent.removed", Schema.Struct({ name: Schema.String, reason: Schema.NullOr(Schema.String) }))
] as const
