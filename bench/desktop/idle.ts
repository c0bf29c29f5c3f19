/** What a tab costs that has six windows open and nothing to do, by the browser's own counters. */
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { launch, openDesktop, usedDuring } from "../support/browser.ts"
import { Calibration } from "../support/calibration.ts"
import { beginRun, endOf, listen } from "../support/choir.ts"
import { openWindow } from "../support/desktopData.ts"
import { setting } from "../support/measure.ts"
import { startModel } from "../support/model.ts"
import { temporaryFolder } from "../support/processes.ts"
import { startServer } from "../support/product.ts"
import { report } from "../support/report.ts"

const seconds = setting("IDLE_SECONDS", 30)
const limit = 0.02

const model = await startModel("note.txt")
const product = await startServer(model.said, join(temporaryFolder(), "home"))
const events = await listen(product, ["run.ended"])
const run_id = await beginRun(product, { objective: "Say something.", agent: "chat" })
await events.first(endOf(run_id))
await events.close()

const apps = [
  { app_id: "logs" },
  { app_id: "files" },
  { app_id: "run", props: { run_id } },
  { app_id: "terminal" },
  { app_id: "chat" },
  { app_id: "choir" }
]
const browser = await launch()
const tab = await openDesktop(browser, product.url)
for (const [index, app] of apps.entries()) {
  const window_id = await openWindow(product, {
    ...app,
    title: app.app_id,
    x: (index % 3) * 320,
    y: Math.floor(index / 3) * 200
  })
  await tab.page.locator(`[data-window="${window_id}"]`).waitFor()
}
// What opening has left to do.
await sleep(10_000)
const calibration = new Calibration()
const { process: whole, tasks, thread } = await usedDuring(tab, () => sleep(seconds * 1_000))
for (let sample = 0; sample < 20; sample++) calibration.sample()
const fine = (share: number) => `${(share * 100).toFixed(2)} %`
report(
  `${apps.length} windows and nothing to do, for ${seconds} s`,
  [
    {
      measure: "the tab's whole process",
      measured: `${fine(whole)} of a core`,
      peer: `main thread ${fine(thread)}, its tasks on the clock ${fine(tasks)}`,
      limits: [["2 %", whole < limit]]
    }
  ],
  calibration
)
await tab.close()
await browser.close()
await product.stop()
await model.stop()
