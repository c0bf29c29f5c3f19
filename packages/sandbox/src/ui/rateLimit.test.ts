import { expect, it } from "@effect/vitest"
import { makeRateLimit } from "./rateLimit.ts"

it("lets a run do so many in any one minute, and says when there is room again", () => {
  const { take } = makeRateLimit(2)

  expect([take("a", 0), take("a", 30_000), take("a", 45_000), take("b", 45_000)]).toEqual([null, null, 15, null])
  expect([take("a", 59_999), take("a", 60_000), take("a", 60_001)]).toEqual([1, null, 30])
})

it("remembers no run for longer than it matters", () => {
  const { take } = makeRateLimit(1)
  for (let run = 0; run < 5_000; run++) expect(take(`run ${run}`, run * 100)).toBeNull()

  expect(take("run 4999", 499_901)).toBe(60)
})
