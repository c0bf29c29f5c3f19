/**
 * What a tab costs that shows fifty agents at work, on the Stage of the choir.
 *
 * The agents are real runs on the server; each is told a word every 80 ms by its model, and reads a file after some hundred.
 * Read by the browser's own counters: processor time of the tab's main thread, time within its tasks, and the process.
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { launch, openDesktop, type Used, usedDuring } from "../support/browser.ts"
import { Calibration } from "../support/calibration.ts"
import { beginRun } from "../support/choir.ts"
import { longAnswer, openWindow } from "../support/desktopData.ts"
import { median, setting } from "../support/measure.ts"
import { startScript } from "../support/model.ts"
import { temporaryFolder } from "../support/processes.ts"
import { startServer } from "../support/product.ts"
import { percent, report } from "../support/report.ts"

const agents = setting("AGENTS", 50)
const rounds = setting("ROUNDS", 20)
const seconds = setting("STAGE_SECONDS", 3)
const limit = 0.25
const manySteps = 200

const model = await startScript({
  turns: Array.from({ length: manySteps }, (_, step) => ({
    when: { contains: "a part of the work", step },
    chunks: { size: 12, delay_ms: 80 },
    answer: { text: longAnswer(1_200), tool_calls: [{ name: "read_file", args: { path: `note-${step}.txt` } }] }
  })),
  default: { answer: { text: "Done." } }
})
const home = join(temporaryFolder(), "home")
const product = await startServer(model.said, home)
for (let step = 0; step < manySteps; step++) {
  writeFileSync(join(home, "workspace", `note-${step}.txt`), `Note ${step}.\n`)
}
await openWindow(product, { app_id: "choir", title: "Choir", props: { view: "stage" }, maximized: true })
const browser = await launch()
const tab = await openDesktop(browser, product.url)
for (let index = 0; index < agents; index++) {
  await beginRun(product, {
    objective: `Do a part of the work, number ${index}`,
    agent: "research",
    budget: { steps: 5_000 }
  })
}
const cards = tab.page.getByTestId("choir-stage").locator("[data-run]")
await cards.nth(agents - 1).waitFor({ state: "attached" })

const calibration = new Calibration()
const used: Array<Used> = []
await sleep(3_000)
for (let round = 0; round < rounds; round++) {
  used.push(await usedDuring(tab, () => sleep(seconds * 1_000)))
  calibration.sample()
}
const alive = await tab.page.getByTestId("choir-stage").locator("[data-run]").count()
if (alive < agents) throw new Error(`Only ${alive} of ${agents} agents are on the stage at the end`)

const of = (pick: (used: Used) => number) => median(used.map(pick))
const tasks = of((one) => one.tasks)
const thread = of((one) => one.thread)
report(
  `${agents} agents live on Stage, ${rounds} times ${seconds} s`,
  [
    {
      measure: "the tab's main thread, processor time",
      measured: `${percent(thread)} of a core`,
      peer: `its tasks on the clock: ${percent(tasks)}`,
      limits: [[percent(limit), thread < limit]]
    },
    { measure: "the tab's whole process", measured: `${percent(of((one) => one.process))} of a core` }
  ],
  calibration
)
await tab.close()
await browser.close()
await product.stop()
await model.stop()
