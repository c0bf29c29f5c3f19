/** Small screens: one thing at a time on a telephone, two beside each other on a tablet, nothing cut off where all is twice as large. */
import type { Locator, Page } from "playwright-core"
import { beforeEach, describe, expect, it } from "vitest"
import { sharedBy, startProduct } from "../support/product.ts"
import { rectOf, visit } from "./desktop.ts"
import { begin, fieldsOf, phaseOf, prompt, said } from "./flows.ts"
import { appWindow, closeAll, openWindow, windowsOf, writeFile } from "./parts.ts"

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
