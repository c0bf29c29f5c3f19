/**
 * 50 MB through a terminal: ours from the PTY in the jail over the server's socket to a client, with a screen kept in the
 * jail all the while; the peer reads a PTY raw, in one process, into the same headless xterm.
 *
 * A run begins with the key that starts `cat` and ends with the last byte of it at the client. Meanwhile a thread apart
 * asks the server for its health again and again: that is the latency that everyone else sees.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { Worker } from "node:worker_threads"
import { WebSocket } from "ws"
import { Calibration } from "../support/calibration.ts"
import { contest, elapsed, median, percentile, setting } from "../support/measure.ts"
import { startModel } from "../support/model.ts"
import { temporaryFolder } from "../support/processes.ts"
import { startProduct } from "../support/product.ts"
import { milliseconds, percent, report } from "../support/report.ts"

const pairs = setting("PAIRS", 21)
const megabytes = setting("MEGABYTES", 50)

/** As builds and tests print: lines of words, a third of them coloured, some of them not ASCII. */
const lineOf = (index: number): string =>
  index % 3 === 0
    ? `\u001b[32m✓\u001b[0m test ${index} \u001b[2m(${index % 97} ms)\u001b[0m passes in packages/some/path/of-a-file.ts\n`
    : `${index} the quick brown fox jumps over the lazy dog and runs on through the grass\n`
const chunk = Array.from({ length: 10_000 }, (_, index) => lineOf(index)).join("")
const text = chunk.repeat(Math.ceil((megabytes * 1e6) / Buffer.byteLength(chunk)))
const bytes = Buffer.byteLength(text)
/** A PTY makes each line's end two characters. */
const shown = bytes + text.split("\n").length - 1

const model = await startModel("note.txt")
const home = join(temporaryFolder(), "home")
const server = await startProduct(model.said, { home })
const socket = new WebSocket(`${server.url.replace("http", "ws")}/ws/terminal/bench?user_id=bench`)
let take: (data: string) => void = () => {}
socket.on("message", (raw) => {
  const frame: {
    readonly type?: unknown
    readonly data?: unknown
    readonly screen?: unknown
    readonly message?: unknown
  } = JSON.parse(String(raw))
  if (frame.type === "output" && frame.screen === true) resyncs++
  if (frame.type === "output") take(String(frame.data))
  if (frame.type === "error") throw new Error(String(frame.message))
})
let resyncs = 0
await once(socket, "open")

/** Sends a line and waits for the words, which must not stand in the line; gives the bytes that came up to them. */
const until = (line: string, words: string): Promise<number> =>
  new Promise((resolve) => {
    let seen = 0
    let tail = ""
    take = (data) => {
      seen += Buffer.byteLength(data)
      tail = tail.slice(-200) + data.slice(-400)
      if (tail.includes(words)) resolve(seen)
    }
    socket.send(JSON.stringify({ type: "input", data: `${line}\n` }))
  })

await until('echo "ready $((6 * 7))"', "ready 42")
writeFileSync(join(home, "workspace", "big.txt"), text)

const latency = new Worker(new URL("./latency.ts", import.meta.url), { workerData: `${server.url}/health` })
const takeLatencies = async (): Promise<ReadonlyArray<number>> => {
  latency.postMessage("take")
  const [samples] = await once(latency, "message")
  return samples
}

const raw = spawn(process.execPath, [join(import.meta.dirname, "raw.ts"), join(home, "workspace", "big.txt")], {
  stdio: ["pipe", "pipe", "inherit"]
})
process.on("exit", () => raw.kill())
const answers = createInterface({ input: raw.stdout })[Symbol.asyncIterator]()
await answers.next()

const latencies: Array<ReadonlyArray<number>> = []
const quiet: Array<number> = []
const calibration = new Calibration()
const { medians, ratios } = await contest(
  pairs,
  [
    async () => {
      quiet.push(...(await takeLatencies()))
      const took = await elapsed(async () => {
        const seen = await until('cat big.txt; echo "end $((6 * 7))"', "end 42")
        if (seen < shown) throw new Error(`Only ${seen} of ${shown} bytes came`)
      })
      latencies.push(await takeLatencies())
      return bytes / 1e3 / took
    },
    async () => {
      raw.stdin.write("go\n")
      const { value } = await answers.next()
      return bytes / 1e3 / Number(value)
    }
  ],
  calibration.sample
)
const [own = 0, peer = 0] = medians
const ofRaw = ratios[1] ?? 0
const all = latencies.flat()
const worst = median(latencies.map((samples) => Math.max(...samples)))
const p95 = percentile(all, 0.95)
report(
  `${megabytes} MB through a terminal, ${pairs} pairs${resyncs > 1 ? `; the client fell behind ${resyncs - 1} times` : ""}`,
  [
    {
      measure: `terminal, ${megabytes} MB`,
      measured: `${own.toFixed(1)} MB/s`,
      peer: `raw PTY into xterm: ${peer.toFixed(1)} MB/s`,
      ratio: percent(ofRaw),
      limits: [["60 %", ofRaw >= 0.6]]
    },
    {
      measure: "health meanwhile, 95 % within",
      measured: milliseconds(p95),
      peer: `without load: ${milliseconds(percentile(quiet, 0.95))}`,
      limits: [["50 ms", p95 <= 50]]
    },
    {
      measure: "health meanwhile, slowest of a run (median)",
      measured: milliseconds(worst),
      limits: [["50 ms", worst <= 50]]
    }
  ],
  calibration
)
socket.close()
await latency.terminate()
raw.kill()
await server.stop()
await model.stop()
