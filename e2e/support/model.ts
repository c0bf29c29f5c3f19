/** The scripted model, for as long as a test runs. */
import { Effect, Exit, Scope } from "effect"
import { onTestFinished } from "vitest"
import type { Script } from "../../packages/sandbox/test/scripted-model/Script.ts"
import { startScriptedModel } from "../../packages/sandbox/test/scripted-model/ScriptedModel.ts"

export const scripted = async (script: Script) => {
  const scope = await Effect.runPromise(Scope.make())
  onTestFinished(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  const server = await Effect.runPromise(startScriptedModel(script).pipe(Scope.provide(scope)))
  return {
    server,
    request: (index: number) => Effect.runPromise(server.request(index)),
    env: {
      CHOIR_MODEL: "openai-compatible/scripted",
      CHOIR_MODEL_BASE_URL: server.url,
      CHOIR_MODEL_API_KEY: "sk-scripted-key"
    }
  }
}
