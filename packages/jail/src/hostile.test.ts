/** A host that lies: the server closes the channel with a reason, and goes on. */
import { writeFileSync } from "node:fs"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { Jail } from "./Jail.ts"
import { ground, jailOn, processesWith } from "./testing.ts"

/** Answers `start` as it should, and runs `lie` at each request after it. */
const lyingHost = (lie: string) => `
import { Socket } from "node:net"
const socket = new Socket({ fd: 3 })
const frame = (header, payload = Buffer.alloc(0)) => {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header))
  const head = Buffer.alloc(8)
  head.writeUInt32BE(json.length, 0)
  head.writeUInt32BE(payload.length, 4)
  socket.write(Buffer.concat([head, json, payload]))
}
const claim = (header, payload) => {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(header, 0)
  head.writeUInt32BE(payload, 4)
  socket.write(head)
}
let held = Buffer.alloc(0)
socket.on("data", (data) => {
  held = Buffer.concat([held, data])
  while (held.length >= 8) {
    const header = held.readUInt32BE(0)
    const total = 8 + header + held.readUInt32BE(4)
    if (held.length < total) return
    const message = JSON.parse(held.subarray(8, 8 + header).toString())
    held = held.subarray(total)
    if (message.op === "start") frame({ type: "reply", id: message.id, ok: true, value: { pid: 1, ripgrep: false } })
    else if (message.type === "request") { ${lie} }
  }
})
socket.on("close", () => process.exit(0))
`

const lies: ReadonlyArray<readonly [name: string, lie: string, reason: RegExp]> = [
  ["a huge header", "claim(0xffffffff, 0)", /over the limit/],
  ["a huge payload", "claim(2, 0x7fffffff)", /over the limit/],
  ["what is no JSON", 'frame("{nope")', /not JSON/],
  ["what is no message", 'frame({ type: "surprise" })', /no message/],
  ["a message with wrong types", 'frame({ type: "reply", id: "1", ok: true, value: {} })', /no message/],
  ["an answer to nobody", 'frame({ type: "reply", id: 999, ok: true, value: {} })', /nobody asked/],
  [
    "a second answer",
    'const answer = { type: "reply", id: message.id, ok: false, error: { code: "io", message: "x" } }; frame(answer); frame(answer)',
    /nobody asked/
  ],
  [
    "an answer of the wrong shape",
    'frame({ type: "reply", id: message.id, ok: true, value: { size: "big" } })',
    /wrong shape/
  ],
  ["a prototype", 'frame(\'{"type":"reply","id":2,"ok":true,"__proto__":{"value":{}}}\')', /no message|wrong shape/],
  [
    "bytes on a channel that nobody opened",
    'frame({ type: "chunk", channel: 77, source: "pty", offset: 0 })',
    /nobody opened/
  ],
  ["nothing, by ending", "process.exit(1)", /closed/]
]

for (const [name, lie, reason] of lies) {
  it.live(`a host that says ${name} loses the channel`, () =>
    Effect.scoped(
      Effect.gen(function* () {
        const on = yield* ground()
        writeFileSync(on.hostBundle, lyingHost(lie))
        yield* Effect.provide(
          Effect.gen(function* () {
            const jail = yield* Jail
            yield* jail.start
            const watching = yield* Effect.forkChild(jail.lost, { startImmediately: true })
            yield* Effect.exit(jail.files.stat("x"))
            const lost = yield* Fiber.join(watching)
            expect(lost.reason).toMatch(reason)
          }),
          jailOn(on, "none")
        )
      })
    )
  )
}

it.live("a host that sends more than it was allowed loses the channel before it fills the memory", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const on = yield* ground()
      const flood = `
        frame({ type: "reply", id: message.id, ok: true, value: { pid: 1 } })
        const part = Buffer.alloc(1024 * 1024)
        for (let index = 0; index < 200; index++) frame({ type: "chunk", channel: message.args.channel, source: "stdout", offset: 0 }, part)`
      writeFileSync(on.hostBundle, lyingHost(flood))
      yield* Effect.provide(
        Effect.gen(function* () {
          const jail = yield* Jail
          const child = yield* jail.spawn({ argv: ["x"] })
          expect((yield* Effect.flip(child.exit)).reason).toMatch(/more than it was allowed/)
          const got = yield* child.output.pipe(
            Stream.catch(() => Stream.empty),
            Stream.runFold(
              () => 0,
              (sum, item) => (item.kind === "output" ? sum + item.data.length : sum)
            )
          )
          expect(got).toBeLessThan(8 * 1024 * 1024)
        }),
        jailOn(on, "none")
      )
    })
  )
)

it.live("a host that doesn't end when it should is ended", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const on = yield* ground()
      const deaf = `${lyingHost("")}; socket.removeAllListeners("close"); setInterval(() => undefined, 1000)`
      writeFileSync(on.hostBundle, deaf)
      yield* Effect.provide(
        Effect.flatMap(Jail, (jail) => jail.start),
        jailOn(on, "none")
      )
      expect(processesWith(on.hostBundle)).toEqual([])
    })
  )
)

it.live("a host that lies at once, or doesn't start, makes the jail unavailable", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const on = yield* ground()
      writeFileSync(on.hostBundle, "throw new Error('no host today')")
      const failure = yield* Effect.provide(
        Effect.flatMap(Jail, (jail) => Effect.flip(jail.start)),
        jailOn(on, "none")
      )
      expect(failure).toMatchObject({ _tag: "Jail.Unavailable" })
      expect(failure.message).toContain("no host today")
    })
  )
)
