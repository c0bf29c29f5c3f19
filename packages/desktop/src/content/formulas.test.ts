import { createElement } from "react"
import { renderToStaticMarkup } from "react-dom/server"
import { beforeAll, describe, expect, it } from "vitest"
import { withFormulas } from "./formulas.ts"
import { Markdown } from "./Markdown.tsx"
import { loadMath } from "./useMath.ts"

const drawn = (text: string, streaming = false) => renderToStaticMarkup(createElement(Markdown, { text, streaming }))

describe("before the rules for formulas are there", () => {
  it("a formula is shown as it was written", () => {
    expect(drawn("The sum $$a^2$$ and \\(b^2\\)")).not.toContain("katex")
    expect(drawn("The sum \\(b^2\\) of $c^2$")).toContain("The sum (b^2) of $c^2$")
  })
})

describe("formulas in a text", () => {
  beforeAll(loadMath)

  it.each([
    "The root \\(x^2\\) of it",
    "Let \\(n\\) be",
    "Let $x$ be",
    "with $x_1 = 2$, say",
    "an angle $\\alpha$ of",
    "- in a list: \\(x^2\\)\n",
    "| a |\n|---|\n| \\(x^2\\) |\n"
  ])("are drawn in their line: %s", (text) => {
    for (const streaming of [true, false]) {
      const html = drawn(text, streaming)
      expect(html).toContain('class="katex"')
      expect(html).not.toContain("katex-display")
      expect(html).not.toContain("$")
    }
  })

  it.each([
    "\\[\nE = mc^2\n\\]",
    "So:\n\\[ a + b = c \\].\nThen",
    "- one\n\n  \\[\n  a\n  + b\n  \\]\n- two",
    "1. \\[x = 1\\]\n2. two",
    "> \\[\n> x = 1\n> \\]",
    "$$\nE = mc^2\n$$"
  ])("are drawn as a block: %s", (text) => {
    for (const streaming of [true, false]) {
      const html = drawn(text, streaming)
      expect(html.match(/katex-display/g)).toHaveLength(1)
      expect(html).not.toContain("katex-error")
      expect(html).not.toContain("$$")
    }
  })

  it("stand in their list and their quote", () => {
    expect(drawn("- one\n\n  \\[\n  a\n  + b\n  \\]\n- two")).toMatch(/<li[^>]*>.*katex-display.*<\/li>.*<li.*two/s)
    expect(drawn("> \\[\n> x = 1\n> \\]")).toMatch(/<blockquote>.*katex-display.*<\/blockquote>/s)
  })

  it.each([
    "`\\(x^2\\)` and ``a ` \\(y^2\\)`` and `$x$`",
    "```tex\n\\[x=1\\]\n$x$\n```",
    "- ```tex\n  \\(x^2\\)\n  ```\n",
    "~~~~\n~~~\n\\(x^2\\)\n~~~~",
    "Code:\n\n    \\(x^2\\)\n\nafter",
    "[a \\(file](b\\(c^2\\)d.md)",
    "https://example.org/\\(a^b\\)",
    "\\\\(x^2\\\\)",
    "\\(see below\\) and \\[WIP\\]",
    "- \\[ \\] to do",
    "It costs $5, or $10 = 2 of $5",
    "$HOME/$USER in $PATH_A$",
    "an open \\(x^2",
    "\\[\nan open one",
    "\\(a\n\nb\\)",
    "an open $x"
  ])("are none in what only looks like one: %s", (text) => {
    expect(withFormulas(text)).toBe(text)
    for (const streaming of [true, false]) expect(drawn(text, streaming)).not.toContain("katex")
  })

  it("that is still written is text, and a formula when it is closed", () => {
    const text = "It is \\(x^2\\), and\n\\[\ny = x^2\n\\]\nfor all."
    for (let length = 0; length <= text.length; length++) {
      const html = drawn(text.slice(0, length), true)
      expect(html.includes("katex-display")).toBe(text.slice(0, length).includes("\\]"))
      expect(html.includes('class="katex"')).toBe(text.slice(0, length).includes("\\)"))
      expect(html).not.toContain("katex-error")
    }
  })

  it("trust nobody", () => {
    for (const text of [
      "\\(\\href{javascript:alert(1)}{x}\\)",
      "\\[\n\\includegraphics{https://evil.example/x.png}\n\\]"
    ]) {
      expect(drawn(text)).not.toMatch(/<(?:a|img)[\s>]/)
    }
  })

  it("cost little where they are never closed", () => {
    for (const text of ["\\(", "\\[\nx\n", "$a ", "` \\(", "](\\(", "> \\[ "]) {
      expect(withFormulas(text.repeat(1_000))).toBe(text.repeat(1_000))
    }
  })
})
