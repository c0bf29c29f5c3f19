import { expect, it } from "@effect/vitest"
import { ownObjective } from "./objective.ts"

it("leaves out what other parts have found, and nothing else", () => {
  expect(ownObjective('Write it\n\nin two files\n\n[from the part "look", by research]\nThere are two.')).toBe(
    "Write it\n\nin two files"
  )
  expect(ownObjective('Explain [from the part "look"]')).toBe('Explain [from the part "look"]')
})
