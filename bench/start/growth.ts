/**
 * What a server keeps of the turns that are over: its memory after 1,000 turns and after 10,000, idle 30 s before each.
 *
 * Long: about ten minutes. Each conversation has ten turns, of which one runs a command; ten go on at once. A log of
 * 10,000 turns stands behind it, so a growth of memory with the log would show.
 */
import { join } from "node:path"
import { Calibration } from "../support/calibration.ts"
import { setting } from "../support/measure.ts"
import { answer, says, startModel, toolAnswer } from "../support/model.ts"
import { residentMemory, temporaryFolder } from "../support/processes.ts"
import { openChat, startProduct } from "../support/product.ts"
import { megabytes, report, thousands } from "../support/report.ts"

const [early, late] = [setting("EARLY", 1_000), setting("LATE", 10_000)]
const idle = setting("IDLE_SECONDS", 30)
const turnsEach = 10
const atOnce = 10

const model = await startModel("note.txt")
const server = await startProduct(model.said, { home: join(temporaryFolder(), "home") })
const calibration = new Calibration()

let threads = 0
const conversation = async () => {
  const chat = await openChat(server.url, `t${threads++}`)
  for (let turn = 0; turn < turnsEach; turn++) {
    const [text, wanted] = turn === 0 ? [says.bash, toolAnswer] : [says.text, answer]
    const got = await chat.turn(text)
    if (got !== wanted) throw new Error(`Instead of "${wanted}" came "${got}"`)
  }
  await chat.close()
}

let done = 0
const reach = async (turns: number) => {
  const begin = performance.now()
  const from = done
  while (done < turns) {
    await Promise.all(Array.from({ length: atOnce }, conversation))
    done += atOnce * turnsEach
    calibration.sample()
  }
  const rate = ((done - from) / (performance.now() - begin)) * 1000
  const busy = residentMemory(server.pid)
  await new Promise((resolve) => setTimeout(resolve, idle * 1000))
  return { memory: residentMemory(server.pid), busy, rate }
}

const first = await reach(early)
const last = await reach(late)
const growth = last.memory / first.memory - 1
const row = (turns: number, { busy, memory, rate }: typeof first) => ({
  measure: `resident after ${thousands(turns)} turns`,
  measured: `${megabytes(memory)} (busy ${megabytes(busy)}; ${rate.toFixed(0)} turns/s)`
})
report(
  `Growth, idle ${idle} s before each reading`,
  [
    row(early, first),
    row(late, last),
    { measure: "growth", measured: `${(growth * 100).toFixed(1)} %`, limits: [["under 10 %", growth < 0.1]] }
  ],
  calibration
)
await server.stop()
await model.stop()
