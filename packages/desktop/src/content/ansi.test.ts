import { describe, expect, it } from "vitest"
import { parseAnsi, withoutAnsi } from "./ansi.ts"

const esc = "\u001B"
const piecesOf = (text: string) => parseAnsi(text).flatMap((line) => line.pieces)

describe("output of programs", () => {
  it("has the sixteen colours of the theme, and any other in a lightness that can be read", () => {
    const [plain, red, palette, grey, real] = piecesOf(
      `a${esc}[31mb${esc}[38;5;196mc${esc}[38;5;232md${esc}[0;48:2::1:2:3me`
    )
    expect(plain?.style).toBe(null)
    expect(red?.style?.foreground).toBe(1)
    expect(palette?.style?.color).toBe(
      "light-dark(oklch(from rgb(255, 0, 0) min(l, 0.5) c h), oklch(from rgb(255, 0, 0) max(l, 0.74) c h))"
    )
    expect(grey?.style?.color).toContain("rgb(8, 8, 8)")
    expect(real?.style?.backdrop).toContain("rgb(1, 2, 3) min(l, 0.3)")
    expect(real?.style?.foreground).toBe(null)
  })

  it("keeps each piece's own decoration", () => {
    const [first, second, third] = piecesOf(`${esc}[4ma${esc}[1mb${esc}[22;24;3mc`)
    expect([first?.style?.underline, first?.style?.bold]).toEqual([true, false])
    expect([second?.style?.underline, second?.style?.bold]).toEqual([true, true])
    expect([third?.style?.underline, third?.style?.bold, third?.style?.italic]).toEqual([false, false, true])
  })

  it("shows what asks to be hidden", () => {
    expect(piecesOf(`${esc}[8msecret`)).toMatchObject([{ text: "secret", style: null }])
  })

  it("drops everything that is no colour", () => {
    const hostile = [
      `${esc}]0;rm -rf${"\u0007"}`,
      `${esc}]52;c;ZXZpbA==${esc}\\`,
      `${esc}Pq#0;1;1${esc}\\`,
      `${esc}_Gf=100;AAAA${esc}\\`,
      `${esc}[2J${esc}[1;1H${esc}[?1049h${esc}[6n${esc}c${esc}(B`,
      `\u009B31m\u009D0;title\u009C`,
      `${esc}[>4;2m`
    ].join("")
    expect(withoutAnsi(`a${hostile}b`)).toBe("ab")
  })

  it("loses nothing after a sequence that has no end", () => {
    expect(withoutAnsi(`a${esc}[31`)).toBe("a31")
    expect(withoutAnsi(`a\nb${esc}`)).toBe("a\nb")
  })

  it("writes over a line from its beginning", () => {
    expect(withoutAnsi("10%\r50%\r100%\ndone\r\nend\b!")).toBe("100%\ndone\nen!")
  })

  it("links where it is safe, and shows only the words where not", () => {
    const link = (href: string) => piecesOf(`${esc}]8;;${href}${esc}\\here${esc}]8;;${esc}\\!`)
    expect(link("https://example.org/")).toMatchObject([
      { text: "here", href: "https://example.org/" },
      { text: "!", href: null }
    ])
    expect(link("javascript:alert(1)")).toMatchObject([{ text: "here!", href: null }])
    expect(link("file:///etc/passwd")).toMatchObject([{ href: null }])
  })

  it("shows what would reorder the line by its number", () => {
    expect(withoutAnsi("a\u202Eb\u0001\u0007")).toBe("a⟨U+202E⟩b⟨U+0001⟩")
  })

  it("takes a flood of sequences in one pass", () => {
    const flood = `${esc}[31mx${esc}[0m`.repeat(20_000) + `${esc}]`.repeat(20_000) + `${esc}[`.repeat(20_000)
    expect(withoutAnsi(flood).startsWith("xxx")).toBe(true)
  })
})
