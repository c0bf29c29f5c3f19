/**
 * A page that was cut off while 5,000 events were written, and comes back.
 *
 * The events are those of real runs. Timed within the page, from the opening of the socket to the
 * moment that the desktop calls itself live. Each event's number is counted as it comes over the socket, and held against
 * the log; what the desktop says that it has replayed is held against both.
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { launch, live, openDesktop } from "../support/browser.ts"
import { layCable } from "../support/cable.ts"
import { Calibration } from "../support/calibration.ts"
import { ask, beginRun, endOf, listen } from "../support/choir.ts"
import { openWindow } from "../support/desktopData.ts"
import { median, percentile, setting } from "../support/measure.ts"
import { startScript } from "../support/model.ts"
import { temporaryFolder } from "../support/processes.ts"
import { startServer } from "../support/product.ts"
import { milliseconds, report, thousands } from "../support/report.ts"

const missed = setting("MISSED", 5_000)
const rounds = setting("ROUNDS", 20)
const limit = 1_000
const calls = 30
const atOnce = 6

const model = await startScript({
  turns: Array.from({ length: calls }, (_, step) => ({
    when: { contains: "read the notes", step },
    answer: { tool_calls: [{ name: "read_file", args: { path: `note-${step}.txt` } }] }
  })),
  default: { answer: { text: "All of them are read." } }
})
const home = join(temporaryFolder(), "home")
const product = await startServer(model.said, home)
for (let step = 0; step < calls; step++) writeFileSync(join(home, "workspace", `note-${step}.txt`), `Note ${step}.\n`)
await openWindow(product, { app_id: "choir", title: "Choir" })
await openWindow(product, { app_id: "logs", title: "Logs", x: 300, y: 100 })

declare global {
  var benchSeqs: Array<number>
  var benchLive: Promise<number>
}
/** Runs in the page before anything else of it. */
const watch = () => {
  globalThis.benchSeqs = []
  const Socket = globalThis.WebSocket
  globalThis.WebSocket = class extends Socket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args)
      if (!String(args[0]).endsWith("/ws/events")) return
      this.addEventListener("open", () => {
        const begin = performance.now()
        globalThis.benchSeqs = []
        globalThis.benchLive = new Promise((resolve) => {
          new MutationObserver((_, observer) => {
            if (document.documentElement.dataset.connection !== "live") return
            observer.disconnect()
            resolve(performance.now() - begin)
          }).observe(document.documentElement, { attributes: true })
        })
      })
      this.addEventListener("message", ({ data }) => {
        const [, seq] = /^\{"type":"event","seq":(\d+)/.exec(String(data)) ?? []
        if (seq !== undefined) globalThis.benchSeqs.push(Number(seq))
      })
    }
  }
}

const head = async (): Promise<number> => {
  const reply: { readonly head?: unknown } = Object(await ask(product, "/events?limit=1"))
  if (typeof reply.head !== "number") throw new Error("The log does not tell its head")
  return reply.head
}

const readTheNotes = async (): Promise<void> => {
  const run = { objective: "Please read the notes", agent: "research", budget: { steps: 100 } }
  await events.first(endOf(await beginRun(product, run)))
}

const cable = await layCable(product.url)
const browser = await launch()
const tab = await openDesktop(browser, cable.url, "/", watch)
const events = await listen(product, ["run.ended"])
const calibration = new Calibration()
const took: Array<number> = []
let [lost, doubled, told] = [0, 0, 0]
for (let round = 0; round <= rounds; round++) {
  await live(tab.page)
  const from = await head()
  cable.cut()
  await tab.page.locator("html[data-connection='offline']").waitFor({ state: "attached" })
  for (let to = from; to - from < missed; to = await head()) {
    await Promise.all(Array.from({ length: atOnce }, readTheNotes))
  }
  const to = await head()
  cable.mend()
  await tab.page.evaluate(() => dispatchEvent(new Event("online")))
  await live(tab.page)
  const { seqs, time } = await tab.page.evaluate(async () => ({
    time: await globalThis.benchLive,
    seqs: globalThis.benchSeqs
  }))
  calibration.sample()
  if (round > 0) took.push(time)
  const came = new Set(seqs)
  doubled += seqs.length - came.size
  for (let seq = from + 1; seq <= to; seq++) if (!came.has(seq)) lost++
  told += to - from
}

report(
  `Back after ${thousands(missed)} missed events, ${rounds} times`,
  [
    {
      measure: "from the socket's opening to live",
      measured: `median ${milliseconds(median(took))}, p95 ${milliseconds(percentile(took, 0.95))}`,
      limits: [[milliseconds(limit), median(took) < limit]]
    },
    {
      measure: `of ${thousands(told)} events`,
      measured: `${lost} lost, ${doubled} doubled`,
      limits: [["none", lost + doubled === 0]]
    }
  ],
  calibration
)
await events.close()
await tab.close()
await browser.close()
await cable.close()
await product.stop()
await model.stop()
