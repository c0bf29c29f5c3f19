/** What the shell shows of the computer and of the windows, by hand and by the keyboard alone. */
import type { Page } from "playwright-core"
import { beforeEach, describe, expect, it } from "vitest"
import { ask, sharedBy, startProduct } from "../support/product.ts"
import { kept, live, openDesktop, visit } from "./desktop.ts"
import { begin, phaseOf, prompt, runPath } from "./flows.ts"
import { appsOf, appWindow, closeAll, keyboardIn, openWindow, palette, promptName, windowsOf } from "./parts.ts"

const byPalette = async (page: Page, words: string) => {
  await page.keyboard.press("Control+K")
  await palette(page).getByRole("combobox").waitFor()
  await page.keyboard.type(words)
  await palette(page).getByRole("option").first().waitFor()
  await page.keyboard.press("Enter")
  await palette(page).waitFor({ state: "hidden" })
}

const themeOf = (page: Page) => page.locator("html").getAttribute("data-theme")

describe("the shell", () => {
  const product = sharedBy(() => startProduct())
  beforeEach(() => closeAll(product().url))

  it("switches windows while Alt is held, by arrows too, and Escape leaves all as it was", async () => {
    const { page } = await visit(product())
    const { url } = product()
    for (const app of ["logs", "supervision", "settings"]) await openWindow(url, app, app)
    await appWindow(page, "settings").waitFor()
    const switcher = page.getByRole("listbox", { name: "Switch windows" })
    const chosen = switcher.locator("[aria-selected=true]")
    await page.keyboard.down("Alt")
    await page.keyboard.press("Backquote")
    await switcher.waitFor()
    expect(await switcher.getByRole("option").count()).toBe(3)
    expect(await chosen.textContent()).toMatch(/supervision/i)
    await page.keyboard.press("Backquote")
    expect(await chosen.textContent()).toMatch(/logs/i)
    await page.keyboard.up("Alt")
    await switcher.waitFor({ state: "hidden" })
    await expect.poll(() => keyboardIn(page)).toBe("logs")

    await page.keyboard.down("Alt")
    await page.keyboard.press("Backquote")
    await page.keyboard.press("ArrowRight")
    expect(await chosen.textContent()).toMatch(/supervision/i)
    await page.keyboard.press("Escape")
    await switcher.waitFor({ state: "hidden" })
    await page.keyboard.up("Alt")
    expect((await windowsOf(url)).at(-1)?.app_id).toBe("logs")
  })

  it("lists the windows: a click goes to one, another minimizes it, its menu closes it", async () => {
    const { page } = await visit(product())
    const { url } = product()
    await openWindow(url, "logs", "Logs")
    await openWindow(url, "files", "Files")
    const list = page.getByRole("toolbar", { name: "Open windows" })
    const logs = list.getByRole("button", { name: /^Logs/ })
    await logs.click()
    await expect.poll(() => logs.getAttribute("aria-current")).toBe("true")
    await logs.click()
    await list.getByRole("button", { name: "Logs, minimized" }).waitFor()
    await appWindow(page, "logs").waitFor({ state: "hidden" })
    await logs.click()
    await appWindow(page, "logs").waitFor()
    await logs.click({ button: "right" })
    await page.getByRole("menuitem", { name: /^Close/ }).click()
    await expect.poll(() => appsOf(url)).toEqual(["files"])
  })

  it("has a segment for each agent at work, which leads to what it does", async () => {
    const { page } = await visit(product())
    const { url } = product()
    const line = page.getByRole("group", { name: "Agents at work" })
    expect(await line.getByRole("button").count()).toBe(0)
    const { run_id } = await begin(url, "$ sleep 600")
    const segment = line.getByRole("button", { name: /^chat .*sleep 600/ })
    await segment.focus()
    await page.keyboard.press("Enter")
    await appWindow(page, "chat").waitFor()
    await ask(`${url}/runs/${run_id}/cancel`, "POST", { user_id: "me" })
    await segment.waitFor({ state: "detached" })
  })

  it("tells of runs, what waits, spend, notices and the line, by the keyboard", async () => {
    const { page } = await visit(product())
    const { url } = product()
    const status = page.getByRole("group", { name: "Status" })
    const order = ["Runs", "What waits for you", "Spent today", "Notices", "Connection"]
    const { run_id } = await begin(url, "$ sleep 600")
    const through = async (button: string | RegExp, name: string, within: () => Promise<unknown>) => {
      await status.getByRole("button", { name: button }).waitFor()
      const entry = status.getByRole("button").nth(order.indexOf(name))
      await entry.focus()
      await page.keyboard.press("Enter")
      const popover = page.getByRole("dialog", { name })
      await popover.waitFor()
      await expect.poll(() => popover.evaluate((list) => list.contains(document.activeElement))).toBe(true)
      await within()
      if (await popover.isVisible()) await page.keyboard.press("Escape")
      await popover.waitFor({ state: "hidden" })
      await expect
        .poll(() => entry.evaluate((element) => element === document.activeElement), { message: name })
        .toBe(true)
    }
    const runs = page.getByRole("dialog", { name: "Runs" })
    await through("1 run at work", "Runs", async () => {
      await runs.getByRole("button", { name: "Pause $ sleep 600" }).focus()
      await page.keyboard.press("Enter")
      await runs.getByRole("button", { name: "Resume $ sleep 600" }).waitFor()
      await expect.poll(() => phaseOf(url, run_id)).toBe("paused")
    })
    await status.getByRole("button", { name: "No run at work, 1 paused" }).waitFor()
    await through(/spent today/, "Spent today", () =>
      page.getByRole("dialog", { name: "Spent today" }).getByText("By agent").waitFor()
    )
    await through(/^Connection/, "Connection", () =>
      page.getByRole("dialog", { name: "Connection" }).getByText(/^Live/).waitFor()
    )
    await begin(url, "notify me: the tea is ready")
    const toast = page.getByRole("status").filter({ hasText: "the tea is ready" })
    await toast.getByText("from chat").waitFor()
    const notices = page.getByRole("dialog", { name: "Notices" })
    await through(/^Notices, \d+ new/, "Notices", async () => {
      await notices.getByText("the tea is ready").first().waitFor()
      await notices.getByRole("button", { name: "Dismiss all" }).press("Enter")
      await notices.getByText("Nothing was said yet.").waitFor()
    })
    const waiting = page.getByRole("dialog", { name: "What waits for you" })
    await through("Nothing waits for you", "What waits for you", () =>
      waiting.getByText("No agent waits for you.").waitFor()
    )
    await ask(`${url}/runs/${run_id}/cancel`, "POST", { user_id: "me" })
  })

  it("lists who waits for what, and each line leads to its card", async () => {
    const { page } = await visit(product())
    const { url } = product()
    const asked = await begin(url, "$ rm -rf first")
    await page.getByRole("button", { name: "1 thing waits for you" }).waitFor()
    const asking = await begin(url, "ask me which colour")
    const entry = page.getByRole("button", { name: "2 things wait for you" })
    const waiting = page.getByRole("dialog", { name: "What waits for you" })
    const focused = () =>
      page.evaluate(() => Object.keys({ ...(document.activeElement as HTMLElement).dataset }).join())
    for (const [index, words, card] of [
      [0, /^Delete first.*chat, /, "approval"],
      [1, /^which colour\s*chat, /i, "question"],
      [0, /^Delete first/, "approval"]
    ] as const) {
      await entry.press("Enter")
      const line = waiting.getByRole("listitem").nth(index)
      await line.waitFor()
      expect(await line.textContent()).toMatch(words)
      await line.getByRole("button").press("Enter")
      await waiting.waitFor({ state: "hidden" })
      await expect.poll(focused).toContain(card)
    }
    await entry.press("Enter")
    await waiting.getByRole("button", { name: "Open the inbox" }).press("Enter")
    await waiting.waitFor({ state: "hidden" })
    await expect.poll(() => keyboardIn(page)).toBe("inbox")
    for (const { run_id } of [asked, asking]) await ask(`${url}/runs/${run_id}/cancel`, "POST", { user_id: "me" })
    await page.getByRole("button", { name: "Nothing waits for you" }).waitFor()
  })

  it("is gone through by the keyboard alone: opened, moved in, closed, and never without a place", async () => {
    const { page } = await visit(product())
    const { url } = product()
    await expect.poll(() => keyboardIn(page)).toBe(promptName)
    for (const [words, app] of [
      ["open choir", "choir"],
      ["open settings", "settings"],
      ["open files", "files"]
    ] as const) {
      await byPalette(page, words)
      await appWindow(page, app).waitFor()
      await expect.poll(() => keyboardIn(page)).toBe(app)
      await page.keyboard.press("Tab")
      const isOn = () =>
        appWindow(page, app).evaluate(
          (frame) => frame.contains(document.activeElement) && document.activeElement !== frame
        )
      await expect.poll(isOn, { message: app }).toBe(true)
    }
    for (const next of ["settings", "choir", promptName]) {
      await page.keyboard.press("Control+Alt+W")
      await expect.poll(() => keyboardIn(page)).toBe(next)
    }
    await expect.poll(() => appsOf(url)).toEqual([])
  })

  it("has its theme everywhere at once, and its contrast here", async () => {
    const { page } = await visit(product())
    const other = await visit(product())
    await byPalette(page, "switch between dark and light")
    await expect.poll(() => themeOf(page)).toBe("light")
    await expect.poll(() => themeOf(other.page)).toBe("light")
    const colour = (of: Page) => of.evaluate(() => getComputedStyle(document.body).backgroundColor)
    expect(await colour(other.page)).toBe(await colour(page))

    await openWindow(product().url, "settings", "Settings", { section: "appearance" })
    await appWindow(page, "settings").getByRole("switch", { name: "More contrast" }).click()
    await expect.poll(() => page.locator("html").getAttribute("data-contrast")).toBe("more")
    await page.reload()
    await live(page)
    expect(await themeOf(page)).toBe("light")
    expect(await page.locator("html").getAttribute("data-contrast")).toBe("more")
  })

  it("does not move for who wants no motion", async () => {
    const { page } = await visit(product(), { reducedMotion: true })
    await openWindow(product().url, "logs", "Logs")
    await appWindow(page, "logs").waitFor()
    await page.keyboard.press("Control+K")
    await palette(page).waitFor()
    const moving = await page.evaluate(() =>
      [...document.querySelectorAll("*")].flatMap((element) => {
        const { animationDuration, animationName, transitionDuration } = getComputedStyle(element)
        const longest = Math.max(...transitionDuration.split(",").map((time) => Number.parseFloat(time)))
        const animates = animationName !== "none" && Number.parseFloat(animationDuration) > 0.01
        return longest > 0.01 || animates ? [`${element.tagName}.${element.className}`] : []
      })
    )
    expect(moving).toEqual([])
  })
})

/** Of a PNG, by its first chunk. */
/** Runs in the page: from where its first script came, as the browser's routes for workers call it. */
const sourceOfEntry = (): unknown => {
  const entry = document.querySelector<HTMLScriptElement>('script[src^="/assets/"]')?.src ?? ""
  return Reflect.get(performance.getEntriesByName(entry)[0] ?? {}, "workerFinalSourceType")
}

const sizeOf = (bytes: Buffer): string => `${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`

describe("as an app of the browser's", () => {
  it("has a manifest whose icons are what it says", async () => {
    const { url } = await startProduct()
    const reply = await fetch(`${url}/manifest.webmanifest`)
    expect(reply.headers.get("content-type")).toMatch(/^application\/manifest\+json/)
    const manifest: unknown = await reply.json()
    expect(manifest).toMatchObject({ name: "ChoirOS", start_url: "/", scope: "/", display: "standalone" })
    const { icons } = manifest as { icons: ReadonlyArray<{ src: string; sizes: string; type: string }> }
    expect(icons.map(({ sizes }) => sizes)).toEqual(expect.arrayContaining(["192x192", "512x512"]))
    for (const { sizes, src, type } of icons) {
      const icon = await fetch(`${url}${src}`)
      expect(icon.headers.get("content-type"), src).toMatch(type)
      const bytes = Buffer.from(await icon.arrayBuffer())
      if (type === "image/png") expect(sizeOf(bytes), src).toBe(sizes)
      else expect(bytes.toString(), src).toContain("<svg")
    }
  })

  it("opens without the computer with what was there last, to be looked at", async () => {
    const { expectProblem, page, product } = await openDesktop({ worker: true })
    expectProblem(/ERR_CONNECTION_REFUSED|ERR_FAILED|WebSocket|Failed to fetch/)
    await openWindow(product.url, "logs", "Logs")
    await appWindow(page, "logs").getByRole("searchbox").waitFor()
    await kept(page)
    await page.reload()
    await live(page)
    await appWindow(page, "logs").getByRole("searchbox").waitFor()
    // What is kept is there without the worker, which would cost more time than it saves.
    expect(await page.evaluate(sourceOfEntry)).toBe("cache")
    await expect.poll(() => page.evaluate(() => localStorage.getItem("choiros.desktop"))).toContain("logs")
    await product.stop()
    await page.reload()
    await page.locator("html[data-connection=offline]").waitFor({ state: "attached" })
    await appWindow(page, "logs").waitFor()
    const line = page.getByRole("group", { name: "Status" }).getByRole("button", { name: /does not answer/ })
    await line.click()
    await page.getByRole("dialog", { name: "Connection" }).getByRole("button", { name: "Try now" }).waitFor()
    await page.keyboard.press("Escape")
    await prompt(page).fill("list files")
    await page.keyboard.press("Enter")
    await page.getByRole("alert").filter({ hasText: "nothing was sent" }).waitFor()
  })
})

it("an address opens what it names, once", async () => {
  const { page, product } = await openDesktop()
  const { run_id } = await begin(product.url, "list files")
  await expect.poll(() => phaseOf(product.url, run_id)).toBe("done")
  await page.goto(`${product.url}${runPath({ run_id, actor_id: "me", session_id: "", thread_id: "" })}`)
  await appWindow(page, "run").waitFor()
  expect(new URL(page.url()).pathname).toBe("/")
  await appWindow(page, "run").getByRole("button", { name: "Close", exact: true }).click()
  await page.reload()
  await live(page)
  await expect.poll(() => appsOf(product.url)).toEqual([])
})
