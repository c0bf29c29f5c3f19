import { EventLog } from "@choiros/event-log"
import { Jail } from "@choiros/jail"
import { expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { connect, room, serveRoom } from "./testing.ts"

const ask = (address: string, path: string, method = "GET") =>
  Effect.promise(async () => {
    const response = await fetch(`http://${address}${path}`, { method, headers: { connection: "close" } })
    return { status: response.status, body: await response.json() }
  })

const exited = (id: string) =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const subscription = yield* log.subscribe({
      topics: ["terminal.exited"],
      since: 0,
      scope: { actor_id: `terminal:${id}` }
    })
    yield* Stream.runHead(Stream.filter(subscription.stream, ({ _tag }) => _tag === "Event"))
  }).pipe(Effect.scoped)

for (const driver of ["none", "bubblewrap"] as const) {
  layer(room(driver), { excludeTestServices: true })(`a terminal that is left, ${driver}`, (it) => {
    it.effect("ends when nothing runs in it", () =>
      Effect.gen(function* () {
        const at = yield* serveRoom
        const client = yield* connect(`${at}/ws/terminal/left?user_id=me`)
        client.type("echo re''ady\r")
        yield* client.shows("ready")

        expect(yield* ask(at, "/api/terminals/left/leave", "POST")).toEqual({
          status: 200,
          body: { terminal_id: "left", status: "stopped" }
        })
        yield* exited("left")
        expect((yield* ask(at, "/api/terminals/left/leave", "POST")).body.status).toBe("stopped")
      })
    )

    it.effect("is kept while something runs in it, in front or behind, and ends after that", () =>
      Effect.gen(function* () {
        const at = yield* serveRoom
        for (const [id, command] of [
          ["front", "read -r line < release; echo over"],
          ["behind", "(read -r line < release; echo over) &"]
        ] as const) {
          const client = yield* connect(`${at}/ws/terminal/${id}?user_id=me`)
          client.type(`mkdir ${id}; cd ${id}; mkfifo release; echo re''ady; ${command.replace("read", "cat | read")}\r`)
          yield* client.shows("ready")
          yield* client.close

          expect((yield* ask(at, `/api/terminals/${id}/leave`, "POST")).body.status).toBe("kept")
          expect((yield* ask(at, `/api/terminals/${id}/info`)).body.is_running).toBe(true)
          const { files, status } = yield* Jail
          void files
          void status
        }
      })
    )
  })
}
