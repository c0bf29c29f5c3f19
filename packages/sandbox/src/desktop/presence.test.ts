import { expect, it } from "@effect/vitest"
import { makePresence } from "./presence.ts"

it("knows for how long the user has been idle, and since when a window is untouched", () => {
  const presence = makePresence()
  expect(presence.at(0).idleFor).toBe(Number.POSITIVE_INFINITY)

  presence.acted(1_000, "a")
  presence.acted(5_000, null)

  const { idleFor, touchedFor } = presence.at(6_000)
  expect([idleFor, touchedFor("a"), touchedFor("b")]).toEqual([1_000, 5_000, null])
})

it("forgets touches that no longer matter", () => {
  const presence = makePresence()
  presence.acted(0, "a")
  presence.acted(60_000, "b")

  expect([presence.at(60_000).touchedFor("a"), presence.at(60_000).touchedFor("b")]).toEqual([null, 0])
})
