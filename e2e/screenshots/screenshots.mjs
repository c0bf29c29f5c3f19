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
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { chromium } from "playwright-core"
import { nodeMajor, pinnedNode } from "../../scripts/pinnedNode.mjs"
import { run } from "../../scripts/processes.mjs"
import { ready, root } from "../../scripts/ready.mjs"
import { agents, asked, names, prices, project, script } from "./scene.mjs"

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
  const { startScriptedModel } = await import("../../packages/sandbox/test/scripted-model/ScriptedModel.ts")
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

/** Asks for all that the pictures show, and waits until each has come as far as it shall; gives the threads and runs by objective. */
export const perform = async ({ ask, url }) => {
  for (const [path, body] of Object.entries(project)) {
    const { status } = await fetch(`${url}/files/upload?${new URLSearchParams({ path })}`, { method: "POST", body })
    if (status !== 200) throw new Error(`${path} was not written: ${status}`)
  }
  for (const agent of agents) await ask("/agents", "POST", agent)
  const runsNow = async () => (await ask("/runs?limit=200")).runs
  for (const { agent, objective, until: phase } of asked) {
    const { run_id } = await ask("/runs", "POST", { actor_id: "me", objective, agent })
    if (phase === "working") continue
    const stands = async () => (await runsNow()).some((one) => one.run_id === run_id && one.phase === phase)
    await until(`${objective}: ${phase}`, stands)
  }
  await until("the request to delete", async () => (await ask("/approvals")).approvals.length > 0)
  await until("the second edit", async () => {
    const { events } = await ask("/events?type=tool.result&limit=500")
    return events.filter(({ payload }) => payload.tool_name === "edit_file").length >= 3
  })
  return Object.fromEntries((await runsNow()).map((one) => [one.objective.split("\n")[0], one]))
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

const desk = { width: 1440, height: 900 }
const tablet = { width: 1024, height: 768 }
const phone = { width: 360, height: 740, touch: true }
const both = ["dark", "light"]

const whole = (app_id, props = {}) => [{ app_id, props, maximized: true }]
const halves = (left, right) => [
  { ...left, zone: "left" },
  { ...right, zone: "right" }
]

/** What is open in each picture, and the words that say that it is there. */
const picturesOf = (runs) => {
  const choir = { app_id: "choir", props: {} }
  const inbox = { app_id: "inbox", props: {} }
  const run = { app_id: "run", props: { run_id: runs[names.goal].run_id } }
  const build = { app_id: "run", props: { run_id: runs[names.build].run_id } }
  const { session_id, thread_id } = runs[names.explain]
  const chat = { app_id: "chat", props: { actor_id: "me", session_id, thread_id } }
  const asks = "rm -rf build"
  const formula = "official table"
  return [
    { name: "desktop", themes: both, size: desk, windows: halves(choir, build), shows: "One thing before I am done" },
    { name: "choir", themes: both, size: desk, windows: whole("choir"), shows: asks },
    { name: "inbox", themes: both, size: desk, windows: halves(inbox, chat), shows: asks },
    { name: "run", themes: both, size: desk, windows: whole("run", run.props), shows: "Four parts" },
    { name: "chat", themes: both, size: desk, windows: whole("chat", chat.props), shows: formula },
    { name: "terminal", themes: both, size: desk, windows: whole("terminal"), shows: "workspace", act: inTerminal },
    { name: "trace", themes: both, size: desk, windows: whole("trace", run.props), shows: "Open the run" },
    {
      name: "settings",
      themes: both,
      size: desk,
      windows: whole("settings", { section: "permissions" }),
      shows: "Balanced"
    },
    { name: "home", themes: ["light"], size: tablet, windows: [], shows: "What should be done?" },
    { name: "tablet", themes: both, size: tablet, windows: halves(inbox, chat), shows: asks },
    { name: "phone-home", themes: both, size: phone, windows: [], shows: "What should be done?" },
    { name: "phone-inbox", themes: both, size: phone, windows: [inbox], shows: asks },
    { name: "phone-chat", themes: both, size: phone, windows: [chat], shows: formula },
    { name: "phone-choir", themes: both, size: phone, windows: [choir], shows: "Waiting" }
  ]
}

const inTerminal = async (page) => {
  await page.locator(".xterm").click()
  for (const [line, last] of [
    ["clear; ls -l --color=always", "test"],
    ["npm test", "duration_ms"],
    ["node --check src/nowhere.js", "Node.js v"]
  ]) {
    await page.keyboard.type(line)
    await page.keyboard.press("Enter")
    await page.getByText(last).last().waitFor()
    await settled(page)
  }
}

/** One picture of what is open on the desktop, in one theme. */
const take = async (browser, scene, { act, name, shows, size, windows }, theme) => {
  const { ask } = scene
  const { desktop } = await ask("/desktop/main")
  for (const { id } of desktop.windows) await ask(`/desktop/main/windows/${id}`, "DELETE")
  await ask("/user/me/preferences", "PATCH", { theme })
  for (const one of windows) await ask("/desktop/main/windows", "POST", { title: one.app_id, ...one })
  const page = await openPage(browser, scene, { ...size, theme })
  await page.getByText(shows).first().waitFor()
  if (act !== undefined) await act(page)
  await settled(page)
  await page.screenshot({ path: join(root, `docs/images/${name}-${theme}.png`) })
  await page.context().close()
}

/** All of them, or those that are named. */
const main = async (wanted) => {
  await ready()
  const node = pinnedNode(root)
  // The scripted model is TypeScript, which an older Node does not read.
  if (Number.parseInt(process.versions.node, 10) < nodeMajor)
    return run(node, [fileURLToPath(import.meta.url), ...wanted])
  mkdirSync(join(root, "docs/images"), { recursive: true })
  const scene = await startScene()
  const browser = await openBrowser()
  try {
    const pictures = picturesOf(await perform(scene)).filter(({ name }) => wanted.length === 0 || wanted.includes(name))
    for (const picture of pictures) {
      for (const theme of picture.themes) await take(browser, scene, picture, theme)
      console.log(picture.name)
    }
    if (scene.problems.length > 0) throw new Error(scene.problems.join("\n"))
    return 0
  } finally {
    await browser.close()
    await scene.stop()
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2))
