/**
 * The scripted model server by itself: `node main.ts [script.json] [--port 0]`. Prints its base URL and serves until it is
 * told to end. Without a script every request is answered with the same sentence.
 */
import { readFileSync } from "node:fs"
import { parseArgs } from "node:util"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Script } from "./Script.ts"
import { startScriptedModel } from "./ScriptedModel.ts"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { port: { type: "string", default: "0" } }
})

const program = Effect.gen(function* () {
  const [file] = positionals
  const json = file === undefined ? '{"default":{}}' : readFileSync(file, "utf8")
  const script = yield* Schema.decodeUnknownEffect(Schema.fromJsonString(Script))(json)
  const server = yield* startScriptedModel(script, { port: Number(values.port), remember: false })
  yield* Console.log(server.url)
  return yield* Effect.never
})

NodeRuntime.runMain(Effect.scoped(program))
