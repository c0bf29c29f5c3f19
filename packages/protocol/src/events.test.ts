import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { define, type Event } from "./Event.ts"
import { catalog, isEvent } from "./events.ts"

const families: Readonly<Record<string, ReadonlyArray<string>>> = {
  system: ["started", "stopped", "erased"],
  supervisor: ["child_started", "child_crashed", "child_restarted", "child_stopped", "gave_up"],
  chat: [
    "user_msg",
    "assistant_msg",
    "thread_created",
    "thread_renamed",
    "thread_archived",
    "thread_deleted",
    "compacted",
    "model_switched"
  ],
  run: [
    "started",
    "step_started",
    "step_ended",
    "steered",
    "told",
    "plan_set",
    "compacted",
    "paused",
    "resumed",
    "cancel_requested",
    "ended"
  ],
  model: ["call_started", "text", "call_ended"],
  tool: ["call", "started", "result"],
  "worker.task": ["started", "progress", "completed", "failed", "cancelled"],
  approval: ["requested", "decided"],
  question: ["asked", "answered"],
  membrane: ["refused"],
  budget: ["reached", "raised"],
  watcher: ["signal", "acted_on"],
  agent: ["registered", "updated", "removed", "refused", "trusted"],
  terminal: ["started", "exited"],
  file: ["written", "moved", "trashed", "restored"],
  desktop: [
    "window_opened",
    "window_closed",
    "window_moved",
    "window_resized",
    "window_focused",
    "window_minimized",
    "window_maximized",
    "window_restored",
    "window_snapped",
    "window_updated",
    "app_registered",
    "notified"
  ],
  viewer: ["content_saved", "content_conflict"],
  user: ["theme_preference"]
}

it("the catalog has the families of the architecture, and nothing else", () => {
  const expected = Object.entries(families).flatMap(([family, types]) => types.map((type) => `${family}.${type}`))

  expect([...catalog.keys()].sort()).toEqual(expected.sort())
})

describe("payloads are JSON as they stand", () => {
  for (const { type, payload } of catalog.values()) {
    it.effect(type, () =>
      Effect.gen(function* () {
        const decode = Schema.decodeUnknownEffect(payload)
        const samples = yield* Arbitrary.sampleEffect(Arbitrary.schema(payload), { count: 20, seed: type })
        for (const sample of samples) {
          const json: unknown = JSON.parse(JSON.stringify(sample))
          const again = yield* decode(json)
          const encoded = yield* Schema.encodeUnknownEffect(payload)(again)
          expect(again).toEqual(json)
          expect(encoded).toEqual(json)
        }
      })
    )
  }
})

const event = (change: Partial<Event>): Event => ({
  seq: 1,
  event_id: "e",
  timestamp: "2026-01-01T00:00:00.000Z",
  event_type: "chat.thread_renamed",
  version: 1,
  actor_id: "a",
  user_id: null,
  session_id: null,
  thread_id: null,
  run_id: null,
  correlation_id: null,
  causation_id: null,
  payload: { title: "t" },
  ...change
})

it("isEvent knows a type at its current version, and not what was erased or written by a newer one", () => {
  expect(isEvent(event({}), "chat.thread_renamed")).toBe(true)
  expect(isEvent(event({}), "chat.thread_deleted")).toBe(false)
  expect(isEvent(event({ version: 2 }), "chat.thread_renamed")).toBe(false)
  expect(isEvent(event({ payload: { erased: true } }), "chat.thread_renamed")).toBe(false)
  expect(isEvent(event({ payload: null }), "chat.thread_renamed")).toBe(false)
})

it("a definition starts at version 1, and later ones say how the older become new", () => {
  const first = define("x.made", Schema.Struct({ name: Schema.String }))
  const second = define("x.made", Schema.Struct({ title: Schema.String }), {
    version: 2,
    upcasts: { 1: (payload) => ({ title: Schema.decodeUnknownSync(first.payload)(payload).name }) }
  })

  expect(first.version).toBe(1)
  expect(second.upcasts[1]?.({ name: "n" })).toEqual({ title: "n" })
})
