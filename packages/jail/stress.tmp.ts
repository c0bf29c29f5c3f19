import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { Effect } from "effect"
import { Jail } from "./src/Jail.ts"
import { ground, jailOn, pinnedNode, processesWith } from "./src/testing.ts"
let at = ""
const log = (s: string) => { at = s }
const killed = (driver: string, folder: string, marker: string) => Effect.promise(async () => {
  const server = spawn(pinnedNode, ["packages/jail/src/fixtures/server.ts", driver, folder, marker], { stdio: ["ignore", "pipe", "inherit"] })
  const lines = createInterface({ input: server.stdout })
  await new Promise<void>((r) => lines.once("line", () => r()))
  log("line")
  const ended = new Promise((r) => server.once("close", r))
  server.kill("SIGKILL"); await ended
  log("ended")
})
const one = (driver: "none"|"bubblewrap", i: number) => Effect.scoped(Effect.gen(function*() {
  const on = yield* ground()
  log("begin")
  yield* killed(driver, on.folder, `8${process.pid}.${i}`)
  yield* Effect.provide(Effect.gen(function*() {
    log("layer")
    const jail = yield* Jail
    log("start")
    yield* jail.start
    log("started " + (yield* jail.pid))
  }), jailOn(on, driver))
  log("closed")
}))
setInterval(() => { if (at === last) { stuck++; if (stuck > 6) console.log("STUCK", at) } else stuck = 0; last = at }, 1000)
let last = "", stuck = 0
for (let i = 0; i < 40; i++) { await Effect.runPromise(one(i % 2 ? "none" : "bubblewrap", i)); process.stdout.write(".") }
process.exit(0)
