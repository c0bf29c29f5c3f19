/**
 * A process that writes: `append.ts <folder> <writers>`. Says `ready <seq>` when the log is open, then for each append
 * that was acknowledged its first `seq` and its id. Each append is two events. Runs until it is killed or told to stop.
 *
 * Commands on stdin: `one` appends once and says `ok` or the error's tag and reason; `burst` appends 1,000 times at once;
 * `turns` appends once and says how often the event loop went round meanwhile; `read` reads up to 5,000 events and says how many; `check` does what the server's health does; `stop`.
 * With `AS_NOBODY` in the environment, root gives up its rights before the log is opened.
 */
import * as readline from "node:readline"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { EventLog } from "../src/index.ts"
import { catalog, note } from "./notes.ts"

const [folder = "", writers = "0", size = "100"] = process.argv.slice(2)
const say = (line: string) => process.stdout.write(`${line}\n`)

const describe = <A, E extends { readonly _tag: string; readonly message: string; readonly reason?: string }>(
  effect: Effect.Effect<A, E>,
  success: (value: A) => string
) =>
  effect.pipe(
    Effect.map(success),
    Effect.catch((error) => Effect.succeed(`${error._tag} ${error.reason ?? "-"} ${error.message}`)),
    Effect.map(say)
  )

let appended = 0
const append = (log: EventLog["Service"]) => {
  const id = `${process.pid}-${++appended}`
  const text = `${id} ${"x".repeat(Number(size))}`
  return log.append([note(`a ${text}`), note(`b ${text}`)])
}

const program = Effect.gen(function* () {
  const log = yield* EventLog
  say(`ready ${yield* log.head}`)
  for (let writer = 0; writer < Number(writers); writer++) {
    yield* Effect.forkChild(
      Effect.forever(
        Effect.map(append(log), (events) => say(`ack ${events[0]?.seq} ${events[0]?.event_id} ${events[1]?.event_id}`))
      )
    )
  }
  yield* Effect.promise(async () => {
    for await (const line of readline.createInterface({ input: process.stdin })) {
      if (line === "stop") return
      if (line === "one") await Effect.runPromise(describe(append(log), () => "ok"))
      if (line === "burst") {
        const burst = Effect.forEach(Array.from({ length: 1000 }), () => append(log), { concurrency: "unbounded" })
        await Effect.runPromise(describe(burst, () => "ok"))
      }
      if (line === "turns") {
        let turns = 0
        let done = false
        const count = () => {
          turns += 1
          if (!done) setImmediate(count)
        }
        setImmediate(count)
        await Effect.runPromise(append(log))
        done = true
        say(`turns ${turns}`)
      }
      if (line === "check") await Effect.runPromise(describe(log.check, () => "ok"))
      if (line === "read")
        await Effect.runPromise(describe(log.read({ limit: 5000 }), (events) => `read ${events.length}`))
    }
  })
}).pipe(
  Effect.provide(EventLog.layer({ catalog, path: `${folder}/log.db`, blobs: `${folder}/blobs`, forkWriter: true })),
  Effect.catch((error) => Effect.sync(() => say(`failed ${error._tag} ${error.message}`))),
  Effect.catchCause((cause) => Effect.sync(() => say(`died ${Cause.pretty(cause)}`)))
)

if (process.env.AS_NOBODY !== undefined && process.getuid?.() === 0) {
  process.setgid?.(65534)
  process.setuid?.(65534)
}
await Effect.runPromise(program)
// The parent's end of the pipe is still open, and would keep us.
process.stdin.destroy()
