import { expect, it } from "@effect/vitest"
import { chunksOf, TextChunks } from "./textChunks.ts"

const paragraph = "word ".repeat(100).trim()
const prose = (count: number): string => Array.from({ length: count }, (_, at) => `${at} ${paragraph}`).join("\n\n")
const letters = (count: number): string => Array.from({ length: count }, (_, at) => `P${at} ${paragraph}`).join("\n\n")

it("a short text is one chunk", () => {
  expect(chunksOf("Hello\n\nWorld")).toEqual(["Hello\n\nWorld"])
})

it("chunks together are the text, and begin at a block", () => {
  const text = letters(60)
  const chunks = chunksOf(text)
  expect(chunks.length).toBeGreaterThan(3)
  expect(chunks.join("")).toBe(text)
  for (const chunk of chunks.slice(1)) expect(chunk).toMatch(/^P\d+ word/)
})

it("a cut never moves while the text grows", () => {
  const text = `${letters(20)}\n\n\`\`\`ts\n${letters(30)}\n\`\`\`\n\n# After\n\n${letters(20)}`
  const growing = new TextChunks()
  let before: ReadonlyArray<string> = []
  for (let length = 0; length <= text.length; length += 97) {
    const chunks = growing.of(text.slice(0, length))
    expect(chunks.join("")).toBe(text.slice(0, length))
    expect(chunks.slice(0, before.length - 1)).toEqual(before.slice(0, -1))
    before = chunks
  }
  expect(growing.of(text)).toEqual(chunksOf(text))
})

it("code and formulas stay whole, also where the code holds a fence of another kind", () => {
  const code = `\`\`\`\`md\n\`\`\`\n${letters(40)}\n\`\`\`\n\`\`\`\``
  const formula = `$$\n${letters(20)}\n$$`
  const chunks = chunksOf(`Before\n\n${code}\n\nBetween\n\n${formula}\n\nAfter`)
  expect(chunks.filter((chunk) => chunk.includes("````md")).every((chunk) => chunk.includes("\n````"))).toBe(true)
  expect(chunks.find((chunk) => chunk.includes("$$"))?.split("$$").length).toBe(3)
})

it("a list is not cut where it goes on, until it is very long", () => {
  expect(chunksOf(prose(20))).toHaveLength(1)
  expect(chunksOf(prose(200)).length).toBeGreaterThan(1)
})

it("an element of HTML is not cut between its ends", () => {
  const details = `<details>\n<summary>More</summary>\n\n${letters(12)}\n\n</details>`
  const chunks = chunksOf(`${letters(8)}\n\n${details}\n\n${letters(8)}`)
  expect(chunks.filter((chunk) => chunk.includes("<details>")).every((chunk) => chunk.includes("</details>"))).toBe(
    true
  )
  expect(chunks.length).toBeGreaterThan(2)
})

it("HTML that is only spoken of holds nothing", () => {
  const text = `Put a \`<div>\` around it.\n\n${letters(30)}`
  expect(chunksOf(text).length).toBe(chunksOf(text.replaceAll("<div>", "(div)")).length)
})
