/**
 * The timeline of a run of 10,000 steps: opened, and scrolled.
 *
 * Opening is from the request for its window to the frame that has rows, in a tab that has not read this run yet; its app's
 * code is there (a window of it is open, for a run of one step). When all of its rows are there is told beside it.
 * Scrolling is by the wheel, at a mouse's pace, through all of it.
 */
import { join } from "node:path"
import { launch, openDesktop, type Tab } from "../support/browser.ts"
import { Calibration } from "../support/calibration.ts"
import { ask } from "../support/choir.ts"
import { fillLog, longRun, openWindow } from "../support/desktopData.ts"
import { type Frames, frameLines, joined, traced } from "../support/frames.ts"
import { paced } from "../support/hand.ts"
import { median, percentile, setting } from "../support/measure.ts"
import { startModel } from "../support/model.ts"
import { temporaryFolder } from "../support/processes.ts"
import { startServer } from "../support/product.ts"
import { milliseconds, report, thousands } from "../support/report.ts"

const steps = setting("STEPS", 10_000)
const rounds = setting("ROUNDS", 20)
const scrolls = setting("SCROLLS", 5)
const seconds = setting("SCROLL_SECONDS", 4)
const limitOpen = 300
/** The step itself, its call of the model, its tool. */
const rowsOfStep = 3

const model = await startModel("note.txt")
const home = join(temporaryFolder(), "home")
const short = longRun(1)
const long = longRun(steps)
await fillLog(home, [...short.events, ...long.events])
const product = await startServer(model.said, home)
await openWindow(product, { app_id: "run", title: "Short", props: { run_id: short.run_id, view: "timeline" } })
const browser = await launch()

interface Opened {
  readonly rows: number
  readonly all: number
}

const open = ({ page }: Tab, window_id: string): Promise<Opened> =>
  page.evaluate(
    async ({ least, run_id, window_id }) => {
      const begin = performance.now()
      const until = (isThere: () => boolean) =>
        new Promise<number>((resolve) => {
          const look = () =>
            requestAnimationFrame(() => {
              // After the frame that it is in.
              if (isThere()) setTimeout(() => resolve(performance.now() - begin))
              else look()
            })
          look()
        })
      await fetch("/desktop/main/windows", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ app_id: "run", title: "Long", window_id, props: { run_id, view: "timeline" } })
      })
      const rows = await until(() => document.querySelector(`[data-row^="${run_id}/"]`) !== null)
      const all = await until(() =>
        [...document.querySelectorAll(`[data-window="${window_id}"] span`)].some((one) => {
          const [, count] = /^([\d,]+) rows$/.exec(one.textContent ?? "") ?? []
          return count !== undefined && Number(count.replaceAll(",", "")) >= least
        })
      )
      return { rows, all }
    },
    { least: steps * rowsOfStep, run_id: long.run_id, window_id }
  )

const calibration = new Calibration()
const opened: Array<Opened> = []
for (let round = 0; round <= rounds; round++) {
  const tab = await openDesktop(browser, product.url)
  await tab.page.locator(`[data-row^="${short.run_id}/"]`).first().waitFor()
  const window_id = `long-${round}`
  const times = await open(tab, window_id)
  await tab.close()
  const response = await fetch(`${product.url}/desktop/main/windows/${window_id}`, { method: "DELETE" })
  if (!response.ok) throw new Error(await response.text())
  calibration.sample()
  if (round > 0) opened.push(times)
}

const tab = await openDesktop(browser, product.url)
await open(tab, "scrolled")
const list = tab.page.locator(`[data-window="scrolled"]`).getByRole("list", { name: "Steps" })
const box = await list.boundingBox()
if (box === null) throw new Error("The steps are not on the screen")
await tab.page.mouse.move(box.x + 200, Math.max(200, Math.min(500, box.y + 100)))
const scrolled: Array<Frames> = []
for (let round = 0; round < scrolls; round++) {
  const by = round % 2 === 0 ? 1 : -1
  scrolled.push(
    await traced(browser, tab.page, () =>
      paced(seconds, (share) => tab.page.mouse.wheel(0, by * (share < 0.5 ? 120 : 2_400)))
    )
  )
  calibration.sample()
}
const { runs }: { readonly runs?: unknown } = Object(await ask(product, "/runs"))
if (!Array.isArray(runs)) throw new Error("The server does not answer any more")

const times = (pick: (opened: Opened) => number) => {
  const all = opened.map(pick)
  return `median ${milliseconds(median(all))}, p95 ${milliseconds(percentile(all, 0.95))}`
}
const toRows = median(opened.map(({ rows }) => rows))
report(
  `A timeline of ${thousands(steps)} steps, opened ${rounds} times, scrolled for ${scrolls * seconds} s`,
  [
    {
      measure: "open, to its latest rows",
      measured: times(({ rows }) => rows),
      peer: `all ${thousands(steps * rowsOfStep)} rows: ${times(({ all }) => all)}`,
      limits: [[milliseconds(limitOpen), toRows <= limitOpen]]
    },
    ...frameLines("scroll", joined(scrolled))
  ],
  calibration
)
await tab.close()
await browser.close()
await product.stop()
await model.stop()
