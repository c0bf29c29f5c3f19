/** The agents that there are, by name. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { AgentDefinition } from "./AgentFile.ts"

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
  /** The files are read at the first use: their parser has no part in a start. */
  static readonly layer = Layer.effect(
    Agents,
    Effect.gen(function* () {
      const agents = yield* Effect.cached(
        Effect.flatMap(
          Effect.promise(() => import("./builtinAgents.ts")),
          ({ builtinAgents }) => builtinAgents
        )
      )
      return {
        get: Effect.fnUntraced(function* (name: string) {
          const known = yield* agents
          return known.get(name) ?? (yield* new UnknownAgent({ name, known: [...known.keys()] }))
        }),
        names: Effect.map(agents, (known) => [...known.keys()])
      }
    })
  )
}
