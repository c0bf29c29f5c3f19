import type { Model } from "@choiros/protocol"
import { expect, it } from "vitest"
import { byProvider } from "./modelGroups.ts"

const model = (id: string, reason: string | null = null): Model => ({
  id,
  provider: id.split("/")[0] ?? id,
  name: id,
  usable: reason === null,
  reason
})

const models = [
  model("demo"),
  model("a/one"),
  model("b/two", "B_KEY is not set."),
  model("a/three"),
  model("b/four", "Gone.")
]

it("has the usable ones by provider, and the rest by why", () => {
  const { unusable, usable } = byProvider(models, "")
  expect(usable.map(({ models, provider }) => [provider, models.length])).toEqual([
    ["demo", 1],
    ["a", 2]
  ])
  expect(unusable.map(({ provider, reason }) => [provider, reason])).toEqual([
    ["b", "B_KEY is not set."],
    ["b", "Gone."]
  ])
})

it("finds by all words", () => {
  expect(byProvider(models, "A th").usable.flatMap(({ models }) => models.map(({ id }) => id))).toEqual(["a/three"])
  expect(byProvider(models, "nothing").usable).toEqual([])
})
