/**
 * `npm run screenshots`: the pictures of the documentation, taken from the built product with agents at work.
 *
 * Law: what is in a picture has happened; only the model's words come from a script. Needs Chromium, as the tests do.
 */
import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect, Exit, Scope } from "effect"
import { chromium } from "playwright-core"
import { startScriptedModel } from "../packages/sandbox/test/scripted-model/ScriptedModel.ts"
import { pinnedNode } from "./pinnedNode.mjs"
import { ready, root } from "./ready.mjs"
import { agents, asked, names, prices, project, script } from "./screenshotScene.mjs"

const until = async (what, look) => {
  const end = Date.now() + 60_000
  for (;;) {
    const found = await look()
    if (found) return found
    if (Date.now() > end) throw new Error(`It did not happen within a minute: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}

const askOf = (url) => async (path, method, body) => {
  const response = await fetch(`${url}${path}`, {
    method: method ?? "GET",
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } })
  })
  if (!response.ok) throw new Error(`${method ?? "GET"} ${path}: ${await response.text()}`)
  return response.json()
}

/** A server of its own in a folder of its own, with the project in its workspace and the script for a model. */
export const startScene = async (home = mkdtempSync(join(tmpdir(), "choir-pictures-"))) => {
  mkdirSync(join(home, "home"), { recursive: true })
  writeFileSync(join(home, "home/prices.json"), JSON.stringify(prices))
  const scope = await Effect.runPromise(Scope.make())
  const model = await Effect.runPromise(startScriptedModel(script).pipe(Scope.provide(scope)))
  const child = spawn(pinnedNode(root), [join(root, "dist/sandbox.mjs")], {
    cwd: home,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      OLLAMA_HOST: "http://127.0.0.1:1",
      CHOIR_HOME: join(home, "home"),
      CHOIR_MODEL: "openai-compatible/rehearsal",
      CHOIR_MODEL_BASE_URL: model.url,
      CHOIR_MODEL_API_KEY: "of-no-use-elsewhere",
      PORT: "0"
    }
  })
  const over = new Promise((resolve) => child.once("exit", resolve))
  let said = ""
  child.stdout.on("data", (data) => {
    said += data
  })
  const url = await until("the server listens", () => /is at (http:\/\/[^\s/]+)/.exec(said)?.[1])
  const stop = async () => {
    child.kill("SIGTERM")
    await over
    await Effect.runPromise(Scope.close(scope, Exit.void))
    rmSync(home, { recursive: true, force: true })
  }
  return { url, ask: askOf(url), stop, problems: model.problems }
}

/** Asks for all that the pictures show, and waits until each has come as far as it shall; gives the runs by objective. */
export const perform = async ({ ask, url }) => {
  for (const [path, body] of Object.entries(project)) {
    const { status } = await fetch(`${url}/files/upload?${new URLSearchParams({ path })}`, { method: "POST", body })
    if (status !== 200) throw new Error(`${path} was not written: ${status}`)
  }
  for (const agent of agents) await ask("/agents", "POST", agent)
  const phaseOf = async (run_id) => (await ask("/runs?limit=200")).runs.find((one) => one.run_id === run_id)?.phase
  const runs = {}
  for (const { agent, objective, until: phase } of asked) {
    const { run_id } = await ask("/runs", "POST", { actor_id: "me", objective, agent })
    runs[objective] = run_id
    if (phase !== "working") await until(`${objective}: ${phase}`, async () => (await phaseOf(run_id)) === phase)
  }
  await until("the request to delete", async () => (await ask("/approvals")).approvals.length > 0)
  await until("the second edit", async () => (await ask("/events?type=tool.result&limit=500")).events.length >= 17)
  return runs
}

export const openBrowser = (executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium") =>
  chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-background-networking", "--force-color-profile=srgb"]
  })

/** A page as a person's, with everything there; `theme` is what it is drawn in. */
export const openPage = async (
  browser,
  { url },
  { contrast = "normal", height, path = "/", theme = "dark", touch = false, width }
) => {
  const context = await browser.newContext({
    viewport: { width, height },
    hasTouch: touch,
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "UTC"
  })
  await context.addInitScript(
    ([look]) => {
      localStorage.setItem("choiros.set_up", "1")
      localStorage.setItem("choiros.look", look)
    },
    [`${theme} ${contrast}`]
  )
  const page = await context.newPage()
  await page.goto(`${url}${path}`)
  await page.locator("html[data-connection='live']").waitFor({ state: "attached", timeout: 30_000 })
  return page
}

/** Drawn, and at rest: nothing is loading and nothing moves. */
export const settled = async (page) => {
  await page.evaluate(() => document.fonts.ready)
  await page
    .locator("[aria-busy='true']")
    .first()
    .waitFor({ state: "detached" })
    .catch(() => undefined)
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 700)))
}
