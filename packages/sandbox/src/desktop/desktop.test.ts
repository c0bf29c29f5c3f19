import { EventLog } from "@choiros/event-log"
import { builtInApps, desktopToWire } from "@choiros/protocol"
import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Schema } from "effect"
import { onServer, open, openedOf, serving } from "../../test/desktops.ts"
import { type Frame, type Reply, temporaryFolder } from "../../test/server.ts"
import { DesktopIdleAfter } from "./DesktopActor.ts"
import { loadDesktop } from "./loadDesktop.ts"

const told = ({ body, status }: Reply) => [status, body]
const refused = (error: string) => [400, { success: false, error }]
const done = (message: string) => [200, { success: true, message }]

describe("a desktop over HTTP", () => {
  it.live("is empty at first, with all the apps, chat first", () =>
    onServer((server) =>
      Effect.gen(function* () {
        const chat = expect.objectContaining({ id: "chat", default_width: 800, default_height: 600 })
        expect(told(yield* server.request("GET", "/desktop/new"))).toEqual([
          200,
          expect.objectContaining({
            success: true,
            desktop: { windows: [], active_window: null, apps: [chat, ...builtInApps.slice(1)] }
          })
        ])
        expect(told(yield* server.request("GET", "/desktop/new/windows"))).toEqual([
          200,
          { success: true, windows: [] }
        ])
        expect(told(yield* server.request("GET", "/desktop/new/apps"))).toEqual([
          200,
          { success: true, apps: [chat, ...builtInApps.slice(1)] }
        ])
      })
    )
  )

  it.live("every command and every refusal says what the contract says", () =>
    onServer((server) =>
      Effect.gen(function* () {
        const { request } = server
        const first = yield* request("POST", "/desktop/d/windows", { app_id: "chat", title: "One", props: { a: [1] } })
        const a = openedOf(first).id
        expect(told(first)).toEqual([
          200,
          {
            success: true,
            error: null,
            window: {
              id: a,
              app_id: "chat",
              title: "One",
              x: 100,
              y: 100,
              width: 800,
              height: 600,
              z_index: 1,
              minimized: false,
              maximized: false,
              zone: null,
              props: { a: [1] }
            }
          }
        ])
        const second = yield* request("POST", "/desktop/d/windows", { app_id: "chat", title: "Two" })
        expect(second.body).toMatchObject({ window: { x: 130, y: 130, z_index: 2 } })
        const b = openedOf(second).id
        const w = `/desktop/d/windows/${a}`
        const gone = "/desktop/d/windows/gone"
        const missing = refused("Window not found: gone")

        expect(told(yield* request("POST", "/desktop/d/windows", { app_id: "X", title: "t" }))).toEqual(
          refused("App not found: X")
        )
        expect(told(yield* request("DELETE", gone))).toEqual(missing)
        expect(told(yield* request("PATCH", `${gone}/position`, { x: 1, y: 2 }))).toEqual(missing)
        expect(told(yield* request("PATCH", `${gone}/size`, { width: 300, height: 300 }))).toEqual(missing)
        expect(told(yield* request("PATCH", `${gone}/snap`, { zone: "left" }))).toEqual(missing)
        for (const verb of ["focus", "minimize", "maximize", "restore"]) {
          expect(told(yield* request("POST", `${gone}/${verb}`))).toEqual(missing)
        }

        expect(told(yield* request("PATCH", `${w}/position`, { x: -5.5, y: 20 }))).toEqual(done("Window moved"))
        expect(told(yield* request("PATCH", `${w}/size`, { width: 640, height: 480 }))).toEqual(done("Window resized"))
        expect(told(yield* request("PATCH", `${w}/size`, { width: 100, height: 480 }))).toEqual(
          refused("Invalid size 100x480 (minimum is 200x160)")
        )
        expect(told(yield* request("POST", `${w}/restore`))).toEqual(
          refused("Invalid operation: Window is neither minimized nor maximized")
        )
        expect((yield* request("GET", "/desktop/d")).body).toMatchObject({ desktop: { active_window: b } })
        expect(told(yield* request("POST", `${w}/focus`))).toEqual(done("Window focused"))
        expect((yield* request("GET", "/desktop/d")).body).toMatchObject({ desktop: { active_window: a } })

        const maximized = yield* request("POST", `${w}/maximize`, {})
        expect(told(maximized)).toEqual([
          200,
          { success: true, message: "Window maximized", window: expect.objectContaining({ id: a, maximized: true }) }
        ])
        expect(told(yield* request("PATCH", `${w}/position`, { x: 1, y: 1 }))).toEqual(
          refused("Invalid operation: Cannot move a maximized window")
        )
        expect(told(yield* request("PATCH", `${w}/size`, { width: 400, height: 400 }))).toEqual(
          refused("Invalid operation: Cannot resize a maximized window")
        )
        expect(told(yield* request("POST", `${w}/minimize`))).toEqual(done("Window minimized"))
        expect((yield* request("GET", "/desktop/d")).body).toMatchObject({ desktop: { active_window: b } })
        expect(told(yield* request("POST", `${w}/focus`))).toEqual(
          refused("Invalid operation: Cannot focus minimized window; restore first")
        )
        expect(told(yield* request("POST", `${w}/maximize`))).toEqual(
          refused("Invalid operation: Cannot maximize a minimized window; restore first")
        )
        expect(told(yield* request("POST", `${w}/restore`, { op_id: null }))).toEqual([
          200,
          {
            success: true,
            message: "Window restored",
            from: "minimized",
            window: expect.objectContaining({ maximized: true, minimized: false })
          }
        ])
        expect(told(yield* request("POST", `${w}/restore`))).toEqual([
          200,
          {
            success: true,
            message: "Window restored",
            from: "maximized",
            window: expect.objectContaining({ x: -5.5, y: 20, width: 640, height: 480, maximized: false })
          }
        ])
        yield* request("POST", `${w}/maximize`)
        expect((yield* request("POST", `${w}/restore`, { x: 9 })).body).toMatchObject({
          from: "maximized",
          window: { x: 9, y: 20, width: 640, maximized: false, zone: null }
        })
        expect((yield* request("POST", `${w}/restore`, { x: "9" })).status).toBe(422)
        expect((yield* request("PATCH", `${w}/snap`, { zone: "top_left" })).body).toMatchObject({
          success: true,
          message: "Window snapped",
          window: { zone: "top_left", width: 640 }
        })
        expect((yield* request("PATCH", w, { title: "Uno", props: { b: 2 } })).body).toMatchObject({
          success: true,
          message: "Window updated",
          window: { title: "Uno", props: { b: 2 }, zone: "top_left" }
        })
        expect(told(yield* request("PATCH", gone, { title: "x" }))).toEqual(missing)
        expect(told(yield* request("DELETE", w))).toEqual(done("Window closed"))
        expect((yield* request("GET", "/desktop/d")).body).toMatchObject({ desktop: { active_window: b } })

        const app = {
          id: "notes",
          name: "Notes",
          icon: "note",
          component_code: "N",
          default_width: 10,
          default_height: 300
        }
        expect(told(yield* request("POST", "/desktop/d/apps", app))).toEqual(done("App registered"))
        expect((yield* request("GET", "/desktop/d/apps")).body).toMatchObject({ apps: [...builtInApps, app] })
        expect((yield* request("POST", "/desktop/d/windows", { app_id: "notes", title: "" })).body).toMatchObject({
          window: { width: 200, height: 300 }
        })
        expect((yield* request("GET", "/desktop/other/windows")).body).toEqual({ success: true, windows: [] })
      })
    )
  )

  it.live("opens where it is told, under the client's own id, once; what is open it gives back", () =>
    onServer(({ request }) =>
      Effect.gen(function* () {
        const open = (body: object) => request("POST", "/desktop/d/windows", { title: "t", ...body })
        const place = { x: 1, y: 2, width: 900, height: 650, zone: "left", maximized: true }
        const mine = { app_id: "terminal", window_id: "mine", ...place, zone: "left" }
        expect((yield* open(mine)).body).toMatchObject({ window: { id: "mine", ...place } })
        expect((yield* open(mine)).body).toMatchObject({ window: { id: "mine", z_index: 1 } })
        const choir = openedOf(yield* open({ app_id: "choir", raise: false, window_id: null, x: null }))
        expect((yield* request("GET", "/desktop/d")).body).toMatchObject({ desktop: { active_window: "mine" } })
        expect(openedOf(yield* open({ app_id: "choir", window_id: "other" })).id).toBe(choir.id)
        expect((yield* request("GET", "/desktop/d")).body).toMatchObject({ desktop: { active_window: choir.id } })
        expect((yield* open({ app_id: "terminal", zone: "middle" })).status).toBe(422)
      })
    )
  )

  it.live("a body that is wrong is refused by what is wrong with it", () =>
    onServer(({ request }) =>
      Effect.gen(function* () {
        const windows = "/desktop/d/windows"
        const json = { "content-type": "application/json" }
        const statusOf = (reply: Reply) => {
          expect(reply.body).toMatchObject({ success: false, error: expect.any(String) })
          return reply.status
        }
        expect(statusOf(yield* request("POST", windows, '{"app_id":', json))).toBe(400)
        expect(statusOf(yield* request("POST", windows, new Uint8Array([0x22, 0xff, 0x22]), json))).toBe(400)
        expect(statusOf(yield* request("POST", windows, "{}", { "content-type": "text/plain" }))).toBe(415)
        expect(statusOf(yield* request("POST", windows, "{}"))).toBe(415)
        expect(statusOf(yield* request("POST", windows, { app_id: "chat" }))).toBe(422)
        expect(statusOf(yield* request("PATCH", `${windows}/w/position`, { x: "1", y: 2 }))).toBe(422)
        expect(statusOf(yield* request("PATCH", `${windows}/w/snap`, { zone: "middle" }))).toBe(422)
        expect(statusOf(yield* request("POST", windows, { app_id: "chat", title: "x".repeat(2 * 1024 * 1024) }))).toBe(
          413
        )
        expect(statusOf(yield* request("PUT", windows, {}))).toBe(405)
        expect(statusOf(yield* request("GET", "/desktop"))).toBe(404)
        expect(statusOf(yield* request("POST", `${windows}/w/focus`, "x", json))).toBe(400)
      })
    )
  )

  it.live("an id is any 256 characters, percent-encoded", () =>
    onServer((server) =>
      Effect.gen(function* () {
        const id = `a/b%2F ?#${"é".repeat(120)}${"\u{1f600}".repeat(63)}x`
        expect(id.length).toBe(256)
        const { id: window } = yield* open(server, encodeURIComponent(id))
        expect((yield* server.request("GET", `/desktop/${encodeURIComponent(id)}`)).body).toMatchObject({
          desktop: { active_window: window }
        })
        const events = yield* (yield* EventLog).read({ types: ["desktop.*"] })
        expect(events.map((event) => event.actor_id)).toEqual([id])

        expect((yield* server.request("GET", `/desktop/${encodeURIComponent(`${id}x`)}`)).status).toBe(422)
        const long = "%2F".repeat(256)
        expect(told(yield* server.request("DELETE", `/desktop/d/windows/${long}`))).toEqual(
          refused(`Window not found: ${"/".repeat(256)}`)
        )
      })
    )
  )
})

describe("a restart", () => {
  it.live("brings back exactly what was there, also a long window's props and the bounds under a maximize", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        let before: unknown
        let window = ""
        yield* serving(folder, (server) =>
          Effect.gen(function* () {
            yield* open(server)
            window = (yield* open(server, "d", { props: { text: "long ".repeat(30_000) } })).id
            yield* server.request("PATCH", `/desktop/d/windows/${window}/position`, { x: 7, y: 8 })
            yield* server.request("POST", `/desktop/d/windows/${window}/maximize`)
            yield* server.request("POST", `/desktop/d/windows/${window}/minimize`)
            before = (yield* server.request("GET", "/desktop/d")).body
          })
        )
        yield* serving(folder, (server) =>
          Effect.gen(function* () {
            expect((yield* server.request("GET", "/desktop/d")).body).toEqual(before)
            yield* server.request("POST", `/desktop/d/windows/${window}/restore`)
            const restored = yield* server.request("POST", `/desktop/d/windows/${window}/restore`)
            expect(restored.body).toMatchObject({
              from: "maximized",
              window: { x: 7, y: 8, width: 800, height: 600, props: { text: "long ".repeat(30_000) } }
            })
          })
        )
      })
    )
  )

  it.live("of a desktop that has crashed loses nothing, for those who watch as well", () =>
    onServer((server, tree) =>
      Effect.gen(function* () {
        const socket = yield* server.socket("/ws")
        yield* socket.send({ type: "subscribe", desktop_id: "d" })
        yield* socket.until((frame) => frame.type === "desktop_state")
        const { id } = yield* open(server)
        const before = (yield* server.request("GET", "/desktop/d")).body
        expect(yield* tree.crash("/session/desktops/d", Cause.die(new Error("on purpose")))).toBe(true)
        expect((yield* server.request("GET", "/desktop/d")).body).toEqual(before)
        yield* server.request("POST", `/desktop/d/windows/${id}/minimize`)
        expect((yield* socket.until((frame) => frame.type === "window_minimized")).map((frame) => frame.type)).toEqual([
          "window_opened",
          "window_minimized"
        ])
      })
    )
  )

  it.live("an idle desktop leaves memory with a snapshot, and comes back when it is asked", () =>
    onServer((server, tree) =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const { id } = yield* open(server)
        const before = (yield* server.request("GET", "/desktop/d")).body
        yield* Effect.repeat(tree.snapshot, { until: (all) => all.every((actor) => actor.kind !== "desktop") })

        const read: Array<number> = []
        const counting = {
          ...log,
          stream: (query: Parameters<typeof log.stream>[0]) => {
            read.push(query.since_seq ?? 0)
            return log.stream(query)
          }
        }
        const loaded = yield* loadDesktop(counting, "d")
        expect(before).toMatchObject({ success: true, desktop: desktopToWire(loaded.state) })
        expect(read).toEqual([1])

        yield* server.request("POST", `/desktop/d/windows/${id}/minimize`)
        const after = yield* server.request("GET", "/desktop/d")
        expect(after.body).toMatchObject({ desktop: { windows: [{ id, minimized: true }], active_window: null } })
      })
    ).pipe(Effect.provideService(DesktopIdleAfter, "20 millis"))
  )
})

describe("a desktop that leaves again and again", () => {
  it.live("answers whoever asks it just then", () =>
    onServer((server) =>
      Effect.gen(function* () {
        const { id } = yield* open(server)
        const replies = yield* Effect.forEach(
          Array.from({ length: 200 }, (_, index) => index),
          (index) => server.request("PATCH", `/desktop/d/windows/${id}/position`, { x: index, y: 0 }),
          { concurrency: 3 }
        )
        expect(replies.filter((reply) => reply.status !== 200)).toEqual([])
        const moved = yield* (yield* EventLog).read({ types: ["desktop.window_moved"] })
        expect(moved.length).toBe(200)
      })
    ).pipe(Effect.provideService(DesktopIdleAfter, "1 millis"))
  )
})

describe("the desktop's socket", () => {
  it.live("begins with pong, answers a ping, and says what it does not understand", () =>
    onServer((server) =>
      Effect.gen(function* () {
        const socket = yield* server.socket("/ws")
        expect(yield* socket.next).toEqual({ type: "pong" })
        const invalid = { type: "error", message: "Invalid message format" }
        for (const bad of [
          "{",
          '"x"',
          { type: "nonsense" },
          { type: "subscribe" },
          { type: "subscribe", desktop_id: "" }
        ]) {
          yield* socket.send(bad)
          expect(yield* socket.next).toEqual(invalid)
        }
        yield* socket.send({ type: "drag", window_id: "w", x: 1, y: 1 })
        expect(yield* socket.next).toEqual({ type: "error", message: "Subscribe to a desktop first" })
        yield* socket.send({ type: "ping" })
        expect(yield* socket.next).toEqual({ type: "pong" })
        yield* socket.close
        expect(yield* socket.closed).toBe(1005)
      })
    )
  )

  it.live("shows each change as the contract shapes it, with the op_id of its command", () =>
    onServer((server) =>
      Effect.gen(function* () {
        const { request } = server
        const socket = yield* server.socket("/ws")
        yield* socket.send({ type: "subscribe", desktop_id: "d" })
        expect((yield* socket.until((frame) => frame.type === "desktop_state")).at(-1)).toMatchObject({
          desktop: { windows: [], active_window: null }
        })
        const { id } = yield* open(server, "d", { op_id: "op-1" })
        const w = `/desktop/d/windows/${id}`
        yield* request("PATCH", `${w}/position`, { x: 1, y: 2, op_id: "op-2" })
        yield* request("PATCH", `${w}/size`, { width: 300, height: 310 })
        yield* request("POST", `${w}/focus`)
        yield* request("POST", `${w}/maximize`)
        yield* request("POST", `${w}/minimize`)
        yield* request("POST", `${w}/restore`)
        yield* request("PATCH", `${w}/snap`, { zone: "right" })
        yield* request("POST", "/desktop/d/apps", {
          id: "n",
          name: "N",
          icon: "i",
          component_code: "c",
          default_width: 1,
          default_height: 1
        })
        yield* request("DELETE", `${w}?op_id=op-9`)
        const bounds = { x: 1, y: 2, width: 300, height: 310 }
        expect(yield* socket.until((frame) => frame.type === "window_closed")).toEqual([
          { type: "window_opened", window: expect.objectContaining({ id, z_index: 1 }), seq: 1, op_id: "op-1" },
          { type: "window_moved", window_id: id, x: 1, y: 2, seq: 2, op_id: "op-2" },
          { type: "window_resized", window_id: id, width: 300, height: 310, seq: 3 },
          { type: "window_focused", window_id: id, z_index: 4, seq: 4 },
          { type: "window_maximized", window_id: id, ...bounds, z_index: 5, seq: 5 },
          { type: "window_minimized", window_id: id, seq: 6 },
          { type: "window_restored", window_id: id, ...bounds, from: "minimized", maximized: true, z_index: 7, seq: 7 },
          { type: "window_snapped", window_id: id, zone: "right", z_index: 8, seq: 8 },
          { type: "app_registered", app: expect.objectContaining({ id: "n" }), seq: 9 },
          { type: "window_closed", window_id: id, seq: 10, op_id: "op-9" }
        ])
        const other = yield* open(server)
        yield* request("PATCH", `/desktop/d/windows/${other.id}`, { title: "New", op_id: "op-11" })
        yield* request("DELETE", `/desktop/d/windows/${other.id}`, { op_id: "op-12" })
        expect((yield* socket.until((frame) => frame.type === "window_closed")).slice(1)).toEqual([
          { type: "window_updated", window_id: other.id, title: "New", seq: 12, op_id: "op-11" },
          { type: "window_closed", window_id: other.id, seq: 13, op_id: "op-12" }
        ])
      })
    )
  )

  it.live("sockets that come while clients race lose nothing, and see the same in the same order", () =>
    onServer((server) =>
      Effect.gen(function* () {
        const windows = yield* Effect.all([open(server), open(server), open(server)])
        const racing = Effect.forEach(
          Array.from({ length: 120 }, (_, index) => index),
          (index) => {
            const path = `/desktop/d/windows/${windows[index % 3]?.id}`
            return index % 4 === 0
              ? server.request("POST", `${path}/focus`)
              : server.request("PATCH", `${path}/position`, { x: index, y: index })
          },
          { concurrency: 12, discard: true }
        )
        const watch = Effect.gen(function* () {
          const socket = yield* server.socket("/ws")
          yield* socket.send({ type: "subscribe", desktop_id: "d" })
          yield* socket.until((frame) => frame.type === "pong")
          const state = yield* socket.next
          expect(state.type).toBe("desktop_state")
          return { state, socket }
        })
        const [, early, late] = yield* Effect.all([racing, watch, watch], { concurrency: "unbounded" })
        const last = yield* open(server, "d", { title: "last" })
        const isLast = (frame: Frame) => frame.type === "window_opened" && frame.seq === last.z_index
        const log = yield* EventLog
        const all = (yield* log.read({ actor_id: "d", limit: 1000 })).map((event) => event.seq)
        for (const { socket, state } of [early, late]) {
          const seqs = (yield* socket.until(isLast)).map((frame) => frame.seq)
          const shown = Schema.decodeUnknownSync(
            Schema.Struct({ desktop: Schema.Struct({ windows: Schema.Array(Schema.Struct({ z_index: Schema.Int })) }) })
          )(state)
          // The state has all before the first change that is shown, and the rest follows without a gap.
          expect(seqs).toEqual(all.slice(all.length - seqs.length))
          for (const { z_index } of shown.desktop.windows) expect(z_index).toBeLessThan(Number(seqs[0]))
        }
        const live = (yield* server.request("GET", "/desktop/d")).body
        expect(live).toMatchObject({ success: true, desktop: desktopToWire((yield* loadDesktop(log, "d")).state) })
      })
    )
  )

  it.live("another desktop does not show; a drag is seen by the others and not stored", () =>
    onServer((server) =>
      Effect.gen(function* () {
        const { id } = yield* open(server)
        const subscribed = Effect.gen(function* () {
          const socket = yield* server.socket("/ws")
          yield* socket.send({ type: "subscribe", desktop_id: "d" })
          yield* socket.until((frame) => frame.type === "desktop_state")
          return socket
        })
        const mine = yield* subscribed
        const theirs = yield* subscribed
        yield* open(server, "other")
        yield* mine.send({ type: "drag", window_id: id, x: 5, y: 6, op_id: "o" })
        expect(yield* theirs.next).toEqual({ type: "window_dragged", window_id: id, x: 5, y: 6, op_id: "o" })
        yield* mine.send({ type: "drag", window_id: "gone", x: 5, y: 6 })
        expect(yield* mine.next).toEqual({ type: "error", message: "Window not found: gone" })
        yield* server.request("POST", `/desktop/d/windows/${id}/focus`)
        expect((yield* mine.next).type).toBe("window_focused")

        yield* mine.send({ type: "subscribe", desktop_id: "other" })
        expect(yield* mine.next).toMatchObject({ type: "desktop_state", desktop: { windows: [{ title: "Chat" }] } })
        yield* server.request("POST", `/desktop/d/windows/${id}/focus`)
        const { z_index } = yield* open(server, "other")
        expect(yield* mine.next).toMatchObject({ type: "window_opened", seq: z_index })
        const types = (yield* (yield* EventLog).read({})).map((event) => event.event_type)
        expect(types.filter((type) => type.includes("drag"))).toEqual([])
      })
    )
  )
})
