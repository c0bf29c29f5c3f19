/**
 * From the request of the page to a desktop that takes what is typed: with nothing in the browser (cold), and on a second
 * visit (warm).
 *
 * Three things are told apart, each from the beginning of the navigation to the frame after it: the prompt is there, the
 * windows are drawn (two of them, of light apps), and the page is live. Interactive is all three. The shell is what a desktop
 * without windows has fetched by then, as it came over the wire: documents, scripts and styles.
 */
import { join } from "node:path"
import type { Page } from "playwright-core"
import { launch, live, newTab } from "../support/browser.ts"
import { Calibration } from "../support/calibration.ts"
import { openWindow } from "../support/desktopData.ts"
import { median, percentile, setting } from "../support/measure.ts"
import { startModel } from "../support/model.ts"
import { temporaryFolder } from "../support/processes.ts"
import { startServer } from "../support/product.ts"
import { milliseconds, report } from "../support/report.ts"

const rounds = setting("ROUNDS", 20)
const limitShell = 200 * 1024
const limits = { cold: 1_500, warm: 500 }

interface Marks {
  readonly prompt: number
  readonly windows: number
  readonly live: number
}
declare global {
  var benchMarks: Promise<Marks>
}

/** Runs in the page before anything else of it. */
const mark = (windows: number) => {
  globalThis.benchMarks = new Promise((resolve) => {
    const seen = new Map<string, number>()
    const signs: ReadonlyArray<readonly [string, () => boolean]> = [
      ["prompt", () => document.querySelector("textarea[aria-label='Ask, or type a command']:enabled") !== null],
      ["windows", () => document.querySelectorAll("[data-window]").length >= windows],
      ["live", () => document.documentElement?.dataset.connection === "live"]
    ]
    const look = () => {
      for (const [name, isThere] of signs) {
        if (seen.has(name) || !isThere()) continue
        seen.set(name, Number.NaN)
        // A frame, and what comes after it.
        requestAnimationFrame(() =>
          setTimeout(() => {
            seen.set(name, performance.now())
            if ([...seen.values()].filter((at) => !Number.isNaN(at)).length < signs.length) return
            observer.disconnect()
            const of = (name: string) => seen.get(name) ?? Number.NaN
            resolve({ prompt: of("prompt"), windows: of("windows"), live: of("live") })
          })
        )
      }
    }
    const observer = new MutationObserver(look)
    observer.observe(document, { subtree: true, childList: true, attributes: true })
  })
}

const fetched = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const size = (entries: ReadonlyArray<PerformanceEntry>) =>
      entries.reduce((sum, one) => sum + (one instanceof PerformanceResourceTiming ? one.encodedBodySize : 0), 0)
    const code = performance.getEntriesByType("resource").filter(({ name }) => /\/assets\/.*\.(js|css)$/.test(name))
    return size(performance.getEntriesByType("navigation")) + size(code)
  })

/** Until the browser has kept what the first visit fetched: a second visit is that of one which has. */
const kept = (page: Page): Promise<unknown> =>
  page.waitForFunction(async () => {
    if (navigator.serviceWorker.controller === null) return false
    const assets = performance.getEntriesByType("resource").filter(({ name }) => name.includes("/assets/"))
    const found = await Promise.all(assets.map(({ name }) => caches.match(name)))
    return found.every((one) => one !== undefined)
  })

const model = await startModel("note.txt")
const product = await startServer(model.said, join(temporaryFolder(), "home"))
const browser = await launch()
const empty = await newTab(browser)
await empty.page.goto(product.url)
await live(empty.page)
const shell = await fetched(empty.page)
await empty.close()

await openWindow(product, { app_id: "inbox", title: "Inbox", x: 900, y: 40 })
await openWindow(product, { app_id: "choir", title: "Choir", x: 40, y: 40, width: 800, height: 600 })

const calibration = new Calibration()
const cold: Array<Marks> = []
const warm: Array<Marks> = []
for (let round = 0; round <= rounds; round++) {
  const tab = await newTab(browser)
  await tab.context.addInitScript(mark, 2)
  const visit = async () => {
    await tab.page.goto(product.url)
    return tab.page.evaluate(() => globalThis.benchMarks)
  }
  const first = await visit()
  await kept(tab.page)
  const second = await visit()
  await tab.close()
  calibration.sample()
  // The first round has the server's own first of everything.
  if (round === 0) continue
  cold.push(first)
  warm.push(second)
}

const line = (name: "cold" | "warm", all: ReadonlyArray<Marks>) => {
  const interactive = all.map((marks) => Math.max(marks.prompt, marks.windows, marks.live))
  const of = (pick: (marks: Marks) => number) => milliseconds(median(all.map(pick)))
  return {
    measure: `interactive, ${name}`,
    measured: `median ${milliseconds(median(interactive))}, p95 ${milliseconds(percentile(interactive, 0.95))}`,
    peer: `prompt ${of(({ prompt }) => prompt)}, windows ${of(({ windows }) => windows)}, live ${of(({ live }) => live)}`,
    limits: [[milliseconds(limits[name]), median(interactive) < limits[name]]] as const
  }
}
report(
  `The desktop in a browser, ${rounds} visits`,
  [
    {
      measure: "shell, gzipped",
      measured: `${(shell / 1024).toFixed(1)} KiB`,
      limits: [["200 KiB", shell <= limitShell]]
    },
    line("cold", cold),
    line("warm", warm)
  ],
  calibration
)
await browser.close()
await product.stop()
await model.stop()
