import { expect, it } from "vitest"
import { dropDraft, keepDraft, readDraft } from "./drafts.ts"

const memory = () => {
  const kept = new Map<string, string>()
  return {
    kept,
    get length() {
      return kept.size
    },
    key: (index: number) => [...kept.keys()][index] ?? null,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key)
  }
}

const draft = (text: string, minute = 0) => ({
  text,
  base_rev: 1,
  at: `2026-01-01T00:${String(minute).padStart(2, "0")}:00.000Z`
})

it("keeps a text until it is dropped", () => {
  const store = memory()
  expect(readDraft("/w/a", store)).toBeNull()
  expect(keepDraft("/w/a", draft("mine"), store)).toBe(true)
  expect(readDraft("/w/a", store)).toEqual(draft("mine"))
  dropDraft("/w/a", store)
  expect(readDraft("/w/a", store)).toBeNull()
})

it("lets the oldest go, and leaves what is not its own", () => {
  const store = memory()
  store.setItem("other", "x")
  for (let minute = 0; minute < 25; minute += 1) keepDraft(`/w/${minute}`, draft("t", minute), store)
  expect(store.kept.size).toBe(21)
  expect(readDraft("/w/4", store)).toBeNull()
  expect(readDraft("/w/5", store)).not.toBeNull()
  expect(store.getItem("other")).toBe("x")
})

it("keeps no more characters than it may, and no text that is too long", () => {
  const store = memory()
  const long = "x".repeat(500 * 1024)
  for (let minute = 0; minute < 6; minute += 1) keepDraft(`/w/${minute}`, draft(long, minute), store)
  expect(store.kept.size).toBe(4)
  expect(keepDraft("/w/5", draft("x".repeat(513 * 1024), 9), store)).toBe(false)
  expect(readDraft("/w/5", store)).toBeNull()
})

it("takes what is no draft as none, and a full storage as a no", () => {
  const store = memory()
  store.setItem("choiros.draft:/w/a", "{")
  expect(readDraft("/w/a", store)).toBeNull()
  const full = {
    ...memory(),
    length: 0,
    setItem: () => {
      throw new Error("full")
    }
  }
  expect(keepDraft("/w/a", draft("t"), full)).toBe(false)
})
