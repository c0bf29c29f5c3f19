/** The peer: a PTY in this process, piped into a headless xterm; for each line that comes in, one run and its milliseconds. */
import { createInterface } from "node:readline"
import { spawn } from "@lydell/node-pty"
import xterm from "@xterm/headless"

const [, , file = ""] = process.argv
const size = { cols: 80, rows: 24 }
/** Characters that may wait for xterm before the PTY is held. */
const window = 1_000_000

const run = () =>
  new Promise<number>((resolve) => {
    const screen = new xterm.Terminal({ ...size, scrollback: 10_000, allowProposedApi: true })
    const begin = performance.now()
    const pty = spawn("cat", [file], size)
    let waiting = 0
    let ended = false
    const done = () => {
      if (!ended || waiting > 0) return
      resolve(performance.now() - begin)
      screen.dispose()
    }
    pty.onData((data) => {
      waiting += data.length
      if (waiting > window) pty.pause()
      screen.write(data, () => {
        waiting -= data.length
        if (waiting < window / 2) pty.resume()
        done()
      })
    })
    pty.onExit(() => {
      ended = true
      done()
    })
  })

console.log("ready")
for await (const _ of createInterface({ input: process.stdin })) console.log(await run())
