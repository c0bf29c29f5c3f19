import { EventLog } from "@choiros/event-log"
import { ulid } from "@choiros/protocol"
import { Tree } from "@choiros/supervision"
import { expect, layer } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { connect, room, serveRoom } from "./testing.ts"

const Reply = Schema.Struct({ status: Schema.optional(Schema.String), is_running: Schema.optional(Schema.Boolean) })

const ask = (address: string, path: string, method = "GET") =>
  Effect.promise(async () => {
    const response = await fetch(`http://${address}/api/terminals/${path}`, {
      method,
      headers: { connection: "close" }
    })
    return Schema.decodeUnknownSync(Reply)(await response.json())
  })

/** Completes when the shell's end is in the log. */
const exited = (id: string) =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const scope = { actor_id: `terminal:${id}` }
    const subscription = yield* log.subscribe({ topics: ["terminal.exited"], since: 0, scope })
    yield* Stream.runHead(Stream.filter(subscription.stream, ({ _tag }) => _tag === "Event"))
  }).pipe(Effect.scoped)

const windowClosed = (window_id: string) =>
  Effect.flatMap(EventLog, (log) =>
    log.append([{ actor_id: "main", user_id: "me", event_type: "desktop.window_closed", payload: { window_id } }])
  )

for (const driver of ["none", "bubblewrap"] as const) {
  layer(room(driver), { excludeTestServices: true })(`a terminal that nobody needs, ${driver}`, (it) => {
    it.effect("ends when nothing runs in it", () =>
      Effect.gen(function* () {
        const at = yield* serveRoom
        const client = yield* connect(`${at}/ws/terminal/left?user_id=me`)
        client.type("echo re''ady\r")
        yield* client.shows("ready\r")
        yield* client.close

        expect((yield* ask(at, "left/leave", "POST")).status).toBe("stopped")
        yield* exited("left")
        expect((yield* ask(at, "left/leave", "POST")).status).toBe("stopped")
      })
    )

    for (const [place, command] of [
      ["front", "cat release"],
      ["background", "cat release &"]
    ] as const) {
      it.effect(`is kept while a program runs in its ${place}, and ends when that has ended`, () =>
        Effect.gen(function* () {
          const at = yield* serveRoom
          const id = `kept-${place}`
          const client = yield* connect(`${at}/ws/terminal/${id}?user_id=me`)
          client.type(`mkdir ${id}; cd ${id}; mkfifo release; echo re''ady; ${command}\r`)
          yield* client.shows("ready\r")
          yield* client.close

          expect((yield* ask(at, `${id}/leave`, "POST")).status).toBe("kept")
          expect((yield* ask(at, `${id}/info`)).is_running).toBe(true)

          const other = yield* connect(`${at}/ws/terminal/${id}-other?user_id=me`)
          other.type(`echo go > ${id}/release\r`)
          // Whoever comes back has it kept; so nobody does.
          yield* exited(id)
        })
      )
    }

    it.effect("is kept while another sees it, and ends when nobody does", () =>
      Effect.gen(function* () {
        const at = yield* serveRoom
        const window_id = ulid()
        const id = `${window_id}.1`
        const [one, other] = [
          yield* connect(`${at}/ws/terminal/${id}?user_id=me`),
          yield* connect(`${at}/ws/terminal/${id}?user_id=me`)
        ]
        one.type("echo re''ady\r")
        yield* other.shows("ready\r")

        yield* windowClosed(window_id)
        yield* one.close
        expect((yield* ask(at, `${id}/leave`, "POST")).status).toBe("kept")
        expect((yield* ask(at, `${id}/info`)).is_running).toBe(true)

        yield* other.close
        yield* exited(id)
      })
    )

    it.effect("is kept by its actor's next life, too, while another sees it", () =>
      Effect.gen(function* () {
        const at = yield* serveRoom
        const tree = yield* Tree
        const window_id = ulid()
        const id = `${window_id}.1`
        const [one, other] = [
          yield* connect(`${at}/ws/terminal/${id}?user_id=me`),
          yield* connect(`${at}/ws/terminal/${id}?user_id=me`)
        ]
        one.type("echo re''ady\r")
        yield* other.shows("ready\r")
        yield* windowClosed(window_id)
        yield* one.close
        expect((yield* ask(at, `${id}/leave`, "POST")).status).toBe("kept")

        // It hears of the window's end again, and of no viewer.
        expect(yield* tree.crash(`/terminals/${id}`, Cause.die(new Error("chaos")))).toBe(true)
        expect((yield* ask(at, `${id}/leave`, "POST")).status).toBe("kept")
        other.type("echo still-he''re\r")
        yield* other.shows("still-here\r")

        yield* other.close
        yield* exited(id)
      })
    )

    it.effect("is kept by who comes back while it is looked at", () =>
      Effect.gen(function* () {
        const at = yield* serveRoom
        const first = yield* connect(`${at}/ws/terminal/back?user_id=me`)
        first.type("echo re''ady\r")
        yield* first.shows("ready\r")
        yield* first.close
        // The answer comes a moment after the question, in which the page that was loaded anew is there.
        const left = yield* Effect.forkChild(ask(at, "back/leave", "POST"), { startImmediately: true })
        const again = yield* connect(`${at}/ws/terminal/back?user_id=me`)
        expect((yield* Fiber.join(left)).status).toBe("kept")
        again.type("echo still-he''re\r")
        yield* again.shows("still-here\r")
      })
    )

    it.effect("goes with the window that made it, and with no other", () =>
      Effect.gen(function* () {
        const at = yield* serveRoom
        const [mine, another] = [ulid(), ulid()]
        const clients = yield* Effect.forEach([`${mine}.1`, `${mine}.2`, `${another}.1`], (id) =>
          connect(`${at}/ws/terminal/${id}?user_id=me`)
        )
        for (const client of clients) {
          client.type("echo re''ady\r")
          yield* client.shows("ready\r")
        }

        yield* windowClosed(mine)
        for (const client of clients.slice(0, 2)) yield* client.close

        yield* exited(`${mine}.1`)
        yield* exited(`${mine}.2`)
        expect((yield* ask(at, `${another}.1/info`)).is_running).toBe(true)
      })
    )

    it.effect("tells its folder and how each command ended, after the person's own start file", () =>
      Effect.gen(function* () {
        const at = yield* serveRoom
        const first = yield* connect(`${at}/ws/terminal/first?user_id=me&shell=bash`)
        first.type("echo mine=kept > ~/.bashrc; echo re''ady\r")
        yield* first.shows("ready\r")

        const client = yield* connect(`${at}/ws/terminal/marked?user_id=me&shell=bash`)
        client.type("echo mine=$mine; mkdir 'a b%'; cd 'a b%'; (exit 7)\r")
        yield* client.shows("\u001b]133;D;7\u0007")
        yield* client.shows(/\u001b\]7;file:\/\/[^/]*\/[^\u0007]*a%20b%25\u0007/)
        yield* client.shows("\u001b]133;A\u0007")
        yield* client.shows("\u001b]133;C\u0007mine=kept")
      })
    )
  })
}
