import { createElement } from "react"
import { renderToStaticMarkup } from "react-dom/server"
import { Streamdown } from "streamdown"
import { describe, expect, it } from "vitest"
import { math } from "./markdownMath.ts"
import { markdownParts } from "./markdownParts.tsx"
import { htmlRules, markdownRules } from "./markdownRules.ts"

const formula = (text: string) =>
  renderToStaticMarkup(
    createElement(
      Streamdown,
      { components: markdownParts, rehypePlugins: htmlRules, remarkPlugins: markdownRules, plugins: { math } },
      `$$\n${text}\n$$`
    )
  )

describe("formulas", () => {
  it("are drawn", () => {
    expect(formula("a^2 + b^2")).toContain("katex-display")
  })

  it.each([
    "\\href{javascript:alert(1)}{x}",
    "\\url{javascript:alert(1)}",
    "\\includegraphics{https://evil.example/x.png}",
    "\\htmlStyle{position:fixed}{x}",
    "\\htmlId{desktop}{x}",
    "\\htmlData{onclick=alert(1)}{x}",
    "<img src=x onerror=alert(1)>"
  ])("trust nobody: %s", (text) => {
    const html = formula(text)
    expect(html).not.toMatch(/<(?:a|img|script)[\s>]/)
    expect(html).not.toMatch(/<[^>]*\s(?:on\w+|id|href|src)=/)
    expect(html).not.toMatch(/style="[^"]*fixed/)
  })

  it("are no larger than a page, and end", () => {
    expect(formula("\\rule{900em}{900em}")).not.toMatch(/(?:width|height):\s*[1-9]\d{2,}(?:\.\d+)?em/)
    expect(formula("\\def\\a{\\a\\a}\\a")).toContain("Too many expansions")
  })
})
