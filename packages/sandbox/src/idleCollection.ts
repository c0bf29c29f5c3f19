/**
 * Gives memory back when there is nothing to do.
 *
 * V8 collects the old generation when it grows, and a server that has become quiet allocates nothing that would make it:
 * it would hold what its last burst of work left behind for as long as it is quiet.
 *
 *   busy ── quiet for 20 s (actors that nobody needs have ended by then) ──▶ collected ── busy again ──▶ busy
 */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { worker } from "@choiros/supervision"
import * as Effect from "effect/Effect"

const lookEvery = "5 seconds"
const quietLooks = 4

/** Share of a core, over the time between two looks, above which the server counts as busy, and below which as quiet. */
const busyShare = 0.05
const quietShare = 0.01

export const idleCollection = worker({
  kind: "idle-collection",
  run: Effect.gen(function* () {
    let before = process.cpuUsage()
    let at = performance.now()
    let hasWorked = true
    let quiet = 0
    while (true) {
      yield* Effect.sleep(lookEvery)
      const used = process.cpuUsage(before)
      const share = (used.user + used.system) / 1000 / (performance.now() - at)
      before = process.cpuUsage()
      at = performance.now()
      if (share > busyShare) hasWorked = true
      quiet = share < quietShare ? quiet + 1 : 0
      if (hasWorked && quiet >= quietLooks) {
        hasWorked = false
        collect()
      }
    }
  })
})

/** One full collection: some 30 ms, at a time when nobody waits. */
const collect = (): void => {
  setFlagsFromString("--expose-gc")
  const gc: unknown = runInNewContext("gc")
  setFlagsFromString("--no-expose-gc")
  if (typeof gc === "function") gc()
}
