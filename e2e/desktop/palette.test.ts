/** The palette finds all that can be done and gone to, and by the keyboard alone it is done. */
import { beforeEach, describe, expect, it } from "vitest"
import { sharedBy, startProduct } from "../support/product.ts"
import { visit } from "./desktop.ts"
import { begin, phaseOf } from "./flows.ts"
import {
  appWindow,
  choose,
  closeAll,
  find,
  keyboardIn,
  openWindow,
  option,
  palette,
  promptName,
  windowsOf,
  writeFile
} from "./parts.ts"

describe("the palette", () => {
  const product = sharedBy(() => startProduct())
  beforeEach(() => closeAll(product().url))

  it("offers what can be done now, with its keys, and runs it", async () => {
    const { page } = await visit(product())
    const { url } = product()
    await find(page, "snap the window")
    await palette(page).getByText("Nothing is called that").waitFor()
    await page.keyboard.press("Escape")
    await palette(page).waitFor({ state: "hidden" })
    await expect.poll(() => keyboardIn(page)).toBe(promptName)

    await find(page, "open logs")
    await choose(page, /^Open Logs/)
    await appWindow(page, "logs").waitFor()
    await expect.poll(() => keyboardIn(page)).toBe("logs")
    await find(page, "snap the window l")
    await option(page, /^Snap the window left\s*Ctrl\s*Alt\s*←/).waitFor()
    await choose(page, /^Snap the window left/)
    await expect.poll(() => windowsOf(url)).toMatchObject([{ app_id: "logs", zone: "left" }])
    await expect.poll(() => keyboardIn(page)).toBe("logs")

    await page.keyboard.press("Control+K")
    const recent = palette(page).getByRole("group", { name: "Recent" })
    await recent.getByRole("option", { name: /^Snap the window left/ }).waitFor()
    await page.keyboard.press("Control+K")
    await page.keyboard.press("Escape")
  })

  it("shows each part of the status, and what waits", async () => {
    const { page } = await visit(product())
    for (const [words, title] of [
      ["show running and paused runs", "Runs"],
      ["show what waits for you", "What waits for you"],
      ["show what was spent today", "Spent today"],
      ["show notices", "Notices"],
      ["show the connection", "Connection"]
    ] as const) {
      await find(page, words)
      await choose(page, new RegExp(`^${words}`, "i"))
      const popover = page.getByRole("dialog", { name: title })
      await popover.waitFor()
      await expect.poll(() => popover.evaluate((list) => list.contains(document.activeElement))).toBe(true)
      await page.keyboard.press("Escape")
      await popover.waitFor({ state: "hidden" })
    }
  })

  it("has all that the menu of a window has, and the menu has no more than can be done", async () => {
    const { page } = await visit(product())
    const { url } = product()
    await openWindow(url, "logs", "Logs")
    await openWindow(url, "files", "Files")
    const logs = appWindow(page, "logs")
    await logs.waitFor()
    await page.keyboard.press("Control+Alt+1")
    await expect.poll(() => keyboardIn(page)).toBe("logs")
    const stored = async () => (await windowsOf(url)).find(({ app_id }) => app_id === "logs")
    for (const [title, state] of [
      ["Snap the window to the top left", { zone: "top_left" }],
      ["Snap the window to the bottom right", { zone: "bottom_right" }],
      ["Maximize the window", { maximized: true }],
      ["Restore the window", { maximized: false, zone: "bottom_right" }],
      ["Let the window float", { zone: null }]
    ] as const) {
      await find(page, title)
      await choose(page, title)
      await expect.poll(stored, { message: title }).toMatchObject(state)
    }
    await find(page, "let the window float")
    await palette(page).getByText("Nothing is called that").waitFor()
    await page.keyboard.press("Escape")
    await palette(page).waitFor({ state: "hidden" })

    // Of a window that is not in front, as well.
    await page.keyboard.press("Control+Alt+2")
    await expect.poll(() => keyboardIn(page)).toBe("files")
    const entry = page.getByRole("toolbar", { name: "Open windows" }).getByRole("button", { name: "Logs" })
    const item = (name: string | RegExp) => page.getByRole("menuitem", { name })
    await entry.click({ button: "right" })
    await item("Snap to a quarter").click()
    await item("Top right").click()
    await expect.poll(stored).toMatchObject({ zone: "top_right" })
    await entry.click({ button: "right" })
    await item("Float").click()
    await expect.poll(stored).toMatchObject({ zone: null })
    await entry.click({ button: "right" })
    await item(/^Maximize/).click()
    await expect.poll(stored).toMatchObject({ maximized: true })
    await entry.click({ button: "right" })
    await item("Restore").click()
    await expect.poll(stored).toMatchObject({ maximized: false })
    await entry.click({ button: "right" })
    await item(/^Minimize/).click()
    await expect.poll(stored).toMatchObject({ minimized: true })
    // What is minimized can be brought back and closed: it has no place to be snapped to.
    await page.getByRole("button", { name: "Logs, minimized" }).click({ button: "right" })
    await item("Restore").waitFor()
    expect(await page.getByRole("menuitem").allTextContents()).toEqual(["Restore", expect.stringMatching(/^Close/)])
    await item("Restore").click()
    await expect.poll(stored).toMatchObject({ minimized: false })
  })

  it("goes to windows, threads, runs, files and agents", async () => {
    const { page } = await visit(product())
    const { url } = product()
    await writeFile(url, "zebra.txt", "striped\n")
    const { run_id } = await begin(url, "write yak.md: shaggy")
    await expect.poll(() => phaseOf(url, run_id)).toBe("done")
    await openWindow(url, "logs", "Logs")
    await openWindow(url, "settings", "Settings")
    await appWindow(page, "settings").waitFor()
    await appWindow(page, "settings").getByRole("button", { name: "Minimize" }).click()

    await find(page, "settings")
    await option(page, /^Settings.*Minimized/).waitFor()
    await choose(page, /^Settings/)
    await expect.poll(() => keyboardIn(page)).toBe("settings")

    for (const [words, name, app] of [
      ["zebra", /zebra\.txt/, "editor"],
      ["yak", /^write yak\.md: shaggy/, "chat"]
    ] as const) {
      await find(page, words)
      await choose(page, name)
      await appWindow(page, app).waitFor()
      await expect.poll(() => keyboardIn(page)).toBe(app)
    }
    await find(page, "yak")
    await palette(page)
      .getByRole("group", { name: "Threads" })
      .or(palette(page).getByRole("group", { name: "Recent" }))
      .first()
      .waitFor()
    await palette(page).getByRole("group", { name: "Runs" }).waitFor()
    await page.keyboard.press("Escape")

    await find(page, "ask conductor")
    await choose(page, /^Ask conductor/)
    await expect.poll(() => keyboardIn(page)).toBe(promptName)
    await page.getByRole("button", { name: "Who answers: conductor" }).waitFor()
  })
})
