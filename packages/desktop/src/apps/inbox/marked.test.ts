import { expect, it } from "vitest"
import { marked } from "./marked.ts"

const words = (text: string, dangerous: ReadonlyArray<string>) =>
  marked(text, dangerous)
    .filter((piece) => piece.dangerous)
    .map((piece) => `${piece.at} ${piece.text}`)

it("marks each dangerous word where it stands", () => {
  expect(words("rm -rf build && rm x", ["rm", "-rf"])).toEqual(["0 rm", "3 -rf", "16 rm"])
})

it("marks no part of another word", () => {
  expect(words("format arm rm_old firm", ["rm"])).toEqual([])
})

it("prefers the longer of two", () => {
  expect(words("git push --force-with-lease", ["--force", "git push"])).toEqual(["0 git push", "9 --force"])
  expect(words("git push", ["git", "git push"])).toEqual(["0 git push"])
})

it("loses nothing of the text", () => {
  const text = "sudo rm -rf / ; echo done"
  expect(
    marked(text, ["sudo", "rm", "/", ""])
      .map((piece) => piece.text)
      .join("")
  ).toBe(text)
})
