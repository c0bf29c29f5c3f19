import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { startScriptedModel } from "./ScriptedModel.ts"

const ask = (url: string, text: string, more: object = {}) =>
  Effect.promise(async () => {
    const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: text }], ...more })
    const response = await fetch(`${url}/chat/completions`, { method: "POST", body })
    return { status: response.status, text: await response.text() }
  })

it.live("a turn with `when` is taken by its message, others once and in order, then the default", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const server = yield* startScriptedModel({
        turns: [
          { when: { contains: "color" }, answer: { text: "blue for {{user}}" } },
          { answer: { text: "first" } },
          { answer: { text: "second" } }
        ],
        default: { answer: { text: "again" } }
      })
      const said = yield* Effect.forEach(["a", "color 1", "b", "c", "color 2"], (text) => ask(server.url, text))

      const texts = said.map(({ text }) => /"content":"([^"]*)"/.exec(text)?.[1])
      expect(texts).toEqual(["first", "blue for color 1", "second", "again", "blue for color 2"])
    })
  )
)

it.live("a request that is not as expected, or that no turn is left for, is told and remembered", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const server = yield* startScriptedModel({ turns: [{ expect: { tools: ["bash"] } }] })
      const unmet = yield* ask(server.url, "a")
      const tooMany = yield* ask(server.url, "b")

      expect([unmet.status, tooMany.status]).toEqual([400, 400])
      expect(server.problems).toEqual([
        "expected the tools bash, got ",
        'the script has no turn left for: {"role":"user","text":"b"}'
      ])
    })
  )
)

it.live("stands alone: prints its address, follows the script, lists a model", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "scripted-model-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      const script = join(folder, "script.json")
      writeFileSync(script, JSON.stringify({ default: { answer: { text: "from the file" } } }))
      const url = yield* start([script, "--port", "0"])

      const answer = yield* ask(url, "hello", { stream: true })
      const models = yield* Effect.promise(async () => (await fetch(`${url}/models`)).json())

      expect(answer.text).toContain('"content":"from the file"')
      expect(answer.text.trim().endsWith("data: [DONE]")).toBe(true)
      expect(models).toMatchObject({ object: "list", data: [{ id: "scripted" }] })
    })
  )
)

const start = (args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, [fileURLToPath(new URL("./main.ts", import.meta.url)), ...args], {
        stdio: ["ignore", "pipe", "inherit"]
      })
    ),
    (child) =>
      Effect.callback<void>((resume) => {
        if (child.exitCode !== null) return resume(Effect.void)
        child.once("exit", () => resume(Effect.void))
        child.kill()
      })
  ).pipe(
    Effect.flatMap((child) =>
      Effect.callback<string>((resume) => {
        child.stdout.once("data", (data: Buffer) => resume(Effect.succeed(data.toString().trim())))
        child.once("exit", (code) => resume(Effect.die(`the server ended with ${code}`)))
      })
    )
  )
