/** A thread that asks for the server's health again and again, and tells how long each answer took. */
import { Agent, get } from "node:http"
import { parentPort, workerData } from "node:worker_threads"

const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const pause = 10
let samples: Array<number> = []

const ask = (url: string) => {
  const begin = performance.now()
  get(url, { agent }, (response) => {
    response.resume()
    response.on("end", () => {
      samples.push(performance.now() - begin)
      setTimeout(ask, pause, url)
    })
  })
}
ask(String(workerData))

parentPort?.on("message", () => {
  parentPort?.postMessage(samples)
  samples = []
})
