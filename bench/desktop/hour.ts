/**
 * The heap of a tab that has streamed for an hour, in a shorter time.
 *
 * What an hour brings at a model's pace (55 deltas a second, a step a second) comes as fast as the server can bring it: the
 * same deltas, steps and events, over the same socket, folded and drawn by the same windows (the chat that streams, the
 * choir, the logs). What is bound to time and not to events (timers, a clock that is drawn anew) is not in it. The chat
 * moves on to a new thread now and then, as people do: what a thread holds is meant to be held.
 * The heap is read after full collections, at each tenth. Before the first one 10,000 events of the same kind and size go by, and
 * the first tenth itself is no more than warming up: the logs hold so many, and each code has run.
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { heapOf, launch, openDesktop } from "../support/browser.ts"
import { Calibration } from "../support/calibration.ts"
import { ask, beginRun, endOf, listen } from "../support/choir.ts"
import { longAnswer, openWindow } from "../support/desktopData.ts"
import { setting } from "../support/measure.ts"
import { startScript } from "../support/model.ts"
import { temporaryFolder } from "../support/processes.ts"
import { startServer } from "../support/product.ts"
import { megabytes, percent, report, table, thousands } from "../support/report.ts"

const deltas = setting("DELTAS", 200_000)
const steps = setting("HOUR_STEPS", 3_600)
const turnsOfThread = setting("TURNS", 5)
const limit = 0.1
/** Events that the logs keep at hand. */
const held = 10_500
const tenths = 10
const chunk = 16
const stepsOfTurn = 12

const turns = Math.ceil(steps / stepsOfTurn)
const lengthOfStep = Math.ceil((deltas / (turns * stepsOfTurn)) * chunk)
const chunks = { size: chunk, delay_ms: 0 }
const text = longAnswer(lengthOfStep)
const model = await startScript({
  turns: Array.from({ length: stepsOfTurn - 1 }, (_, step) => ({
    when: { contains: "the next part", step },
    chunks,
    answer: { text, tool_calls: [{ name: "read_file", args: { path: `note-${step}.txt` } }] }
  })).concat(
    Array.from({ length: stepsOfTurn - 1 }, (_, step) => ({
      when: { contains: "warm up", step },
      chunks: { size: 1_000, delay_ms: 0 },
      answer: { text, tool_calls: [{ name: "read_file", args: { path: `note-${step}.txt` } }] }
    }))
  ),
  default: { chunks, answer: { text } }
})
const home = join(temporaryFolder(), "home")
const product = await startServer(model.said, home)
for (let step = 0; step < stepsOfTurn; step++) {
  writeFileSync(join(home, "workspace", `note-${step}.txt`), `Note ${step}.\n`)
}
const thread = (index: number) => ({ actor_id: "me", session_id: "bench", thread_id: `talk-${index}` })
const chat = await openWindow(product, {
  app_id: "chat",
  title: "Chat",
  props: thread(0),
  x: 0,
  y: 0,
  width: 800,
  height: 600
})
await openWindow(product, { app_id: "choir", title: "Choir", x: 500, y: 100, width: 900, height: 600 })
await openWindow(product, { app_id: "logs", title: "Logs", x: 300, y: 250 })
const browser = await launch()
const counted = () => {
  globalThis.benchDeltas = 0
  const Socket = globalThis.WebSocket
  globalThis.WebSocket = class extends Socket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args)
      this.addEventListener("message", ({ data }) => {
        if (typeof data === "string" && data.includes('"chat.delta"')) globalThis.benchDeltas++
      })
    }
  }
}
declare global {
  var benchDeltas: number
}
const tab = await openDesktop(browser, product.url, "/", counted)
const events = await listen(product, ["run.ended"])
const calibration = new Calibration()

const head = async (): Promise<number> => {
  const reply: { readonly head?: unknown } = Object(await ask(product, "/events?limit=1"))
  if (typeof reply.head !== "number") throw new Error("The log does not tell its head")
  return reply.head
}
const warmUp = async (): Promise<void> => {
  const run_id = await beginRun(product, { objective: "Please warm up", agent: "research", budget: { steps: 100 } })
  await events.first(endOf(run_id))
}
while ((await head()) < held) await Promise.all(Array.from({ length: 6 }, warmUp))

let ended = events.seen(() => true).length
const turn = async (index: number): Promise<void> => {
  const place = thread(Math.floor(index / turnsOfThread))
  if (index % turnsOfThread === 0) {
    const response = await fetch(`${product.url}/desktop/main/windows/${chat}`, {
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ props: place })
    })
    if (!response.ok) throw new Error(await response.text())
  }
  await ask(product, "/chat/send", { ...place, user_id: "me", text: `Go on with the next part, number ${index}` })
  ended++
  const wanted = ended
  let seen = 0
  await events.first(() => ++seen >= wanted)
}

interface Reading {
  readonly turns: number
  readonly deltas: number
  readonly heap: number
}
const readings: Array<Reading> = []
for (let tenth = 1; tenth <= tenths; tenth++) {
  const to = Math.round((turns * tenth) / tenths)
  for (let index = Math.round((turns * (tenth - 1)) / tenths); index < to; index++) await turn(index)
  // An empty thread each time, so that what is on the screen does not count.
  await fetch(`${product.url}/desktop/main/windows/${chat}`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ props: thread(1_000_000 + tenth) })
  })
  await tab.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
  const came = await tab.page.evaluate(() => globalThis.benchDeltas)
  readings.push({ turns: to, deltas: came, heap: await heapOf(tab) })
  calibration.sample()
}
table(
  "The heap as it went",
  ["turns", "deltas", "heap"],
  readings.map((one) => [thousands(one.turns), thousands(one.deltas), megabytes(one.heap)])
)
const [first, last] = [readings[0], readings.at(-1)]
if (first === undefined || last === undefined) throw new Error("Nothing was read")
const growth = last.heap / first.heap - 1
report(
  `An hour of streaming: ${thousands(last.deltas)} deltas and ${thousands(turns * stepsOfTurn)} steps`,
  [
    {
      measure: "heap after it, to that after a tenth of it",
      measured: `${growth < 0 ? "" : "+"}${percent(growth)}`,
      peer: `${megabytes(first.heap)} -> ${megabytes(last.heap)}`,
      limits: [[`+${percent(limit)}`, growth < limit]]
    }
  ],
  calibration
)
await events.close()
await tab.close()
await browser.close()
await product.stop()
await model.stop()
