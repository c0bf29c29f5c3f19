/** Small screens: one thing at a time on a telephone, two beside each other on a tablet, nothing cut off where all is twice as large. */
import type { Locator, Page } from "playwright-core"
import { beforeEach, describe, expect, it } from "vitest"
import { sharedBy, startProduct } from "../support/product.ts"
import { rectOf, visit } from "./desktop.ts"
import { begin, fieldsOf, phaseOf, prompt, said } from "./flows.ts"
import { appWindow, closeAll, keyboardIn, openWindow, palette, promptName, windowsOf, writeFile } from "./parts.ts"

const places = (page: Page) => page.getByRole("navigation", { name: "Places" })
const tab = (page: Page, name: string | RegExp) => places(page).getByRole("button", { name })

/** Controls that no scrolling brings wholly into sight, or that lie under something else. */
const outOfReach = (window: Locator) =>
  window.evaluate(async (frame) => {
    const found: Array<string> = []
    const controls = frame.querySelectorAll<HTMLElement>("button, input, select, textarea, [role=tab], a[href]")
    for (const control of controls) {
      if (!control.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue
      if (
        control.closest("[aria-hidden=true], [inert]") !== null ||
        control.matches(".visually-hidden, [tabindex='-1']")
      )
        continue
      control.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" })
      const { bottom, height, left, right, top, width } = control.getBoundingClientRect()
      if (width === 0 || height === 0) continue
      const name = control.getAttribute("aria-label") ?? control.textContent ?? control.id
      const isCut = left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1
      const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
      const isHit = hit !== null && (control.contains(hit) || hit.contains(control))
      if (isCut || !isHit)
        found.push(
          `${control.tagName} ${name}: ${Math.round(left)},${Math.round(top)} ${Math.round(width)}x${Math.round(height)}`
        )
    }
    return found
  })

/** The page itself never scrolls. */
const pageIsWhole = (page: Page) =>
  page.evaluate(() => {
    const { clientHeight, clientWidth, scrollHeight, scrollWidth } = document.documentElement
    return scrollWidth <= clientWidth && scrollHeight <= clientHeight
  })

const insideOf = (window: Locator) =>
  window.evaluate((frame) => {
    const { bottom, left, right, top } = frame.getBoundingClientRect()
    return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight
  })

/** By the palette, from the place that leads to it. */
const command = async (page: Page, title: string) => {
  await tab(page, "More").tap()
  await page.getByRole("button", { name: "Search commands" }).tap()
  await palette(page).getByRole("combobox").fill(title)
  await palette(page).getByRole("option", { name: title }).first().tap()
  await palette(page).waitFor({ state: "hidden" })
}

const withData = async (url: string) => {
  await writeFile(url, "notes.md", "# Notes\n\nSome words.\n")
  const { run_id } = await begin(url, "list files")
  await expect.poll(() => phaseOf(url, run_id)).toBe("done")
  return run_id
}

const everyApp = ["chat", "choir", "inbox", "terminal", "files", "logs", "supervision", "settings"]
const settled = (window: Locator) =>
  expect.poll(() => window.locator("[aria-busy=true]").count(), { message: "it has loaded" }).toBe(0)

describe("360x740", () => {
  const product = sharedBy(() => startProduct())
  beforeEach(() => closeAll(product().url))
  const telephone = { viewport: { width: 360, height: 740 }, touch: true }

  it("one can ask, read and approve", async () => {
    const { page } = await visit(product(), telephone)
    const { url } = product()
    await tab(page, "Ask").tap()
    await expect.poll(() => prompt(page).evaluate((field) => field === document.activeElement)).toBe(true)
    await prompt(page).fill("write small.md: from a telephone")
    await page.getByRole("button", { name: /^New run|^Send/ }).tap()
    await said(page).getByText("small.md").first().waitFor()
    expect(await insideOf(appWindow(page, "chat"))).toBe(true)

    const { run_id } = await begin(url, "$ rm -rf scratch")
    await tab(page, "Inbox, 1").tap()
    const card = appWindow(page, "inbox").getByRole("article", { name: /Delete scratch/ })
    const allow = card.getByRole("button", { name: "Allow once" })
    // A card that has just come takes no decision.
    await expect
      .poll(
        async () => {
          if (await allow.isVisible()) await allow.tap()
          return phaseOf(url, run_id)
        },
        { interval: 600 }
      )
      .toBe("done")
    await tab(page, "Inbox").waitFor()
  })

  it("what leads to the prompt shows it, whatever was in front", async () => {
    const { page } = await visit(product(), telephone)
    await tab(page, "Runs").tap()
    await appWindow(page, "choir").waitFor()
    const start = appWindow(page, "choir").getByRole("button", { name: "Start a run" }).first()
    await start.tap()
    await expect.poll(() => keyboardIn(page)).toBe(promptName)
    expect(await tab(page, "Ask").getAttribute("aria-current")).toBe("page")
    // Again, and by the key: back to the window.
    await page.keyboard.press("Control+J")
    await expect.poll(() => keyboardIn(page)).toBe("choir")
    expect(await tab(page, "Runs").getAttribute("aria-current")).toBe("page")
    for (const [title, text] of [
      ["Go to the prompt", ""],
      ["Search everything", "? "],
      ["Run a shell line", "! "],
      ["Ask conductor", "! "]
    ] as const) {
      await command(page, title)
      await expect.poll(() => keyboardIn(page), { message: title }).toBe(promptName)
      expect(await prompt(page).inputValue()).toBe(text)
    }
    await page.getByRole("button", { name: "Who answers: conductor" }).waitFor()
    await prompt(page).fill("!echo from-a-telephone")
    await page.keyboard.press("Enter")
    await page
      .getByRole("region", { name: "Output of the shell line" })
      .getByText("from-a-telephone", { exact: true })
      .waitFor()
    await page.getByRole("list", { name: "What was sent" }).getByText("Done").waitFor()
  })

  it("each part of the status has a place", async () => {
    const { page } = await visit(product(), telephone)
    for (const [title, app] of [
      ["Show running and paused runs", "choir"],
      ["Show what waits for you", "inbox"]
    ] as const) {
      await command(page, title)
      await appWindow(page, app).waitFor()
      await expect.poll(() => keyboardIn(page)).toBe(app)
    }
    for (const [title, part] of [
      ["Show the connection", "Connection"],
      ["Show notices", "Notices"],
      ["Show what was spent today", "Spent today"]
    ] as const) {
      await command(page, title)
      await page.getByRole("heading", { name: "More", exact: true }).waitFor()
      await expect.poll(() => keyboardIn(page)).toBe(part)
    }
    // What is said later is seen all the same.
    await begin(product().url, "notify me: the tea is ready")
    await page.getByRole("status").filter({ hasText: "the tea is ready" }).getByText("from chat").waitFor()
  })

  it("a list of the status goes with the room for it, and notices are seen again", async () => {
    const { page } = await visit(product(), { viewport: { width: 1200, height: 800 } })
    await page
      .getByRole("group", { name: "Status" })
      .getByRole("button", { name: /^Notices/ })
      .click()
    const list = page.getByRole("dialog", { name: "Notices" })
    await list.waitFor()
    await page.setViewportSize(telephone.viewport)
    await list.waitFor({ state: "hidden" })
    await begin(product().url, "notify me: the bread is baked")
    await page.getByRole("status").filter({ hasText: "the bread is baked" }).getByText("from chat").waitFor()
  })

  it("each command that the palette offers shows something", { timeout: 180_000 }, async () => {
    const { page } = await visit(product(), { ...telephone, reducedMotion: true })
    const { url } = product()
    const run_id = await withData(url)
    const { run } = await fieldsOf(`${url}/runs/${run_id}`)
    const { session_id, thread_id } = run as { session_id: string; thread_id: string }
    const arrange = async () => {
      await closeAll(url)
      await openWindow(url, "choir", "Choir")
      await openWindow(url, "chat", "Chat", { actor_id: "me", session_id, thread_id })
      await said(appWindow(page, "chat")).getByText("list files").first().waitFor()
    }
    await arrange()
    const offered = page.locator("[cmdk-item][data-value^='action '], [cmdk-item][data-value^='agent ']")
    /** What is on top at each of many points, and what is marked of it. */
    const sight = () =>
      page.evaluate(() => {
        const { activeElement } = document
        const isMarked = activeElement !== null && getComputedStyle(activeElement).outlineStyle !== "none"
        const seen = [document.documentElement.dataset.theme, isMarked ? activeElement.getAttribute("aria-label") : ""]
        for (let y = 8; y < innerHeight; y += 16) {
          for (let x = 8; x < innerWidth; x += 32) {
            const { className, tagName, textContent } = document.elementFromPoint(x, y) ?? document.body
            seen.push(`${tagName} ${className} ${textContent?.slice(0, 80)}`)
          }
        }
        return seen.join("\n")
      })
    /** What was in sight before it. */
    const openPalette = async () => {
      await tab(page, "More").tap({ timeout: 2_000 })
      await page.getByRole("heading", { name: "More", exact: true }).waitFor({ timeout: 2_000 })
      const before = await sight()
      await page.getByRole("button", { name: "Search commands" }).tap({ timeout: 2_000 })
      await offered.first().waitFor({ timeout: 2_000 })
      return before
    }
    await openPalette()
    const commands = await offered.evaluateAll((items) => items.map((item) => item.getAttribute("data-value") ?? ""))
    expect(commands.length).toBeGreaterThan(40)
    expect(commands).toContain("action chat.write")
    expect(commands.filter((one) => /window\.(snap|maximize|restore$|float|close|minimize)/.test(one))).toEqual([])
    await page.keyboard.press("Escape")

    const dead: Array<string> = []
    for (const one of commands) {
      if (one.startsWith("action chat.")) await arrange()
      let before = ""
      // What the command before it shows of itself may come only now, over what is to be tapped: it goes by Escape.
      const isChosen = async () => {
        try {
          before = await openPalette()
          await page.locator(`[cmdk-item][data-value="${one}"]`).tap({ timeout: 2_000 })
          return true
        } catch {
          await page.keyboard.press("Escape")
          return false
        }
      }
      await expect.poll(isChosen).toBe(true)
      await palette(page).waitFor({ state: one === "action palette.open" ? "visible" : "hidden" })
      const isSeen = await expect
        .poll(sight, { timeout: 5_000 })
        .not.toBe(before)
        .then(
          () => true,
          () => false
        )
      if (!isSeen) dead.push(one)
      await page.keyboard.press("Escape")
      await page.getByRole("dialog").waitFor({ state: "hidden" })
      // It may be over by itself.
      for (const close of await page
        .getByRole("status")
        .getByRole("button", { name: /^Close / })
        .all())
        await close.tap({ timeout: 1_000 }).catch(() => undefined)
    }
    expect(dead).toEqual([])
  })

  it("nobody takes the prompt away from who writes", async () => {
    const { page } = await visit(product(), telephone)
    const { url } = product()
    const writes = async (words: string) => {
      expect(await keyboardIn(page)).toBe(promptName)
      expect(await prompt(page).inputValue()).toBe(words)
    }
    // On the desktop that has no window, where the prompt is without having been asked for.
    await prompt(page).tap()
    await page.keyboard.type("half a w")
    await openWindow(url, "logs", "Logs")
    const open = page.getByRole("region", { name: "Open windows" })
    await open.getByRole("button", { name: "Logs" }).waitFor()
    await writes("half a w")

    await tab(page, "Ask").tap()
    await page.keyboard.type("ord")
    await openWindow(url, "files", "Files")
    await open.getByRole("button", { name: "Files" }).waitFor()
    await writes("half a word")
    // Their own choice does.
    await open.getByRole("button", { name: "Files" }).tap()
    await appWindow(page, "files").getByRole("button", { name: "Close" }).tap()
    await appWindow(page, "logs").getByRole("button", { name: "Close" }).tap()
    await page.getByRole("heading", { name: "What should be done?" }).waitFor()
    // The keys of the screen stay away until they are asked for.
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
    expect(await keyboardIn(page)).not.toBe(promptName)
  })

  it("every place is there, and each app has the screen to itself", async () => {
    const { page } = await visit(product(), telephone)
    const { url } = product()
    await withData(url)
    for (const button of await places(page).getByRole("button").all()) {
      const { height, width } = await rectOf(button)
      expect(Math.min(height, width), (await button.textContent()) ?? "").toBeGreaterThanOrEqual(44)
    }
    await tab(page, "Home").tap()
    await page.getByRole("heading", { name: "What should be done?" }).waitFor()
    await tab(page, "Runs").tap()
    await appWindow(page, "choir").waitFor()
    expect(await tab(page, "Runs").getAttribute("aria-current")).toBe("page")
    await tab(page, "Inbox").tap()
    await appWindow(page, "inbox").waitFor()
    await appWindow(page, "choir").waitFor({ state: "hidden" })
    for (const name of ["Chat", "Terminal", "Files", "Logs", "Supervision", "Settings"]) {
      await tab(page, "More").tap()
      await page.getByRole("button", { name, exact: true }).tap()
      const window = appWindow(page, name.toLowerCase())
      await window.waitFor()
      expect(await rectOf(window), name).toMatchObject({ x: 0, y: 0, width: 360 })
      await settled(window)
      expect(await pageIsWhole(page), name).toBe(true)
      expect(await outOfReach(window), name).toEqual([])
    }
  })
})

describe("between", () => {
  const product = sharedBy(() => startProduct())
  beforeEach(() => closeAll(product().url))

  it.each([
    ["a telephone", { width: 360, height: 740 }],
    ["a tablet", { width: 900, height: 700 }]
  ])("%s leaves the desk as it is: nothing there snaps or maximizes", async (_, viewport) => {
    const { page } = await visit(product(), { viewport })
    const { url } = product()
    await openWindow(url, "logs", "Logs")
    await openWindow(url, "files", "Files")
    await appWindow(page, "files").waitFor({ state: "attached" })
    await page.keyboard.press("Control+Alt+2")
    await expect.poll(() => keyboardIn(page)).toBe("files")
    const stored = async () => (await windowsOf(url)).find(({ app_id }) => app_id === "files")
    const before = await stored()
    for (const key of ["ArrowLeft", "ArrowRight", "ArrowUp"]) await page.keyboard.press(`Control+Alt+${key}`)
    await page.keyboard.press("Control+K")
    for (const words of ["snap the window", "maximize the window"]) {
      await palette(page).getByRole("combobox").fill(words)
      await palette(page).getByText("Nothing is called that").waitFor()
    }
    await page.keyboard.press("Escape")
    await palette(page).waitFor({ state: "hidden" })
    await appWindow(page, "files").getByRole("heading", { name: "Files" }).first().click({ button: "right" })
    await page.getByRole("menuitem").first().waitFor()
    expect(await page.getByRole("menuitem").allTextContents()).toEqual([
      expect.stringMatching(/^Minimize/),
      expect.stringMatching(/^Close/)
    ])
    await page.keyboard.press("Escape")
    // It is the next change that the computer is told of.
    await page.keyboard.press("Control+Alt+ArrowDown")
    await expect.poll(stored).toEqual({ ...before, minimized: true })
  })

  it("900x700: the two windows in front stand beside each other", async () => {
    const { page } = await visit(product(), { viewport: { width: 900, height: 700 } })
    const { url } = product()
    for (const [app, title] of [
      ["logs", "Logs"],
      ["files", "Files"],
      ["settings", "Settings"]
    ] as const) {
      await openWindow(url, app, title)
    }
    await expect.poll(() => rectOf(appWindow(page, "settings"))).toMatchObject({ x: 450, y: 0, width: 450 })
    expect(await rectOf(appWindow(page, "files"))).toMatchObject({ x: 0, y: 0, width: 450 })
    await appWindow(page, "logs").waitFor({ state: "hidden" })
    await page.getByRole("toolbar", { name: "Open windows" }).getByRole("button", { name: "Logs" }).click()
    await expect.poll(() => rectOf(appWindow(page, "logs"))).toMatchObject({ x: 0, width: 450 })
    expect((await windowsOf(url)).every(({ zone }) => zone === null)).toBe(true)
  })

  it("1024x768: windows float, and two that are snapped fill it", async () => {
    const { page } = await visit(product(), { viewport: { width: 1024, height: 768 } })
    const { url } = product()
    await openWindow(url, "logs", "Logs")
    await openWindow(url, "files", "Files")
    await appWindow(page, "files").waitFor()
    await page.keyboard.press("Control+Alt+2")
    await page.keyboard.press("Control+Alt+ArrowRight")
    await page.keyboard.press("Control+Alt+1")
    await page.keyboard.press("Control+Alt+ArrowLeft")
    await expect.poll(() => rectOf(appWindow(page, "logs"))).toMatchObject({ x: 0, y: 0, width: 512 })
    await expect.poll(() => rectOf(appWindow(page, "files"))).toMatchObject({ x: 512, y: 0, width: 512 })
  })

  it("at 200 % nothing is cut off or out of reach, in any app", async () => {
    const { page } = await visit(product(), { viewport: { width: 720, height: 450 }, scale: 2 })
    const { url } = product()
    const run_id = await withData(url)
    // By its whole path: by another, the window would still be told it when it is closed again.
    const { path: workspace } = await fieldsOf(`${url}/files?path=.`)
    const shown = [
      ...everyApp.map((app) => [app, {}] as const),
      ["run", { run_id }],
      ["editor", { path: `${workspace}/notes.md` }]
    ] as const
    for (const [app, props] of shown) {
      await openWindow(url, app, app, props)
      const window = appWindow(page, app)
      await window.waitFor()
      await settled(window)
      expect(await pageIsWhole(page), app).toBe(true)
      expect(await insideOf(window), app).toBe(true)
      expect(await outOfReach(window), app).toEqual([])
      await closeAll(url)
      await window.waitFor({ state: "detached" })
    }
    const bar = page.getByRole("contentinfo")
    expect(await outOfReach(bar), "the bar").toEqual([])
    expect(await outOfReach(page.getByRole("main")), "home").toEqual([])
  })
})
