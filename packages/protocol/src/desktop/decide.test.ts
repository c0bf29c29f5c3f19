import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import type { Event } from "../Event.ts"
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
