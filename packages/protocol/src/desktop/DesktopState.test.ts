import { expect, it } from "@effect/vitest"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Event } from "../Event.ts"
import { Zone } from "../events/desktop.ts"
import { catalog } from "../events.ts"
import { DesktopChangeFrame, desktopChangeFrame } from "../frames/desktop.ts"
import {
  activeWindow,
  type DesktopState,
  desktopEventTypes,
  evolveDesktop,
  findWindow,
  initialDesktop
} from "./DesktopState.ts"
import { type DesktopChange, type DesktopCommand, decideDesktop, minimumSize } from "./decide.ts"
import { Desktop, desktopToWire } from "./wire.ts"

/** An operation on the n-th window (the one past the last is not there), which may be refused. */
const Operation = Schema.Struct({
  kind: Schema.Literals([
    "Open",
    "Close",
    "Focus",
    "Minimize",
    "Maximize",
    "Restore",
    "Move",
    "Resize",
    "Snap",
    "RegisterApp"
  ]),
  target: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 })),
  a: Schema.Finite,
  b: Schema.Int.check(Schema.isBetween({ minimum: -10, maximum: 2000 })),
  zone: Schema.NullOr(Zone)
})
type Operation = typeof Operation.Type

const Operations = Schema.Array(Operation).check(Schema.isMaxLength(60))

/** Long enough lists to reach a window that is maximized and then minimized. */
const often = { arbitrary: { runs: 300, size: 60 } }

const commandOf = ({ kind, target, a, b, zone }: Operation, state: DesktopState, index: number): DesktopCommand => {
  const window_id = state.windows[target]?.id ?? "gone"
  switch (kind) {
    case "Open":
      return { _tag: "Open", window_id: `w${index}`, app_id: state.apps[target]?.id ?? "gone", title: "t" }
    case "Move":
      return { _tag: "Move", window_id, x: a, y: b }
    case "Resize":
      return { _tag: "Resize", window_id, width: a, height: b }
    case "Snap":
      return { _tag: "Snap", window_id, zone }
    case "RegisterApp":
      return {
        _tag: "RegisterApp",
        app: { id: `app${target}`, name: "n", icon: "i", component_code: "c", default_width: b, default_height: b }
      }
    default:
      return { _tag: kind, window_id }
  }
}

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

/** Lives through the operations; `seen` looks at each accepted one. Other events lie between those of the desktop. */
const live = (
  operations: ReadonlyArray<Operation>,
  seen: (event: Event, before: DesktopState, after: DesktopState) => void = () => {}
) => {
  const events: Array<Event> = []
  let state = initialDesktop
  let seq = 0
  for (const [index, operation] of operations.entries()) {
    seq += operation.target
    const decided = decideDesktop(commandOf(operation, state, index), state)
    if (Result.isFailure(decided)) continue
    for (const change of decided.success) {
      seq += 1
      const event = stored(change, seq)
      const after = evolveDesktop(state, event)
      seen(event, state, after)
      events.push(event)
      state = after
    }
  }
  return { state, events }
}

const OfWindow = Schema.Struct({ window_id: Schema.String })

const text = (value: unknown): string => JSON.stringify(value)

it.prop(
  "any list of operations keeps the invariants",
  { operations: Operations },
  ({ operations }) => {
    const isDesktop = Schema.is(Desktop)
    live(operations, (_, __, after) => {
      const wire = desktopToWire(after)
      expect(isDesktop(wire)).toBe(true)
      expect(new Set(wire.windows.map(({ id }) => id)).size).toBe(wire.windows.length)
      const heights = wire.windows.map(({ z_index }) => z_index)
      expect(heights).toEqual([...new Set(heights)].sort((a, b) => a - b))
      for (const window of wire.windows) {
        expect(window.width).toBeGreaterThanOrEqual(minimumSize.width)
        expect(window.height).toBeGreaterThanOrEqual(minimumSize.height)
        expect(window.minimized && window.maximized).toBe(false)
      }
      const shown = wire.windows.filter(({ minimized }) => !minimized)
      expect(wire.active_window).toBe(shown.at(-1)?.id ?? null)
    })
  },
  often
)

it.prop(
  "a change touches its own window alone, and raises no other",
  { operations: Operations },
  ({ operations }) => {
    live(operations, ({ payload }, before, after) => {
      const named = Option.getOrUndefined(Schema.decodeUnknownOption(OfWindow)(payload))?.window_id
      const others = ({ windows }: DesktopState) => windows.filter(({ id }) => id !== named)
      expect(others(after)).toEqual(others(before))
    })
  },
  often
)

it.prop(
  "the replay equals the live state, also from a snapshot taken anywhere, and through JSON",
  { operations: Operations, cut: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 40 })) },
  ({ operations, cut }) => {
    const { state, events } = live(operations)
    const read: ReadonlyArray<Event> = JSON.parse(text(events))
    expect(text(read.reduce(evolveDesktop, initialDesktop))).toBe(text(state))

    const snapshot: DesktopState = JSON.parse(text(read.slice(0, cut).reduce(evolveDesktop, initialDesktop)))
    expect(text(read.slice(cut).reduce(evolveDesktop, snapshot))).toBe(text(state))
  },
  often
)

it.prop(
  "every decided change fits its schema, and has a frame that fits the contract's",
  { operations: Operations },
  ({ operations }) => {
    const isFrame = Schema.is(DesktopChangeFrame)
    live(operations, (event, _, after) => {
      const definition = catalog.get(event.event_type)
      expect(definition !== undefined && Schema.is(definition.payload)(event.payload)).toBe(true)
      expect(isFrame(desktopChangeFrame(event, after))).toBe(true)
    })
  },
  often
)

it.prop(
  "maximize and restore, minimize and restore, leave a shown window as it was",
  { operations: Operations },
  ({ operations }) => {
    const { state } = live(operations)
    const active = activeWindow(state)
    if (active === null) return
    const before = findWindow(state, active)
    for (const hide of ["Minimize", "Maximize"] as const) {
      if (hide === "Maximize" && before?.maximized === true) continue
      let after = state
      let seq = 1_000_000
      for (const _tag of [hide, "Restore"] as const) {
        for (const change of Result.getOrThrow(decideDesktop({ _tag, window_id: active }, after))) {
          seq += 1
          after = evolveDesktop(after, stored(change, seq))
        }
      }
      expect(findWindow(after, active)).toEqual({ ...before, z_index: seq })
      expect(activeWindow(after)).toBe(active)
    }
  },
  often
)

it("what it does not know leaves it as it is", () => {
  const { state } = live([{ kind: "Open", target: 0, a: 0, b: 0, zone: null }])
  const base = stored({ event_type: "desktop.window_closed", payload: { window_id: "w0" } }, 9)

  expect(evolveDesktop(state, { ...base, event_type: "desktop.window_painted" })).toBe(state)
  expect(evolveDesktop(state, { ...base, version: 99 })).toBe(state)
  expect(evolveDesktop(state, { ...base, payload: { erased: true } })).toBe(state)
  expect(text(evolveDesktop(state, { ...base, payload: { window_id: "never opened" } }))).toBe(text(state))
})

it("its event types are the family's", () => {
  const family = [...catalog.keys()].filter((type) => type.startsWith("desktop."))

  expect([...desktopEventTypes].sort()).toEqual(family.sort())
})
