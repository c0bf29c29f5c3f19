/**
 * A real Chromium, as a person's: each visitor has a profile of their own.
 *
 * Law: what the page complains of (an error, a breach of its policy, a failed request) fails the test that did not expect it.
 * A missing Chromium is a failure, never a skip.
 */
import { accessSync, constants, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"
import { afterAll, expect } from "vitest"
import { whenOver } from "../support/product.ts"
import { isOfTakenAway } from "./takenAway.ts"

export interface VisitorOptions {
  readonly viewport?: { readonly width: number; readonly height: number }
  readonly touch?: boolean
  /** Device pixels in one of the page's; 1 unless given. */
  readonly scale?: number
  readonly reducedMotion?: boolean
  /** What the page stored on an earlier visit; the first run's steps are over unless this says otherwise. */
  readonly firstRun?: boolean
  /**
   * With the service worker. Otherwise there is none: while one takes charge, requests of the page slip past the test that
   * wants to hold or answer them.
   */
  readonly worker?: boolean
}

export interface Visitor {
  readonly page: Page
  readonly context: BrowserContext
  /** What it complained of so far. */
  readonly problems: () => ReadonlyArray<string>
  /** A complaint that holds this text is meant to happen. */
  readonly expectProblem: (text: string | RegExp) => void
}

const candidates = ["chromium", "chromium-browser", "google-chrome"]

const executable = (): string => {
  const { CHROMIUM_PATH, PATH = "" } = process.env
  if (CHROMIUM_PATH !== undefined) return CHROMIUM_PATH
  for (const folder of PATH.split(delimiter)) {
    for (const name of candidates) {
      try {
        accessSync(join(folder, name), constants.X_OK)
        return join(folder, name)
      } catch {
        // The next one.
      }
    }
  }
  throw new Error("There is no Chromium: install Debian's package chromium, or name one by CHROMIUM_PATH")
}

let launched: Promise<Browser> | null = null

const browser = (): Promise<Browser> => {
  launched ??= chromium.launch({
    executablePath: executable(),
    args: [
      "--no-sandbox",
      "--disable-background-networking",
      "--disable-component-update",
      "--force-color-profile=srgb"
    ]
  })
  return launched
}

afterAll(async () => {
  const running = await launched?.catch(() => null)
  launched = null
  await running?.close()
})

let sights = 0

/** With E2E_LOOK=<folder>: what a page shows at the end of its test is kept there, for who looks why it fails. */
const keepSight = async (page: Page, test: string): Promise<void> => {
  const { E2E_LOOK: folder } = process.env
  if (folder === undefined || page.isClosed()) return
  sights += 1
  const path = join(folder, `${test.replaceAll(/\W+/g, "-").slice(-80)}-${sights}`)
  await page.screenshot({ path: `${path}.png` }).catch(() => undefined)
  writeFileSync(`${path}.txt`, await page.locator("body").ariaSnapshot().catch(String))
}

export const newVisitor = async (options: VisitorOptions = {}): Promise<Visitor> => {
  const context = await (await browser()).newContext({
    viewport: options.viewport ?? { width: 1440, height: 900 },
    hasTouch: options.touch === true,
    deviceScaleFactor: options.scale ?? 1,
    reducedMotion: options.reducedMotion === true ? "reduce" : "no-preference",
    locale: "en-GB",
    timezoneId: "UTC"
  })
  if (options.firstRun !== true) {
    await context.addInitScript(() => {
      // A frame of no origin has none.
      if (globalThis.origin !== "null") localStorage.setItem("choiros.set_up", "1")
    })
  }
  if (options.worker !== true) {
    await context.addInitScript(() => void Reflect.deleteProperty(Navigator.prototype, "serviceWorker"))
  }
  await context.grantPermissions(["clipboard-read", "clipboard-write"])
  // Sooner than the test's own end, so that what was waited for is told.
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  const problems: Array<string> = []
  const expected: Array<string | RegExp> = []
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()} (${message.location().url})`)
  })
  page.on("pageerror", (error) => problems.push(`error: ${error.stack ?? error.message}`))
  page.on("crash", () => problems.push("the page crashed"))
  const refusals: Array<string> = []
  page.on("response", async (response) => {
    if (response.status() < 400) return
    const said = await response.text().catch(() => "")
    refusals.push(`${response.request().method()} ${response.url()}: ${response.status()} ${said.slice(0, 500)}`)
  })
  const isExpected = (problem: string) =>
    isOfTakenAway(problem) ||
    expected.some((one) => (typeof one === "string" ? problem.includes(one) : one.test(problem)))
  const unexpected = () => problems.filter((problem) => !isExpected(problem))
  const { currentTestName = "shared" } = expect.getState()
  whenOver(async () => {
    await keepSight(page, currentTestName)
    await context.close()
    expect(unexpected(), ["what the page complained of", ...refusals].join("\n")).toEqual([])
  })
  return { page, context, problems: () => problems, expectProblem: (text) => expected.push(text) }
}
