import { expect, it } from "vitest"
import { reconcile } from "./reconcile.ts"

const base = { text: "one", rev: 3 }

it("keeps what is here while nothing changed there", () => {
  expect(reconcile(base, "mine", { text: "one", rev: 3 })).toEqual({ _tag: "Same", base })
  // Moved elsewhere: the same text under another number.
  expect(reconcile(base, "mine", { text: "one", rev: 1 })).toEqual({ _tag: "Same", base: { text: "one", rev: 1 } })
})

it("shows what is there where nothing was written here", () => {
  const there = { text: "two", rev: 4 }
  expect(reconcile(base, "one", there)).toEqual({ _tag: "Take", base: there })
})

it("agrees when both wrote the same", () => {
  const there = { text: "mine", rev: 4 }
  expect(reconcile(base, "mine", there)).toEqual({ _tag: "Same", base: there })
})

it("keeps both texts where both have changed", () => {
  const there = { text: "theirs", rev: 4 }
  expect(reconcile(base, "mine", there)).toEqual({ _tag: "Conflict", theirs: there })
})

it("says when the file is gone, whatever is here", () => {
  expect(reconcile(base, "one", null)).toEqual({ _tag: "Gone" })
  expect(reconcile(base, "mine", null)).toEqual({ _tag: "Gone" })
})
