/**
 * The desktop in a headless Chromium, as a person has it open.
 *
 * Law: each tab is a profile of its own; what the page complains of ends the benchmark, for what is measured then is not the
 * product.
 */
import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from "playwright-core"

export interface Tab {
  readonly page: Page
  readonly context: BrowserContext
  readonly cdp: CDPSession
  readonly close: () => Promise<void>
}

/** Milliseconds: what is waited for comes, however slow the machine is. */
const patience = 180_000

const executable = (): string => {
  const { CHROMIUM_PATH, PATH = "" } = process.env
  if (CHROMIUM_PATH !== undefined) return CHROMIUM_PATH
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    for (const folder of PATH.split(delimiter)) {
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

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: executable(),
    args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
  })

/** A profile that has seen the first steps, and nothing else. */
export const newTab = async (browser: Browser): Promise<Tab> => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  await context.addInitScript(() => localStorage.setItem("choiros.set_up", "1"))
  context.setDefaultTimeout(patience)
  const page = await context.newPage()
  page.on("pageerror", (error) => {
    console.error(error)
    process.exit(1)
  })
  const cdp = await context.newCDPSession(page)
  await cdp.send("Performance.enable")
  return { page, context, cdp, close: () => context.close() }
}

/** `before` runs in the page before anything else of it. */
export const openDesktop = async (browser: Browser, url: string, path = "/", before?: () => void): Promise<Tab> => {
  const tab = await newTab(browser)
  if (before !== undefined) await tab.context.addInitScript(before)
  await tab.page.goto(`${url}${path}`)
  await live(tab.page)
  return tab
}

/** The page has heard all that the log has. */
export const live = (page: Page): Promise<void> =>
  page.locator("html[data-connection='live']").waitFor({ state: "attached" })

/** Bytes of the page's heap that are in use after full collections. */
export const heapOf = async ({ cdp }: Tab): Promise<number> => {
  for (let round = 0; round < 3; round++) await cdp.send("HeapProfiler.collectGarbage")
  const { usedSize } = await cdp.send("Runtime.getHeapUsage")
  return usedSize
}

export interface Used {
  /** Shares of one core, 1 is all of it: processor time of the main thread, time within its tasks, of the whole process. */
  readonly thread: number
  readonly tasks: number
  readonly process: number
}

/** What the tab uses of a core while something goes on. */
export const usedDuring = async ({ cdp }: Tab, work: () => Promise<unknown>): Promise<Used> => {
  const read = async () => {
    const { metrics } = await cdp.send("Performance.getMetrics")
    const of = (name: string): number => {
      const found = metrics.find((metric) => metric.name === name)
      if (found === undefined) throw new Error(`The browser does not tell ${name}`)
      return found.value
    }
    return { at: of("Timestamp"), thread: of("ThreadTime"), tasks: of("TaskDuration"), process: of("ProcessTime") }
  }
  const before = await read()
  await work()
  const after = await read()
  const time = after.at - before.at
  return {
    thread: (after.thread - before.thread) / time,
    tasks: (after.tasks - before.tasks) / time,
    process: (after.process - before.process) / time
  }
}
