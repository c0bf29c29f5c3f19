import { gzipSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { breachOf, measureShell, shellFiles } from "./shellBudget.mjs"

const chunk = (
  fileName: string,
  imports: ReadonlyArray<string>,
  css: ReadonlyArray<string> = [],
  isEntry = false
): Record<string, unknown> => ({
  type: "chunk",
  fileName,
  isEntry,
  imports,
  dynamicImports: ["assets/App.js"],
  viteMetadata: { importedCss: new Set(css) }
})

const output = [
  chunk("assets/index.js", ["assets/react.js", "assets/shared.js"], ["assets/index.css"], true),
  chunk("assets/react.js", []),
  chunk("assets/shared.js", ["assets/react.js"], ["assets/shared.css"]),
  chunk("assets/App.js", ["assets/heavy.js"], ["assets/App.css"]),
  chunk("assets/heavy.js", []),
  { type: "asset", fileName: "assets/index.css" }
]

describe("shellBudget", () => {
  it("counts the entry and all that it imports at once, each once, and no app", () => {
    expect(shellFiles(output)).toEqual([
      "index.html",
      "assets/index.js",
      "assets/react.js",
      "assets/shared.js",
      "assets/shared.css",
      "assets/index.css"
    ])
  })

  it("measures what is sent: gzipped", () => {
    const text = "import".repeat(1000)
    const size = gzipSync(text, { level: 9 }).length
    const { files, total } = measureShell(output, () => text)
    expect(total).toBe(6 * size)
    expect(files[0]).toEqual({ name: "index.html", bytes: size })
    expect(size).toBeLessThan(text.length / 10)
  })

  it("names what is too much, the biggest first", () => {
    const measured = measureShell(output, (name: string) => (name === "assets/react.js" ? "abc".repeat(99) : "x"))
    expect(breachOf(measured, measured.total)).toBe(null)
    expect(breachOf(measured, measured.total - 1)).toMatch(/^The desktop's shell is .*: assets\/react\.js /)
  })
})
