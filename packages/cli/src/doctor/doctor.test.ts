import { mkdirSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { choir, freePort, startServer, temporaryFolder } from "../../test/product.ts"

const Report = Schema.fromJsonString(
  Schema.Struct({
    ok: Schema.Boolean,
    findings: Schema.Array(
      Schema.Struct({
        name: Schema.String,
        state: Schema.String,
        detail: Schema.String,
        remedy: Schema.optional(Schema.String)
      })
    )
  })
)

const report = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>) =>
  Effect.map(choir(["doctor", "--json", ...args], { env }), ({ code, stdout }) => {
    const { findings, ok } = Schema.decodeUnknownSync(Report)(stdout)
    return { code, ok, stdout, of: (name: string) => findings.find((one) => one.name === name) }
  })

it.live("a server that runs and is well is found; without one the port is free", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const server = yield* startServer()
      const env = { CHOIR_HOME: server.home, CHOIR_JAIL: "none" }
      const well = yield* report(["--url", server.url], env)
      yield* server.kill
      const gone = yield* report(["--url", server.url], env)

      expect(well.of("Server")).toMatchObject({ state: "ok" })
      expect(well.of("Server")?.detail).toContain("is healthy (database ok")
      expect(well.of("CHOIR_HOME")?.detail).toBe(server.home)
      expect(well.of("Node")?.detail).toMatch(/^24\./)
      expect(gone.of("Server")?.detail).toContain("the port is free")
      expect([well.code, well.ok, gone.code, gone.ok]).toEqual([0, true, 0, true])
    })
  )
)

it.live("keys are named and never shown", () =>
  Effect.gen(function* () {
    const env = { ANTHROPIC_API_KEY: "sk-ant-very-secret", CHOIR_MODEL: "openai/gpt-6-luna", CHOIR_JAIL: "none" }
    const { of, stdout } = yield* report(["--url", `127.0.0.1:${yield* freePort}`], env)

    expect(of("Keys")?.detail).toBe("ANTHROPIC_API_KEY")
    expect(of("Model")).toMatchObject({ state: "advised", detail: "openai/gpt-6-luna has no key in this environment" })
    expect(of("Model")?.remedy).toContain("OPENAI_API_KEY")
    expect(stdout).not.toContain("very-secret")
  })
)

it.live("what is needed and missing is said with the way to get it, and the exit code is 1", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      writeFileSync(join(folder, "file"), "")
      mkdirSync(join(folder, "empty"))
      const other = yield* Effect.acquireRelease(
        Effect.promise(
          () =>
            new Promise<ReturnType<typeof createServer>>((done) => {
              const listening = createServer((socket) => {
                // Whoever looks in may go at once.
                socket.on("error", () => {})
                socket.end("220 I am something else\r\n")
              })
              listening.listen(0, "127.0.0.1", () => done(listening))
            })
        ),
        (listening) => Effect.sync(() => listening.close())
      )
      const address = other.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      const env = {
        CHOIR_HOME: join(folder, "file/home"),
        PATH: join(folder, "empty"),
        PORT: String(port),
        CHOIR_JAIL: "none"
      }
      const { code, of, ok } = yield* report([], env)

      expect([code, ok]).toEqual([1, false])
      expect(of("CHOIR_HOME")).toMatchObject({ state: "missing" })
      expect(of("bash")).toMatchObject({ state: "missing", remedy: "apt install bash" })
      expect(of("ripgrep")).toMatchObject({ state: "advised" })
      expect(of("Server")).toMatchObject({
        state: "missing",
        detail: `something else answers at http://127.0.0.1:${port}`
      })
      const { stdout } = yield* choir(["doctor"], { env })
      expect(stdout).toMatch(/^✖ bash {8}not found: agents run commands with it\n {14}→ apt install bash$/m)
      expect(stdout.trimEnd()).toMatch(/3 things are missing\.$/)
    })
  )
)
