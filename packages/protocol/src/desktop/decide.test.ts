import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import type { Event } from "../Event.ts"
import type { Props } from "../events/desktop.ts"
import { activeWindow, type DesktopState, evolveDesktop, findWindow, initialDesktop } from "./DesktopState.ts"
import { type DesktopChange, type DesktopCommand, decideDesktop } from "./decide.ts"
import { desktopToWire } from "./wire.ts"

const stored = (change: DesktopChange, seq: number): Event => ({
  seq,
  event_id: `event-${seq}`,
  timestamp: "2026-01-01T00:00:00.000Z",
  version: 1,
  actor_id: "desktop",
  user_id: null,
  session_id: null,
  thread_id: null,
  run_id: null,
  correlation_id: null,
  causation_id: null,
  ...change
})

/** Commands that are all accepted; each event gets the next seq. */
const given = (...commands: ReadonlyArray<DesktopCommand>): DesktopState => {
  let seq = 0
  let state = initialDesktop
  for (const command of commands) {
    for (const change of Result.getOrThrow(decideDesktop(command, state))) {
      seq += 1
      state = evolveDesktop(state, stored(change, seq))
    }
  }
  return state
}

const refusal = (command: DesktopCommand, state: DesktopState): string =>
  Result.match(decideDesktop(command, state), { onSuccess: () => "accepted", onFailure: (sentence) => sentence })

const open = (window_id: string, app_id = "chat") =>
  ({ _tag: "Open", window_id, app_id, title: window_id }) satisfies DesktopCommand

const on = (_tag: "Close" | "Focus" | "Minimize" | "Maximize" | "Restore", window_id: string): DesktopCommand => ({
  _tag,
  window_id
})

describe("a fresh desktop", () => {
  it("has no window, and chat at 800x600", () => {
    const { windows, active_window, apps } = desktopToWire(initialDesktop)

    expect(windows).toEqual([])
    expect(active_window).toBeNull()
    expect(apps.find(({ id }) => id === "chat")).toMatchObject({ default_width: 800, default_height: 600 })
  })
})

describe("open", () => {
  it("cascades by 30 px from (100, 100), raises and activates", () => {
    const state = given(open("a"), open("b"), open("c"))

    expect(state.windows.map(({ x, y }) => [x, y])).toEqual([
      [100, 100],
      [130, 130],
      [160, 160]
    ])
    expect(state.windows.map(({ z_index }) => z_index)).toEqual([1, 2, 3])
    expect(activeWindow(state)).toBe("c")
  })

  it("never lands exactly on another window", () => {
    const state = given(open("a"), open("b"), on("Close", "a"), open("c"))

    expect(findWindow(state, "b")).toMatchObject({ x: 130, y: 130 })
    expect(findWindow(state, "c")).toMatchObject({ x: 160, y: 160 })
  })

  it("shows what the contract shows", () => {
    const state = given({ ...open("a"), props: { path: "x" } })

    expect(desktopToWire(state).windows).toEqual([
      {
        id: "a",
        app_id: "chat",
        title: "a",
        x: 100,
        y: 100,
        width: 800,
        height: 600,
        z_index: 1,
        minimized: false,
        maximized: false,
        zone: null,
        props: { path: "x" }
      }
    ])
  })

  it("refuses an app that is not there", () => {
    expect(refusal(open("a", "nope"), initialDesktop)).toBe("App not found: nope")
  })

  it("gives a small app a window of the minimum size", () => {
    const app = { id: "dot", name: "Dot", icon: "dot", component_code: "Dot", default_width: 1, default_height: 1 }
    const state = given({ _tag: "RegisterApp", app }, open("a", "dot"))

    expect(findWindow(state, "a")).toMatchObject({ width: 200, height: 160 })
  })
})

describe("what is open already", () => {
  const of = (window_id: string, app_id: string, props: Props = {}) => ({ ...open(window_id, app_id), props })
  const changesOf = (command: DesktopCommand, state: DesktopState) => Result.getOrThrow(decideDesktop(command, state))
  const thread = { actor_id: "me", session_id: "s", thread_id: "t" }

  it("is focused, not opened again: the one Choir, the same run, thread or file", () => {
    for (const [app, props] of [
      ["choir", {}],
      ["run", { run_id: "r" }],
      ["chat", thread],
      ["editor", { path: "/w/a.ts" }]
    ] as const) {
      const state = given(of("a", app, props), of("b", "terminal"))
      expect(changesOf({ ...of("c", app, props), op_id: "o" }, state)).toEqual([
        { event_type: "desktop.window_focused", payload: { window_id: "a", op_id: "o" } }
      ])
      expect(activeWindow(given(of("a", app, props), of("b", "terminal"), of("c", app, props)))).toBe("a")
    }
  })

  it("is another for another object, for none, and for an app of many windows", () => {
    expect(given(of("a", "run", { run_id: "r" }), of("b", "run", { run_id: "q" })).windows.length).toBe(2)
    expect(given(of("a", "chat"), of("b", "chat"), of("c", "chat", thread)).windows.length).toBe(3)
    expect(given(of("a", "chat", thread), of("b", "chat", { ...thread, thread_id: null })).windows.length).toBe(2)
    expect(given(of("a", "terminal"), of("b", "terminal")).windows.length).toBe(2)
  })

  it("comes back when it was minimized, as it was", () => {
    const state = given(of("a", "choir"), on("Maximize", "a"), on("Minimize", "a"), of("b", "choir"))
    expect(state.windows).toMatchObject([{ id: "a", hidden: false, maximized: true }])
  })

  it("is told the line to go to, also when it is the same again", () => {
    const at = (line: number) => of("b", "editor", { path: "/w/a.ts", line })
    const state = given(of("a", "editor", { path: "/w/a.ts" }), at(3))
    expect(state.windows).toMatchObject([{ id: "a", props: { path: "/w/a.ts", line: 3 } }])
    expect(changesOf(at(3), state).map(({ event_type }) => event_type)).toEqual([
      "desktop.window_updated",
      "desktop.window_focused"
    ])
  })
})

describe("open with a place", () => {
  it("is where it is said, and no smaller than its app needs", () => {
    const state = given({ ...open("a"), x: -5, y: 7, width: 1, height: 700, zone: "left", maximized: true })
    const place = { x: -5, y: 7, width: 360, height: 700, zone: "left", maximized: true }
    expect(findWindow(state, "a")).toMatchObject(place)
  })

  it("under the active one leaves that active, and on top", () => {
    const state = given(open("a"), open("b"), open("c"), on("Minimize", "c"), { ...open("d"), raise: false })
    expect(state.windows.map(({ id, z_index }) => [id, z_index])).toEqual([
      ["a", 1],
      ["d", 2],
      ["c", 3],
      ["b", 5]
    ])
    expect(activeWindow(state)).toBe("b")
    expect(activeWindow(given({ ...open("a"), raise: false }))).toBe("a")
  })
})

describe("an agent", () => {
  const by = { agent: "code", run_id: "r" }
  const decided = (command: DesktopCommand, idleFor: number, touched: number | null = null) =>
    Result.map(
      decideDesktop({ ...command, by }, given(open("w"), open("v", "choir")), { idleFor, touchedFor: () => touched }),
      (changes) => changes.map(({ payload }) => payload)
    )

  it("opens in front of who has been idle for 3 s, and under what others work in; always in its name", () => {
    expect(decided(open("n"), 3_000)).toMatchObject(Result.succeed([{ window_id: "n", by }]))
    expect(Result.getOrThrow(decided(open("n"), 3_000))[0]).not.toHaveProperty("raise")
    expect(decided(open("n"), 2_999)).toMatchObject(Result.succeed([{ window_id: "n", by, raise: false }]))
    expect(decided(open("n", "choir"), 2_999)).toEqual(Result.succeed([]))
    expect(decided(open("n", "choir"), 3_000)).toMatchObject(Result.succeed([{ window_id: "v", by }]))
  })

  it("does not even show another line of what they have touched within a minute", () => {
    const line: DesktopCommand = { ...open("n", "choir"), props: { line: 3 } }
    expect(decided(line, 5_000, 59_999)).toEqual(Result.succeed([]))
    expect(decided(line, 5_000, 60_000)).toMatchObject(Result.succeed([{ props: { line: 3 } }, { window_id: "v" }]))
  })

  it("leaves windows alone while the user acts, and for a minute what they have touched", () => {
    const move: DesktopCommand = { _tag: "Move", window_id: "w", x: 1, y: 1 }
    for (const command of [move, on("Close", "w"), on("Focus", "w"), on("Minimize", "w"), on("Maximize", "w")]) {
      expect(decided(command, 0)).toEqual(
        Result.fail("Invalid operation: The user is at work; leave the windows as they are")
      )
      expect(decided(command, 5_000, 59_999)).toEqual(
        Result.fail("Invalid operation: The user has just used this window; leave it as it is")
      )
      expect(Result.isSuccess(decided(command, 5_000, 60_000))).toBe(true)
    }
  })

  it("may always say something", () => {
    const notice: DesktopCommand = { _tag: "Notify", title: "Done", text: "All of it", level: "success" }
    expect(decided(notice, 0)).toEqual(Result.succeed([{ title: "Done", text: "All of it", level: "success", by }]))
  })
})

describe("the sentences of the contract", () => {
  const maximized = given(open("w"), on("Maximize", "w"))
  const minimized = given(open("w"), on("Minimize", "w"))
  const normal = given(open("w"))

  it.each<[DesktopCommand, DesktopState, string]>([
    [on("Close", "x"), normal, "Window not found: x"],
    [{ _tag: "Move", window_id: "x", x: 0, y: 0 }, normal, "Window not found: x"],
    [{ _tag: "Move", window_id: "w", x: 0, y: 0 }, maximized, "Invalid operation: Cannot move a maximized window"],
    [{ _tag: "Resize", window_id: "w", width: 199, height: 300 }, normal, "Invalid size 199x300 (minimum is 200x160)"],
    [{ _tag: "Resize", window_id: "w", width: 200, height: 159 }, normal, "Invalid size 200x159 (minimum is 200x160)"],
    [
      { _tag: "Resize", window_id: "w", width: 300, height: 300 },
      maximized,
      "Invalid operation: Cannot resize a maximized window"
    ],
    [on("Focus", "w"), minimized, "Invalid operation: Cannot focus minimized window; restore first"],
    [on("Maximize", "w"), minimized, "Invalid operation: Cannot maximize a minimized window; restore first"],
    [on("Restore", "w"), normal, "Invalid operation: Window is neither minimized nor maximized"],
    [
      { _tag: "Snap", window_id: "w", zone: "left" },
      minimized,
      "Invalid operation: Cannot snap a minimized window; restore first"
    ]
  ])("%j", (command, state, sentence) => {
    expect(refusal(command, state)).toBe(sentence)
  })
})

describe("what becomes of a window", () => {
  it("shows another thing under another title; what is not said stays", () => {
    const update = { _tag: "Update", window_id: "w", title: "Thread 2" } satisfies DesktopCommand
    const state = given({ ...open("w"), props: { a: 1 } }, update)
    expect(findWindow(state, "w")).toMatchObject({ title: "Thread 2", props: { a: 1 }, z_index: 1 })
    expect(Result.getOrThrow(decideDesktop(update, state))).toEqual([])
    expect(findWindow(given(open("w"), { ...update, props: { b: 2 } }), "w")?.props).toEqual({ b: 2 })
  })

  it("200x160 is large enough", () => {
    const state = given(open("w"), { _tag: "Resize", window_id: "w", width: 200, height: 160 })

    expect(findWindow(state, "w")).toMatchObject({ width: 200, height: 160 })
  })

  it("closing or minimizing the active one activates the highest that is left", () => {
    expect(activeWindow(given(open("a"), open("b"), open("c"), on("Focus", "a"), on("Close", "a")))).toBe("c")
    expect(activeWindow(given(open("a"), open("b"), open("c"), on("Minimize", "c")))).toBe("b")
    expect(activeWindow(given(open("a"), on("Minimize", "a")))).toBeNull()
  })

  it("focus raises: z_index is the seq that did it, and windows are listed by it", () => {
    const { windows, active_window } = desktopToWire(given(open("a"), open("b"), on("Focus", "a")))

    expect(windows.map(({ id, z_index }) => [id, z_index])).toEqual([
      ["b", 2],
      ["a", 3]
    ])
    expect(active_window).toBe("a")
  })

  it("maximize, then restore, brings back the exact bounds", () => {
    const moved: ReadonlyArray<DesktopCommand> = [
      open("w"),
      { _tag: "Move", window_id: "w", x: -7, y: 13.5 },
      { _tag: "Resize", window_id: "w", width: 321, height: 234 }
    ]
    const maximized = given(...moved, on("Maximize", "w"))
    expect(desktopToWire(maximized).windows[0]).toMatchObject({ maximized: true, minimized: false })

    const restored = given(...moved, on("Maximize", "w"), on("Restore", "w"))
    expect(desktopToWire(restored).windows[0]).toMatchObject({
      x: -7,
      y: 13.5,
      width: 321,
      height: 234,
      maximized: false
    })
  })

  it("a minimized maximized window shows minimized alone, and comes back maximized, from minimized", () => {
    const hidden = given(open("w"), on("Maximize", "w"), on("Minimize", "w"))
    expect(desktopToWire(hidden).windows[0]).toMatchObject({ minimized: true, maximized: false })

    const [change] = Result.getOrThrow(decideDesktop(on("Restore", "w"), hidden))
    expect(change?.payload).toMatchObject({ from: "minimized" })
    const back = given(open("w"), on("Maximize", "w"), on("Minimize", "w"), on("Restore", "w"))
    expect(desktopToWire(back).windows[0]).toMatchObject({ minimized: false, maximized: true })
  })

  it("a snapped window that was maximized is snapped again, with its bounds kept", () => {
    const snap: DesktopCommand = { _tag: "Snap", window_id: "w", zone: "left" }
    const state = given(open("w"), snap, on("Maximize", "w"), on("Restore", "w"))

    expect(desktopToWire(state).windows[0]).toMatchObject({ zone: "left", maximized: false, x: 100, width: 800 })
    expect(findWindow(given(open("w"), snap, { ...snap, zone: null }), "w")?.zone).toBeNull()
    expect(findWindow(given(open("w"), snap, { _tag: "Move", window_id: "w", x: 1, y: 2 }), "w")?.zone).toBeNull()
  })

  it("a maximized window that is dragged out is put down by one change, in no zone, in its own size", () => {
    const drag: DesktopCommand = { _tag: "Restore", window_id: "w", x: 7, y: 8 }
    const maximized = given(open("w"), { _tag: "Snap", window_id: "w", zone: "left" }, on("Maximize", "w"))
    const place = { x: 7, y: 8, width: 800, height: 600, zone: null }
    expect(Result.getOrThrow(decideDesktop(drag, maximized))).toEqual([
      { event_type: "desktop.window_restored", payload: { window_id: "w", ...place, from: "maximized" } }
    ])
    expect(findWindow(given(open("w"), on("Maximize", "w"), drag), "w")).toMatchObject({ ...place, maximized: false })
    // What is minimized comes back as it was.
    const hidden = given(open("w"), on("Maximize", "w"), on("Minimize", "w"), drag)
    expect(findWindow(hidden, "w")).toMatchObject({ hidden: false, maximized: true, x: 100, y: 100 })
  })

  it("minimizing what is minimized changes nothing, and tells nobody", () => {
    expect(Result.getOrThrow(decideDesktop(on("Minimize", "w"), given(open("w"), on("Minimize", "w"))))).toEqual([])
  })

  it("registering an app again replaces it", () => {
    const app = { id: "chat", name: "Talk", icon: "x", component_code: "Talk", default_width: 500, default_height: 400 }
    const state = given({ _tag: "RegisterApp", app }, open("w"))

    expect(state.apps.filter(({ id }) => id === "chat")).toEqual([app])
    expect(findWindow(state, "w")).toMatchObject({ width: 500, height: 400 })
  })

  it("the change carries the command's op_id", () => {
    const [change] = Result.getOrThrow(decideDesktop({ ...open("w"), op_id: "op-1" }, initialDesktop))

    expect(change?.payload.op_id).toBe("op-1")
  })
})
