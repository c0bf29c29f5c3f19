import { spawn } from "node:child_process"
import * as path from "node:path"
import { createInterface } from "node:readline"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { Jail } from "./Jail.ts"
import { eventually, type Ground, ground, jailOn, optionsOn, pinnedNode, processesWith } from "./testing.ts"

let next = 0
/** Seconds to sleep that nobody else sleeps. */
const uniqueSleep = () => `9${process.pid}.${++next}`

const killedServer = (driver: string, on: Ground, marker: string) =>
  Effect.promise(async () => {
    const server = spawn(
      pinnedNode,
      [path.join(import.meta.dirname, "fixtures/server.ts"), driver, on.folder, marker],
      {
        stdio: ["ignore", "pipe", "inherit"]
      }
    )
    const lines = createInterface({ input: server.stdout })
    const line = await new Promise<string>((resolve, reject) => {
      lines.once("line", resolve)
      server.once("exit", (code) => reject(new Error(`The server ended with ${code}.`)))
    })
    const ended = new Promise((resolve) => server.once("close", resolve))
    const started = processesWith(marker).length
    server.kill("SIGKILL")
    await ended
    return { pid: Number(line.split(" ")[1]), started }
  })

for (const driver of ["bubblewrap", "none"] as const) {
  const withJail = <A, E>(body: Effect.Effect<A, E, Jail>) =>
    Effect.scoped(Effect.flatMap(ground(), (on) => Effect.provide(body, jailOn(on, driver))))

  it.live(`${driver}: starts at the first use alone`, () =>
    withJail(
      Effect.gen(function* () {
        const jail = yield* Jail
        expect(yield* jail.pid).toBe(null)
        yield* Effect.all([jail.files.list("."), jail.files.list("."), jail.start], { concurrency: "unbounded" })
        expect(yield* jail.pid).toBeGreaterThan(0)
      })
    )
  )

  it.live(`${driver}: a host that dies is told, what waited fails, and the next use starts another`, () =>
    withJail(
      Effect.gen(function* () {
        const jail = yield* Jail
        yield* jail.start
        const first = yield* jail.pid
        yield* jail.ptys.open({ id: "gone", argv: ["sh"] })
        const lost = yield* Effect.forkChild(jail.lost)
        const marker = uniqueSleep()
        const child = yield* jail.spawn({
          argv: ["bash", "-c", `until test -e go; do sleep 0.01; done; kill -9 $PPID; sleep ${marker}`]
        })
        yield* Effect.exit(jail.files.write("go", Buffer.from("")))
        expect(yield* Effect.flip(child.exit)).toMatchObject({ _tag: "Jail.Lost" })
        expect(Exit.isFailure(yield* Effect.exit(Stream.runDrain(child.output)))).toBe(true)
        expect((yield* Fiber.join(lost)).message).toContain("The jail ended")
        expect(yield* jail.ptys.list).toEqual([])
        expect(yield* jail.pid).not.toBe(first)
        expect(processesWith(marker)).toEqual([])
      })
    )
  )

  it.live(`${driver}: nothing outlives the layer, however stubborn`, () =>
    Effect.gen(function* () {
      const marker = uniqueSleep()
      yield* withJail(
        Effect.gen(function* () {
          const jail = yield* Jail
          const stubborn = `trap '' HUP TERM INT; setsid sh -c 'trap "" HUP TERM; sleep ${marker} & wait' & echo up; wait`
          const child = yield* jail.spawn({ argv: ["bash", "-c", stubborn] })
          yield* Stream.runDrain(Stream.take(child.output, 1))
          yield* eventually("the sleepers sleep", () => processesWith(marker).length > 1)
        })
      )
      expect(processesWith(marker)).toEqual([])
    })
  )

  it.live(`${driver}: nothing outlives a server that is killed, and the next server finds the place empty`, () =>
    Effect.scoped(
      Effect.gen(function* () {
        const on = yield* ground()
        const marker = uniqueSleep()
        const { started } = yield* killedServer(driver, on, marker)
        expect(started).toBeGreaterThan(2)
        yield* Effect.provide(
          Effect.gen(function* () {
            const jail = yield* Jail
            yield* jail.start
            // Not eventually: a new jail starts when the old one is gone.
            expect(processesWith(marker)).toEqual([])
          }),
          jailOn(on, driver)
        )
        expect(processesWith(on.folder)).toEqual([])
      })
    )
  )
}

it.live("as root, a workspace that the jail's user can't get to is bound all the same", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const on = yield* ground("closed")
      const jail = yield* Effect.provide(Jail, jailOn(on, "bubblewrap"))
      expect(jail.status.active).toBe(true)
      yield* Effect.provide(
        Effect.gen(function* () {
          const inner = yield* Jail
          yield* inner.files.write("there", Buffer.from("x"))
          expect((yield* inner.files.stat("there")).size).toBe(1)
        }),
        jailOn(on, "bubblewrap")
      )
    })
  )
)

it.live("a jail that can't be is said in one sentence, and auto goes on without", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const on = yield* ground()
      const options = { ...optionsOn(on, "bubblewrap"), hostBundle: "/nowhere/host.mjs" }
      const failure = yield* Effect.flip(Effect.provide(Jail, Jail.layer(options)))
      expect(failure).toMatchObject({ _tag: "Jail.Unavailable", driver: "bubblewrap" })
      expect(failure.message.split("\n")).toHaveLength(1)
    })
  )
)
