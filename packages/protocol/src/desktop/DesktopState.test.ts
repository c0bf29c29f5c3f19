import { expect, it } from "@effect/vitest"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Event } from "../Event.ts"
import { DesktopAgent, Zone } from "../events/desktop.ts"
import { catalog, isEvent } from "../events.ts"
import { DesktopChangeFrame, desktopChangeFrame } from "../frames/desktop.ts"
import {
  activeWindow,
  type DesktopState,
  desktopEventTypes,
  evolveDesktop,
  findWindow,
  initialDesktop
} from "./DesktopState.ts"
import { type DesktopChange, type DesktopCommand, decideDesktop, minimumSize, type UserPresence } from "./decide.ts"
import { Desktop, desktopFromWire, desktopToWire } from "./wire.ts"

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
    "Update",
    "Notify",
    "RegisterApp"
  ]),
  target: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 })),
  a: Schema.Finite,
  b: Schema.Int.check(Schema.isBetween({ minimum: -10, maximum: 2000 })),
  zone: Schema.NullOr(Zone),
  /** Of an agent, under what is active, with a place of its own, of the same object as others. */
  flags: Schema.Struct({ agent: Schema.Boolean, under: Schema.Boolean, placed: Schema.Boolean, object: Schema.Boolean })
})
type Operation = typeof Operation.Type

const Operations = Schema.Array(Operation).check(Schema.isMaxLength(60))

/** Long enough lists to reach a window that is maximized and then minimized. */
const often = { arbitrary: { runs: 300, size: 60 } }

/** Of each identity one, and those that are registered. */
const appIds = ["choir", "run", "terminal", "app0"]

const commandOf = (operation: Operation, state: DesktopState, index: number): DesktopCommand => ({
  ...bareCommandOf(operation, state, index),
  ...(operation.flags.agent ? { by: { agent: "code", run_id: "r" } } : {})
})

const bareCommandOf = (
  { kind, target, a, b, zone, flags }: Operation,
  state: DesktopState,
  index: number
): DesktopCommand => {
  const window_id = state.windows[target]?.id ?? "gone"
  const props = flags.object ? { run_id: `r${target % 2}` } : {}
  switch (kind) {
    case "Open":
      return {
        _tag: "Open",
        window_id: `w${index}`,
        app_id: appIds[target] ?? "gone",
        title: "t",
        props,
        ...(flags.placed ? { x: a, y: b, width: b, height: a, zone: zone ?? undefined, maximized: b > 1000 } : {}),
        ...(flags.under ? { raise: false } : {})
      }
    case "Update":
      return { _tag: "Update", window_id, title: `t${b}`, props: flags.object ? { line: b } : undefined }
    case "Notify":
      return { _tag: "Notify", title: "t", text: "", level: "info" }
    case "Move":
      return { _tag: "Move", window_id, x: a, y: b }
    case "Resize":
      return { _tag: "Resize", window_id, width: a, height: b }
    case "Snap":
      return { _tag: "Snap", window_id, zone }
    case "Restore":
      return { _tag: "Restore", window_id, ...(flags.placed ? { x: a, y: b } : {}) }
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
  seen: (event: Event, before: DesktopState, after: DesktopState) => void = () => {},
  user?: UserPresence
) => {
  const events: Array<Event> = []
  let state = initialDesktop
  let seq = 0
  for (const [index, operation] of operations.entries()) {
    seq += operation.target
    const decided = decideDesktop(commandOf(operation, state, index), state, user)
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

const decodeBy = Schema.decodeUnknownOption(Schema.Struct({ by: DesktopAgent }))

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
      expect(after.windows.filter(({ app_id }) => app_id === "choir").length).toBeLessThanOrEqual(1)
      for (const run_id of ["r0", "r1"]) {
        const same = after.windows.filter((window) => window.app_id === "run" && window.props.run_id === run_id)
        expect(same.length).toBeLessThanOrEqual(1)
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
    live(operations, (event, before, after) => {
      const named = Option.getOrUndefined(Schema.decodeUnknownOption(OfWindow)(event.payload))?.window_id
      const others = ({ windows }: DesktopState) => windows.filter(({ id }) => id !== named)
      const isUnder = isEvent(event, "desktop.window_opened") && event.payload.raise === false
      if (!isUnder) return expect(others(after)).toEqual(others(before))
      const unraised = ({ windows }: DesktopState) =>
        new Set(windows.filter(({ id }) => id !== named).map((window) => text({ ...window, z_index: 0 })))
      expect(unraised(after)).toEqual(unraised(before))
      expect(activeWindow(after)).toBe(activeWindow(before) ?? named)
    })
  },
  often
)

it.prop(
  "while the user acts, an agent changes neither which window is active nor any that is there",
  { operations: Operations },
  ({ operations }) => {
    const there: UserPresence = { idleFor: 0, touchedFor: () => null }
    live(
      operations,
      (event, before, after) => {
        if (!Option.isSome(decodeBy(event.payload))) return
        expect([
          "desktop.window_opened",
          "desktop.window_updated",
          "desktop.notified",
          "desktop.app_registered"
        ]).toContain(event.event_type)
        expect(activeWindow(after)).toBe(activeWindow(before) ?? activeWindow(after))
      },
      there
    )
  },
  often
)

it.prop(
  "what a desktop is on the wire makes the same desktop again",
  { operations: Operations },
  ({ operations }) => {
    const { state } = live(operations)
    // Compared as what is written, as below: JSON has one zero, and a bound may be the other.
    expect(desktopFromWire(JSON.parse(text(desktopToWire(state))))).toEqual(JSON.parse(text(state)))
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
  const { state } = live([
    {
      kind: "Open",
      target: 0,
      a: 0,
      b: 0,
      zone: null,
      flags: { agent: false, under: false, placed: false, object: false }
    }
  ])
  const base = stored({ event_type: "desktop.window_closed", payload: { window_id: "w0" } }, 9)

  expect(evolveDesktop(state, { ...base, event_type: "desktop.window_painted" })).toBe(state)
  expect(evolveDesktop(state, { ...base, version: 99 })).toBe(state)
  expect(evolveDesktop(state, { ...base, payload: { erased: true } })).toBe(state)
  expect(text(evolveDesktop(state, { ...base, payload: { window_id: "never opened" } }))).toBe(text(state))
})

it("its event types are the family's, but for what is only said", () => {
  const family = [...catalog.keys()].filter((type) => type.startsWith("desktop."))

  expect([...desktopEventTypes, "desktop.notified"].sort()).toEqual(family.sort())
})
