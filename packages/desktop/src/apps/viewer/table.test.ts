import { expect, it } from "vitest"
import { orderBy, type Row, readTable, widthsOf } from "./table.ts"

const read = (text: string, delimiter = "") =>
  new Promise<ReadonlyArray<Row>>((resolve) => {
    readTable(text, delimiter, { onRows: (rows, done) => done && resolve(rows) })
  })

it("reads quotes, tabs and formulas as the text that they are", async () => {
  expect(await read('a,b\n"x, y","=1+1"\n=HYPERLINK("http://evil"),@SUM(1)\n')).toEqual([
    ["a", "b"],
    ["x, y", "=1+1"],
    ['=HYPERLINK("http://evil")', "@SUM(1)"]
  ])
  expect(await read("a\tb\n1\t2", "\t")).toEqual([
    ["a", "b"],
    ["1", "2"]
  ])
})

it("reads a long one whole, slice by slice", async () => {
  const lines = Array.from({ length: 100_000 }, (_, index) => `${index},"wörd ${index}"`)
  const rows = await read(lines.join("\n"))
  expect(rows.length).toBe(100_000)
  expect(rows[99_999]).toEqual(["99999", "wörd 99999"])
})

it("sorts numbers as numbers, and what is empty last", () => {
  const rows = [["10"], [""], ["9"], ["1,000"], ["b"], ["a"], ["9"]]
  const shown = (down: boolean) => orderBy(rows, 0, down).map((index) => rows[index]?.[0])
  expect(shown(false)).toEqual(["9", "9", "10", "1,000", "a", "b", ""])
  expect(shown(true)).toEqual(["b", "a", "1,000", "10", "9", "9", ""])
})

it("gives a column room for its words, within bounds", () => {
  const [narrow, wide] = widthsOf([["a", "x".repeat(1000)]])
  expect(narrow).toBeLessThan(100)
  expect(wide).toBeLessThan(400)
})
