import { describe, expect, it } from "@effect/vitest"
import { asksFirst, plainPaste } from "./pasted.ts"
import { addressesIn, webAddress } from "./webLinks.ts"

describe("a paste", () => {
  it("can't end its own bracket, nor press keys", () => {
    expect(plainPaste("a\u001b[201~\rrm -rf x\u0003\u009b")).toBe("a[201~\nrm -rf x")
    expect(plainPaste("a\r\nb\tc ä 😀")).toBe("a\nb\tc ä 😀")
  })

  it("of more than a line is asked for, a line that ends too", () => {
    expect(asksFirst("ls")).toBe(false)
    expect(asksFirst("ls\n")).toBe(true)
  })
})

describe("links", () => {
  it("lead to the web and nowhere else", () => {
    expect(webAddress("https://example.org/a")).toBe("https://example.org/a")
    for (const bad of [
      "javascript:alert(1)",
      "file:///etc/passwd",
      "data:text/html,x",
      "mailto:a@b.c",
      "https://",
      "x"
    ]) {
      expect(webAddress(bad)).toBeNull()
    }
  })

  it("are found without the sentence around them", () => {
    const found = (text: string) => addressesIn(text).map((one) => one.text)
    expect(found("See https://example.org/a(b), or (http://localhost:80/x).")).toEqual([
      "https://example.org/a(b)",
      "http://localhost:80/x"
    ])
    expect(found("javascript:alert('http://') ftp://a.b")).toEqual([])
    const [first] = addressesIn("go https://a.b!")
    expect(first).toEqual({ text: "https://a.b", start: 3, end: 14 })
  })
})
