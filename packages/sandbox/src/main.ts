/** One user's computer: reads its settings, and runs until it is asked to stop. */

import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { computer } from "./Computer.ts"
import { loadConfig, StartError, usage } from "./Config.ts"
import { version } from "./version.ts"

/** Longest time that an orderly stop may take, in milliseconds. */
const stopWithin = 4_500

// The log, the keys and the blobs are this user's alone; what others must reach is opened by name.
process.umask(0o077)

const program = Effect.gen(function* () {
  const asked = yield* loadConfig(process.argv.slice(2), process.env, process.stdout.isTTY === true)
  if (asked._tag === "Help") return console.log(usage())
  if (asked._tag === "Version") return console.log(version)
  return yield* Effect.scoped(computer(asked.config))
})

const fiber = Effect.runFork(program)

/** A signal within this time of the first is the same one: from a terminal it comes from the kernel and from npm. */
const sameSignalWithin = 1_000

let stopping: number | undefined
const stop = () => {
  if (stopping !== undefined) {
    // Asked again: someone does not want to wait.
    if (performance.now() - stopping > sameSignalWithin) process.exit(130)
    return
  }
  stopping = performance.now()
  setTimeout(() => {
    console.error("The stop took too long; ending all the same.")
    process.exit(1)
  }, stopWithin).unref()
  Effect.runFork(Fiber.interrupt(fiber))
}
process.on("SIGINT", stop)
process.on("SIGTERM", stop)
process.on("SIGHUP", stop)

fiber.addObserver((exit) => {
  if (Exit.isSuccess(exit) || stopping !== undefined) return process.exit(0)
  const failure = exit.cause.reasons.find((reason) => reason._tag === "Fail")
  const error = failure?._tag === "Fail" ? failure.error : undefined
  console.error(error instanceof StartError ? error.message : "ChoirOS ended because of a defect:")
  if (!(error instanceof StartError)) console.error(exit.cause)
  process.exit(1)
})
