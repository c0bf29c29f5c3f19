import type { FileEntry } from "@choiros/protocol"
import { expect, it } from "vitest"
import { pressed, sorted } from "./order.ts"

const entry = (name: string, kind: FileEntry["kind"] = "file", bytes = 0, modified_at = ""): FileEntry => ({
  name,
  path: `/w/${name}`,
  kind,
  bytes,
  modified_at
})
const names = (entries: ReadonlyArray<FileEntry>) => entries.map(({ name }) => name)

it("has folders first, and numbers in their order", () => {
  const entries = [entry("a10"), entry("b", "folder"), entry("a2"), entry("A", "folder")]
  expect(names(sorted(entries, { by: "name", down: false }))).toEqual(["A", "b", "a2", "a10"])
  expect(names(sorted(entries, { by: "name", down: true }))).toEqual(["b", "A", "a10", "a2"])
})

it("sorts by size and time, the most first, and equals by name", () => {
  const entries = [entry("c", "file", 1, "2"), entry("a", "file", 9, "1"), entry("b", "file", 9, "3")]
  expect(pressed({ by: "name", down: false }, "size")).toEqual({ by: "size", down: true })
  expect(names(sorted(entries, { by: "size", down: true }))).toEqual(["a", "b", "c"])
  expect(names(sorted(entries, { by: "changed", down: true }))).toEqual(["b", "c", "a"])
  expect(pressed({ by: "size", down: true }, "size")).toEqual({ by: "size", down: false })
})
