import { describe, expect, it } from "vitest"
import { plainName, shortened, visibleText } from "./plainText.ts"

describe("plainName", () => {
  it("shows a name as it is read, without what reorders or hides", () => {
    expect(plainName("invoice\u202Efdp.exe")).toBe("invoicefdp.exe")
    expect(plainName("a\u200Bb\u2066c\u2069\uFEFF")).toBe("abc")
    expect(plainName("x\u{E0041}\u{E007F}y")).toBe("xy")
  })

  it("is one line without control characters", () => {
    expect(plainName("a\nb\tc\u001B[31md\u0000\u0085")).toBe("a b c[31md")
  })

  it("has words where nothing is left", () => {
    expect(plainName("\u202E\u0007")).toBe("(no name)")
  })

  it("leaves other scripts and joined emoji", () => {
    expect(plainName("قائمة 日本 👩‍💻.md")).toBe("قائمة 日本 👩‍💻.md")
  })
})

describe("visibleText", () => {
  it("shows overrides and control characters by their number, and keeps tabs and breaks", () => {
    expect(visibleText("a\u202Eb\u2066c\u001B\t\r\n")).toBe("a⟨U+202E⟩b⟨U+2066⟩c⟨U+001B⟩\t\r\n")
    expect(visibleText("\u0000\u009B")).toBe("⟨U+0000⟩⟨U+009B⟩")
  })
})

describe("shortened", () => {
  it("cuts between characters", () => {
    expect(shortened("abc", 3)).toBe("abc")
    expect(shortened("abcd", 3)).toBe("ab…")
    expect(shortened("ab👩x", 4)).toBe("ab…")
  })
})
