/** The agents of the product, from the folder `builtin`, which lies beside this module and beside the bundle. */
import { readdirSync, readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type AgentDefinition, parseAgentFile } from "./AgentFile.ts"

const folder = new URL("./builtin/", import.meta.url)

/** By name, in the order of their files. A file that can't be read is a defect of the product. */
export const builtinAgents: Effect.Effect<ReadonlyMap<string, AgentDefinition>> = Effect.sync(() => {
  const agents = readdirSync(folder)
    .filter((file) => file.endsWith(".md"))
    .sort()
    .map((file) => Result.getOrThrow(parseAgentFile(readFileSync(new URL(file, folder), "utf8"), `builtin/${file}`)))
  return new Map(agents.map((agent) => [agent.name, agent]))
})
