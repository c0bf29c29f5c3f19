/** How a start goes wrong: one clear sentence, and exit 1. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import * as Path from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { ask, type ProductOptions, spawnProduct, startProduct, temporaryFolder } from "./support/product.ts"

const failing = async (options: ProductOptions) => {
  const { ended, output } = spawnProduct(options)
  expect([await ended, output()]).toEqual([1, expect.anything()])
  const lines = output().trim().split("\n")
  expect(lines).toHaveLength(1)
  return lines[0] ?? ""
}

describe("a start that can't be", () => {
  it("names the port that is in use", async () => {
    const busy = createServer()
    await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve))
    onTestFinished(() => void busy.close())
    const address = busy.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    expect(await failing({ env: { PORT: String(port) } })).toBe(
      `Port ${port} on 127.0.0.1 is in use; stop what uses it, or choose another with --port (PORT)`
    )
  })

  it("refuses a second server on one CHOIR_HOME", async () => {
    const { home } = await startProduct()
    expect(await failing({ home })).toMatch(new RegExp(`^Another process is using CHOIR_HOME ${home}`))
  })

  it("names a folder that can't be used", async () => {
    const folder = temporaryFolder()
    writeFileSync(Path.join(folder, "file"), "")
    expect(await failing({ home: Path.join(folder, "file") })).toMatch(
      /^CHOIR_HOME \(.*file\) can't be used: it is not a folder$/
    )
    expect(await failing({ env: { CHOIR_WORKSPACE: Path.join(folder, "none") } })).toMatch(
      /^CHOIR_WORKSPACE .* there is no such folder$/
    )
    const home = Path.join(folder, "home")
    mkdirSync(home)
    expect(await failing({ home, env: { CHOIR_WORKSPACE: folder } })).toMatch(
      /may not contain, equal or lie in CHOIR_HOME/
    )
    chmodSync(folder, 0o755)
  })

  it("names an unknown model, and a model without its key", async () => {
    expect(await failing({ env: { CHOIR_MODEL: "nobody/none" } })).toMatch(/^Unknown model: nobody\/none\. Available: /)
    expect(await failing({ env: { CHOIR_MODEL: "openai/gpt-5" } })).toMatch(/OPENAI_API_KEY/)
  })

  it("does not let a real model work without a jail, unless told so", async () => {
    const env = { CHOIR_MODEL: "openai-compatible/x", CHOIR_MODEL_BASE_URL: "http://127.0.0.1:1/v1" }
    // The kernel takes a socket's path up to 107 bytes, so in this home there can be no jail.
    const home = Path.join(temporaryFolder(), "x".repeat(110))
    expect(await failing({ env, home })).toMatch(
      /^There is no jail around what .*choose a shorter folder.*CHOIR_JAIL=none/
    )
    const told = await startProduct({ home, env: { ...env, CHOIR_JAIL: "none" } })
    expect(told.output()).toContain("NOT ACTIVE")
    expect(await ask(`${told.url}/health`)).toMatchObject({
      status: 200,
      body: { checks: { jail: expect.stringMatching(/^none: /) } }
    })
  })

  it("names a log that is no log", async () => {
    const home = Path.join(temporaryFolder(), "home")
    mkdirSync(home)
    writeFileSync(Path.join(home, "events.db"), "this is not a database, but somebody's diary\n".repeat(200))
    expect(await failing({ home })).toMatch(/events\.db/)
    expect(readFileSync(Path.join(home, "events.db"), "utf8")).toContain("diary")
  })

  it("names a wrong flag or value", async () => {
    expect(await failing({ args: ["--prot", "1"] })).toMatch(/--prot.*--help lists the flags/)
    expect(await failing({ args: ["--port", "many"] })).toMatch(/^--port \(PORT\) must be a number/)
    expect(await failing({ args: ["--jail", "paper"] })).toMatch(/^--jail \(CHOIR_JAIL\) must be one of/)
  })
})

describe("a start", () => {
  it("says where everything is, and honours flags over the environment", async () => {
    const folder = temporaryFolder()
    const home = Path.join(folder, "flagged")
    const database = Path.join(folder, "log.db")
    const product = await startProduct({
      args: ["--home", home, "--model", "off", "--database", database],
      env: { CHOIR_MODEL: "demo" }
    })
    expect(product.output()).toContain(`data       ${home}`)
    expect(product.output()).toContain("model      off")
    expect(product.output()).toMatch(/jail {7}active \(bubblewrap\)/)
    expect(existsSync(database)).toBe(true)
  })

  it("lists its flags, and its version", async () => {
    for (const [args, said] of [
      [["--help"], /--model-base-url.*CHOIR_MODEL_BASE_URL/],
      [["--version"], /^\d+\.\d+\.\d+\n$/]
    ] as const) {
      const { ended, output } = spawnProduct({ args })
      expect(await ended).toBe(0)
      expect(output()).toMatch(said)
    }
  })
})
