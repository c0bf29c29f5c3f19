/** The agents that there are, by name. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { AgentDefinition } from "./AgentFile.ts"
import { builtinAgents } from "./builtinAgents.ts"

export class UnknownAgent extends Schema.TaggedError<UnknownAgent>()("Agents.Unknown", {
  name: Schema.String,
  known: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `There is no agent "${this.name}". There are: ${this.known.join(", ")}`
  }
}

export class Agents extends Context.Service<
  Agents,
  {
    readonly get: (name: string) => Effect.Effect<AgentDefinition, UnknownAgent>
    readonly names: Effect.Effect<ReadonlyArray<string>>
  }
>()("choiros/sandbox/agents/Agents") {
  static readonly layer = Layer.effect(
    Agents,
    Effect.map(builtinAgents, (agents) => ({
      get: (name) => {
        const agent = agents.get(name)
        return agent === undefined
          ? Effect.fail(new UnknownAgent({ name, known: [...agents.keys()] }))
          : Effect.succeed(agent)
      },
      names: Effect.succeed([...agents.keys()])
    }))
  )
}
