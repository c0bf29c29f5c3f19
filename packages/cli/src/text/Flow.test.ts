import { describe, expect, it } from "@effect/vitest"
import { Flow } from "./Flow.ts"
import { paint } from "./Span.ts"

const markdown = { markdown: true, sgr: "", margin: 2 }

/** Everything a flow shows of a text that comes in pieces of a size. */
const shown = (text: string, size: number, width: number, colour = false, height?: number): ReadonlyArray<string> => {
  const flow = new Flow(markdown)
  const rows = []
  for (let at = 0; at < text.length; at += size) {
    rows.push(...flow.push(text.slice(at, at + size), width))
    if (height !== undefined) rows.push(...flow.live(width, height).settled)
  }
  rows.push(...flow.end(width))
  return rows.map((row) => paint(row, colour))
}

const text = [
  "# A heading",
  "",
  "A **strong** word, `code`, *stress*, and a paragraph that is longer than a row of this width can be.",
  "- an item that hangs when it is long enough for two rows",
  "  2. inner",
  "> quoted",
  "```sh",
  "echo **not strong**",
  "",
  "```",
  "2 ** 3, **kwargs, a * b * c, a lone ` and the end"
].join("\n")

describe("a flow", () => {
  it("lays markdown out", () => {
    expect(shown(text, 1_000, 40)).toEqual([
      "  A heading",
      "  ",
      "  A strong word, code, stress, and a",
      "  paragraph that is longer than a row of",
      "  this width can be.",
      "  • an item that hangs when it is long",
      "    enough for two rows",
      "    2. inner",
      "  │ quoted",
      "    echo **not strong**",
      "    ",
      "  2 ** 3, **kwargs, a * b * c, a lone `",
      "  and the end"
    ])
  })

  it("gives what it understands a look", () => {
    expect(shown("# A `b`\n**c** *d* `e`", 1_000, 40, true)).toEqual([
      "  \x1b[1mA \x1b[0m\x1b[1;36mb\x1b[0m",
      "  \x1b[1mc\x1b[0m \x1b[3md\x1b[0m \x1b[36me\x1b[0m"
    ])
  })

  it.each([1, 2, 3, 7])("shows the same in pieces of %i", (size) => {
    expect(shown(text, size, 40)).toEqual(shown(text, 1_000, 40))
  })

  it("settles what is above the screen, each character once", () => {
    const long = `${Array.from({ length: 200 }, (_, index) => `word${index}`).join(" ")} **end**`
    for (const size of [1, 5, 33]) {
      const rows = shown(long, size, 30, false, 3)
      expect(rows.join(" ").replace(/\s+/g, " ").trim()).toBe(long.replaceAll("**", "").replace(/\s+/g, " "))
    }
  })

  it("shows the line that grows, and no more of it than there is room for", () => {
    const flow = new Flow(markdown)
    flow.push("one two three four five six", 10)
    const { rows, settled } = flow.live(10, 2)
    expect(settled.map((row) => paint(row, false))).toEqual(["  one two", "  three"])
    expect(rows.map((row) => paint(row, false))).toEqual(["  four", "  five six"])
    expect(flow.end(10).map((row) => paint(row, false))).toEqual(["  four", "  five six"])
  })

  it("is not misled by an escape sequence or a line break that comes in two pieces", () => {
    expect(shown("a\r\nb \x1b[31mred\x1b[0m", 1, 40)).toEqual(["  a", "  b red"])
  })
})
