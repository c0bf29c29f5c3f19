/** What is drawn of hostile text: the HTML that React would make of it. */
import { createElement } from "react"
import { renderToStaticMarkup } from "react-dom/server"
import { describe, expect, it } from "vitest"
import { AnsiText } from "./AnsiText.tsx"
import { CodeBlock } from "./CodeBlock.tsx"
import { Diff } from "./Diff.tsx"
import { JsonView } from "./JsonView.tsx"
import { Markdown } from "./Markdown.tsx"
import { blocksOfGrowing } from "./markdownBlocks.ts"

const markdown = (text: string, more: { streaming?: boolean; onOpenFile?: () => void } = {}) =>
  renderToStaticMarkup(createElement(Markdown, { text, ...more }))

const hostile = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg onload=alert(1)><circle/></svg>",
  '<a href="javascript:alert(1)">x</a>',
  "[x](javascript:alert(1))",
  "[x](JAVASCRIPT:alert(1))",
  "[x](data:text/html;base64,PHNjcmlwdD4=)",
  "[x]: javascript:alert(1)\n\n[x]",
  "<javascript:alert(1)>",
  "![x](javascript:alert(1))",
  '<iframe src="https://evil.example"></iframe>',
  '<object data="x"></object><embed src="x">',
  '<form action="/runs/stop-all" method="post"><button>x</button></form>',
  '<div style="position:fixed;inset:0" onclick="alert(1)" id="desktop" class="overlay">x</div>',
  "<style>*{display:none}</style>",
  '<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example">',
  '<math><mtext><table><mglyph><style><img src=x onerror="alert(1)">',
  "$$\\href{javascript:alert(1)}{x}$$",
  "```html\n<script>alert(1)</script>\n```",
  "`<img src=x onerror=alert(1)>`",
  '<input name="x" type="text" autofocus onfocus=alert(1)>',
  '<video src="https://evil.example/a" autoplay></video><audio src=x onerror=alert(1)>',
  '<link rel="stylesheet" href="https://evil.example/x.css">'
]

describe("markdown", () => {
  it.each(hostile)("runs nothing and reaches nobody: %s", (text) => {
    for (const streaming of [true, false]) {
      const html = markdown(text, { streaming })
      expect(html).not.toMatch(/<(?:script|iframe|object|embed|form|style|base|meta|link|video|audio|math)[\s>]/i)
      expect(html).not.toMatch(/<[^>]*\son\w+=/i)
      expect(html).not.toMatch(/(?:href|src|action)="(?!https?:|mailto:)/i)
      expect(html).not.toMatch(/<img[^>]*src="http/i)
      expect(html).not.toMatch(/<[^>]*(?:\sid|\sname)=/i)
      expect(html).not.toContain("position:fixed")
      expect(html).not.toContain("overlay")
    }
  })

  it("opens links in a new tab that can't reach back, and says a host that the words hide", () => {
    const html = markdown("[https://bank.example](https://evil.example/a) and [docs](https://example.org)")
    expect(html).toContain('href="https://evil.example/a" target="_blank" rel="noopener noreferrer nofollow"')
    expect(html).toContain("(evil.example)")
    expect(html).not.toContain("(example.org)")
  })

  it("makes a remote image a link with its host, and shows one that is in the text", () => {
    const remote = markdown("![chart](https://evil.example/p.png?who=me)")
    expect(remote).not.toContain("<img")
    expect(remote).toContain("(evil.example)")
    expect(markdown("![dot](data:image/png;base64,AAAA)")).toContain("<img class")
  })

  it("takes an unfinished fence for code, while it streams and after", () => {
    for (const streaming of [true, false]) {
      const html = markdown("See:\n\n```ts\nconst a = **1", { streaming })
      expect(html).toContain("<pre")
      expect(html).toContain("const a = **1")
    }
  })

  it("draws footnotes when the text is whole, and leaves them as they were written while it grows", () => {
    const text = "a[^1]\n\n```js\n/[^a]/\n```\n\n[^1]: note"
    expect(markdown(text, { streaming: true })).toContain("a[^1]")
    expect(markdown(text, { streaming: true })).toContain("/[^a]/")
    expect(markdown(text)).toContain("<sup>")
    expect(blocksOfGrowing(text).join("")).toBe(text)
    expect(blocksOfGrowing(text).length).toBeGreaterThan(2)
  })

  it("closes an open emphasis only while more is coming", () => {
    expect(markdown("a **bold", { streaming: true })).toContain("<strong>bold")
    expect(markdown("a **bold", { streaming: false })).toContain("**bold")
  })

  it("makes files of the text buttons where they can be opened", () => {
    const text = "In `src/a.ts:12` and [here](src/b.ts)"
    expect(markdown(text)).not.toContain("<button")
    const html = markdown(text, { onOpenFile: () => undefined })
    expect(html).toContain('title="Open src/a.ts at line 12"')
    expect(html).toContain('title="Open src/b.ts"')
  })

  it("shows characters that reorder text by their number", () => {
    expect(markdown("pay \u202Eevil")).toContain("⟨U+202E⟩")
  })

  it("has tables that scroll, and tasks", () => {
    const html = markdown(
      "| a | b |\n|---|--:|\n| 1 | 2 |\n\n- [x] done\n- [ ] to do\n- none\n\n1. [ ] loose\n\n   task"
    )
    expect(html).toContain("<table>")
    expect(html).toContain('style="text-align:right"')
    expect(html).toContain('aria-label="Done"')
    expect(html.match(/<li/g)).toHaveLength(4)
    expect(html.match(/<li class="[^"]*task/g)).toHaveLength(3)
  })

  it("keeps breaks, keys and folded parts of HTML", () => {
    const html = markdown("a<br>b <kbd>Esc</kbd>\n\n<details><summary>More</summary>text</details>")
    expect(html).toMatch(/a<br\/?>b/)
    expect(html).toContain("<kbd>Esc</kbd>")
    expect(html).toContain("<summary>More</summary>")
  })

  it("draws a deep or a broken text all the same", () => {
    expect(markdown(`${"> ".repeat(500)}x`)).toContain("x")
    expect(markdown("[".repeat(2_000))).toContain("[")
    expect(markdown("<div>".repeat(300))).toBeTypeOf("string")
  })
})

describe("code, output, diffs and JSON", () => {
  const evil = '<img src=x onerror="alert(1)">\u202E'

  it("are text, whatever is in them", () => {
    const patch = `--- a/${evil}\n+++ b/${evil}\n@@ -1 +1 @@ ${evil}\n-${evil}\n+${evil}\n`
    for (const html of [
      renderToStaticMarkup(createElement(CodeBlock, { code: evil, language: `${evil}ts` })),
      renderToStaticMarkup(createElement(AnsiText, { text: evil })),
      renderToStaticMarkup(createElement(Diff, { patch })),
      renderToStaticMarkup(createElement(JsonView, { value: { [evil]: evil, list: [evil, null, 1, true, {}] } }))
    ]) {
      expect(html).not.toContain("<img")
      expect(html).toContain("&lt;img")
      expect(html).not.toContain("\u202E")
    }
  })

  it("folds a long output to its last lines", () => {
    const html = renderToStaticMarkup(createElement(AnsiText, { text: "1\n2\n3\n4\n5", maxLines: 2 }))
    expect(html).toContain("Show 3 lines before")
    expect(html).not.toContain(">2\n")
    expect(html).toContain("5")
  })

  it("folds a large diff", () => {
    const lines = Array.from({ length: 900 }, (_, index) => `+line ${index}`).join("\n")
    const html = renderToStaticMarkup(createElement(Diff, { patch: `--- a\n+++ b\n@@ -0,0 +1,900 @@\n${lines}\n` }))
    expect(html).toContain("701 lines are left")
  })

  it("makes the branches of JSON when they are opened", () => {
    const html = renderToStaticMarkup(createElement(JsonView, { value: { a: { b: "deep" } } }))
    expect(html).toContain("1 field")
    expect(html).not.toContain("deep")
  })
})
