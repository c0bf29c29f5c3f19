import { expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { ClientId, makeUlidFactory, Ulid, ulid } from "./Id.ts"

const isUlid = Schema.is(Ulid)
const isClientId = Schema.is(ClientId)

it("ids of one process sort as they were made", () => {
  const ids = Array.from({ length: 100_000 }, ulid)

  expect(ids.every(isUlid)).toBe(true)
  expect(ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? ""))).toBe(true)
})

it("an id tells the millisecond it was made in", () => {
  const next = makeUlidFactory(() => 1_469_918_176_385)

  expect(next().slice(0, 10)).toBe("01ARYZ6S41")
})

it.prop(
  "ids only rise, whatever the clock does",
  { times: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 }))) },
  ({ times }) => {
    const clock = [...times]
    const next = makeUlidFactory(() => clock.shift() ?? 0)
    const ids = times.map(() => next())

    for (const [index, id] of ids.entries()) {
      expect(isUlid(id)).toBe(true)
      expect(id > (ids[index - 1] ?? "")).toBe(true)
    }
  }
)

it("more ids than a millisecond's tail holds carry over, and still rise", () => {
  const next = makeUlidFactory(() => 1000)
  let last = ""
  for (let index = 0; index < 1_200_000; index++) {
    const id = next()
    if (id <= last) throw new Error(`${id} is not after ${last}`)
    last = id
  }

  expect(isUlid(last)).toBe(true)
})

it.each(["", "01ARYZ6S41", "81ARYZ6S41TSV4RRFFQ69G5FAV", "01ARYZ6S41TSV4RRFFQ69G5FAI", "01aryz6s41tsv4rrffq69g5fav"])(
  "%j is no ULID",
  (text) => {
    expect(isUlid(text)).toBe(false)
  }
)

it("a client's id is any string of 1 to 256 characters", () => {
  expect(isClientId("")).toBe(false)
  expect(isClientId("a/b %")).toBe(true)
  expect(isClientId("x".repeat(256))).toBe(true)
  expect(isClientId("x".repeat(257))).toBe(false)
  expect(isClientId("🎵")).toBe(true)
  expect(isClientId("\ud83c")).toBe(false)
})
