import { describe, expect, it } from "vitest"
import { fileMention, hostOf, pretends, safeImage, safeUrl } from "./safeUrl.ts"

describe("safeUrl", () => {
  it.each([
    ["javascript:alert(1)"],
    ["JaVaScRiPt:alert(1)"],
    [" \u0001java\nscript:alert(1)"],
    ["data:text/html,<script>alert(1)</script>"],
    ["vbscript:x"],
    ["file:///etc/passwd"],
    ["blob:http://a/b"],
    ["about:blank"],
    ["//evil.example"],
    ["/files/trash"],
    ["http://"],
    ["tel:1"],
    [""],
    [undefined]
  ])("leads nowhere with %j", (href) => {
    expect(safeUrl(href)).toBe(null)
  })

  it("lets the web and mail through, as the browser reads them", () => {
    expect(safeUrl("HTTPS://Example.org/a b")).toBe("https://example.org/a%20b")
    expect(safeUrl("mailto:a@b.c")).toBe("mailto:a@b.c")
  })
})

describe("the host of a link", () => {
  it("is the one after credentials, and in its plain letters", () => {
    expect(hostOf("https://google.com@evil.example/x")).toBe("evil.example")
    expect(hostOf("https://xn--pple-43d.com/")).toBe("xn--pple-43d.com")
    expect(hostOf("https://аpple.com/")).toBe("xn--pple-43d.com")
    expect(hostOf("mailto:a@b.c")).toBe("a@b.c")
  })

  it("is told where the words name another", () => {
    expect(pretends("https://google.com", "https://evil.example/")).toBe(true)
    expect(pretends("sign in at my.bank.example", "https://evil.example/")).toBe(true)
    expect(pretends("аpple.com", "https://xn--pple-43d.com/")).toBe(true)
    expect(pretends("me@bank.example", "mailto:you@evil.example")).toBe(true)
    expect(pretends("evil.example", "https://evil.example.attacker.test/")).toBe(true)
  })

  it("is not told where the words are words, or the address itself", () => {
    expect(pretends("the manual", "https://example.org/")).toBe(false)
    expect(pretends("https://www.example.org/a.b", "https://example.org/a.b")).toBe(false)
    expect(pretends("http://localhost:8080/x", "http://localhost:8080/x")).toBe(false)
  })
})

describe("safeImage", () => {
  it("is in the text or of this server", () => {
    expect(safeImage("data:image/png;base64,AAAA")).toBe("data:image/png;base64,AAAA")
    expect(safeImage("/files/download?path=a.png")).toBe("/files/download?path=a.png")
  })

  it.each([
    "https://evil.example/x.png",
    "//evil.example/x.png",
    "/\\evil.example/x.png",
    "data:text/html;base64,AAAA",
    "data:image/svg+xml;base64,AAAA",
    "data:image/png,<svg>",
    "javascript:alert(1)",
    "a.png"
  ])("is never %s", (src) => {
    expect(safeImage(src)).toBe(null)
  })
})

describe("fileMention", () => {
  it.each([
    ["src/a.ts:12", { path: "src/a.ts", line: 12 }],
    ["src/a.ts:12:7", { path: "src/a.ts", line: 12 }],
    ["./README.md", { path: "README.md" }],
    ["src/a.ts#L4-L9", { path: "src/a.ts", line: 4 }],
    ["a/b/.env.local", { path: "a/b/.env.local" }]
  ])("finds %s", (text, file) => {
    expect(fileMention(text)).toEqual(file)
  })

  it.each([
    "e.g",
    "foo.bar()",
    "1.2",
    "../../etc/passwd.txt",
    "https://a.b/c.ts",
    "a b.ts",
    "npm run test",
    "/etc/x.conf"
  ])("takes %s for no file", (text) => {
    expect(fileMention(text)).toBe(null)
  })
})
