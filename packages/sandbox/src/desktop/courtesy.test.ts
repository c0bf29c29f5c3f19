/** An agent at a desktop that someone is at. */
import { courtesy, type DesktopCommand } from "@choiros/protocol"
import type { Tree } from "@choiros/supervision"
import { describe, expect, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { onServer, open } from "../../test/desktops.ts"
import { commandDesktop, userActs } from "./DesktopActor.ts"

const byAgent = { agent: "code", run_id: "r" }

/** An agent's command. */
const asAgent = (tree: Tree, command: DesktopCommand) => commandDesktop(tree, "d", { ...command, by: byAgent })

const opens = (window_id: string, app_id = "terminal"): DesktopCommand => ({
  _tag: "Open",
  window_id,
  app_id,
  title: window_id
})

describe("an agent at a desktop", () => {
  it.live("opens under what a user who acts looks at, in its name, and leaves alone what they touched", () =>
    onServer((server, tree) =>
      Effect.gen(function* () {
        const socket = yield* server.socket("/ws")
        yield* socket.send({ type: "active" })
        expect((yield* socket.until((frame) => frame.type === "error")).at(-1)).toEqual({
          type: "error",
          message: "Subscribe to a desktop first"
        })
        yield* socket.send({ type: "subscribe", desktop_id: "d" })
        yield* socket.until((frame) => frame.type === "desktop_state")
        const { id } = yield* open(server)
        // They go on for as long as the test takes.
        yield* Effect.forkScoped(Effect.forever(Effect.andThen(userActs(tree, "d"), Effect.sleep("100 millis"))))
        const under = yield* asAgent(tree, opens("w"))
        expect(under.state.windows.map((window) => window.id)).toEqual(["w", id])
        const refusal = yield* Effect.flip(asAgent(tree, { _tag: "Close", window_id: id }))
        expect(refusal.message).toContain("The user is at work")
        expect((yield* socket.until((frame) => frame.over !== undefined)).at(-1)).toMatchObject({
          type: "window_opened",
          window: { id: "w", z_index: 1 },
          over: { window_id: id, z_index: 2 },
          by: byAgent
        })
        yield* asAgent(tree, { _tag: "Notify", title: "Done", text: "", level: "success" })
        expect(yield* socket.next).toEqual({
          type: "notified",
          title: "Done",
          text: "",
          level: "success",
          by: byAgent,
          seq: 3
        })
      })
    )
  )

  it.live("is in front again when nobody has acted since it was started; `active` keeps it behind", () =>
    onServer((server, tree) =>
      Effect.gen(function* () {
        expect((yield* asAgent(tree, opens("a"))).state.windows.at(-1)?.id).toBe("a")
        expect((yield* asAgent(tree, opens("b"))).state.windows.at(-1)?.id).toBe("b")
        const socket = yield* server.socket("/ws")
        yield* socket.send({ type: "subscribe", desktop_id: "d" })
        yield* socket.send({ type: "active" })
        yield* socket.send({ type: "ping" })
        yield* socket.until((frame) => frame.type === "desktop_state")
        yield* socket.until((frame) => frame.type === "pong")
        expect((yield* asAgent(tree, opens("c"))).state.windows.at(-1)?.id).toBe("b")
      })
    )
  )

  it.live(
    "leaves what the user has touched alone for a minute: typing in a window is a touch, and so is a drag",
    () => {
      const later = { by: 0 }
      return onServer((server, tree) =>
        Effect.gen(function* () {
          const socket = yield* server.socket("/ws")
          yield* socket.send({ type: "subscribe", desktop_id: "d" })
          yield* socket.until((frame) => frame.type === "desktop_state")
          // Theirs no longer: opened long ago.
          const [typed, dragged, other] = [yield* open(server), yield* open(server), yield* open(server)]
          later.by += courtesy.touched
          yield* socket.until((frame) => frame.seq === other.z_index)
          yield* socket.send({ type: "active", window_id: typed.id })
          yield* socket.send({ type: "drag", window_id: dragged.id, x: 1, y: 1 })
          // Who touches no window that is there touches none.
          later.by += 1_000
          yield* socket.send({ type: "active", window_id: "gone" })
          yield* socket.send({ type: "ping" })
          yield* socket.until((frame) => frame.type === "pong")
          const close = (window_id: string) =>
            Effect.match(asAgent(tree, { _tag: "Close", window_id }), {
              onFailure: ({ message }) => message,
              onSuccess: () => "closed"
            })
          expect(yield* close(other.id)).toContain("The user is at work")
          later.by += courtesy.idle
          expect(yield* close(typed.id)).toContain("The user has just used this window")
          expect(yield* close(dragged.id)).toContain("The user has just used this window")
          expect(yield* close(other.id)).toBe("closed")
          later.by += courtesy.touched
          expect(yield* close(typed.id)).toBe("closed")
          expect(yield* close(dragged.id)).toBe("closed")
        })
      ).pipe(Effect.provideServiceEffect(Clock.Clock, clockThatIs(later)))
    }
  )
})

/** The time goes on by itself, and as much further as the test says. */
const clockThatIs = (later: { readonly by: number }) =>
  Effect.map(Clock.Clock, (clock): Clock.Clock => {
    const millis = () => clock.currentTimeMillisUnsafe() + later.by
    return Object.assign(Object.create(clock), {
      currentTimeMillisUnsafe: millis,
      currentTimeMillis: Effect.sync(millis)
    })
  })
