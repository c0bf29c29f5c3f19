/** The tools that there are, by name, and what a model is told of those that an agent has. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ModelTool } from "../models/Model.ts"
import type { Tool, ToolFailure } from "./Tool.ts"

export class Tools extends Context.Service<
  Tools,
  {
    readonly byName: ReadonlyMap<string, Tool>
    /** Those of these names that exist, in the order of the names. */
    readonly offered: (names: ReadonlyArray<string>) => ReadonlyArray<ModelTool>
    /** SHA-256 of a file as it is now, in hex; null when it is not there. */
    readonly hashOf: (path: string) => Effect.Effect<string | null, ToolFailure>
  }
>()("choiros/sandbox/tools/Tools") {
  static readonly layer = <E, R>(
    make: Effect.Effect<
      { readonly tools: ReadonlyArray<Tool>; readonly hashOf: Tools["Service"]["hashOf"] },
      E,
      R
    >
  ): Layer.Layer<Tools, E, R> =>
    Layer.effect(
      Tools,
      Effect.map(make, ({ hashOf, tools }) => {
        const byName = new Map(tools.map((tool) => [tool.name, tool]))
        return {
          byName,
          hashOf,
          offered: (names) =>
            names.flatMap((name) => {
              const tool = byName.get(name)
              return tool === undefined
                ? []
                : [{ name: tool.name, description: tool.description, parameters: tool.parameters }]
            })
        }
      })
    )
}
