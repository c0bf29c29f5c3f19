/** Every key of the desktop does what the sheet says of it; inside a terminal or an editor only those with a star do. */
import type { Page } from "playwright-core"
import { beforeEach, describe, expect, it } from "vitest"
import { ask, sharedBy, startProduct } from "../support/product.ts"
import { openDesktop, visit } from "./desktop.ts"
import { begin, composer, fieldsOf, phaseOf, prompt, said } from "./flows.ts"
import {
  appsOf,
  appWindow,
  closeAll,
  keyboardIn,
  openWindow,
  palette,
  promptName,
  textOf,
  windowsOf,
  writeFile
} from "./parts.ts"

describe("on the desktop", () => {
  const product = sharedBy(() => startProduct())
  beforeEach(() => closeAll(product().url))

  it("apps are opened, and what is one of a kind is gone to", async () => {
    const { page } = await visit(product())
    for (const [keys, title] of [
      ["Control+Alt+T", "Terminal"],
      ["Control+Alt+F", "Files"],
      ["Control+Alt+C", "Choir"],
      ["Control+Shift+A", "Inbox"]
    ] as const) {
      // None with a star is pressed from inside a terminal here.
      if (title !== "Terminal") await page.keyboard.press("Control+J")
      await page.keyboard.press(keys)
      await page.locator(`[data-app=${title.toLowerCase()}]`).waitFor()
    }
    await page.keyboard.press("Control+Alt+C")
    // The page is ahead of the computer: what it has opened last may come there only now.
    await expect.poll(() => appsOf(product().url)).toEqual(["choir", "files", "inbox", "terminal"])
    await expect.poll(async () => (await windowsOf(product().url)).at(-1)?.app_id).toBe("choir")
  })

  it("the window in front is snapped, maximized, restored, minimized, shown by its number, closed", async () => {
    const { page, window } = await visit(product())
    const { url } = product()
    await openWindow(url, "logs", "Logs")
    await openWindow(url, "settings", "Settings")
    await window("Logs").waitFor()
    await window("Settings").waitFor()
    const look = async (app: string) => {
      const found = (await windowsOf(url)).find(({ app_id }) => app_id === app)
      return found === undefined ? null : { zone: found.zone, maximized: found.maximized, minimized: found.minimized }
    }
    const settings = () => look("settings")
    const plain = { zone: null, maximized: false, minimized: false }

    await page.keyboard.press("Control+Alt+ArrowLeft")
    await expect.poll(settings).toEqual({ ...plain, zone: "left" })
    await page.keyboard.press("Control+Alt+ArrowRight")
    await expect.poll(settings).toEqual({ ...plain, zone: "right" })
    await page.keyboard.press("Control+Alt+ArrowUp")
    await expect.poll(settings).toMatchObject({ maximized: true })
    await page.keyboard.press("Control+Alt+ArrowDown")
    await expect.poll(settings).toEqual({ ...plain, zone: "right" })
    await page.keyboard.press("Control+Alt+ArrowDown")
    await expect.poll(settings).toEqual(plain)
    await page.keyboard.press("Control+Alt+ArrowDown")
    await expect.poll(settings).toEqual({ ...plain, minimized: true })

    await page.keyboard.press("Control+Alt+2")
    await expect.poll(settings).toEqual(plain)
    await page.keyboard.press("Control+Alt+1")
    await expect.poll(() => keyboardIn(page)).toBe("logs")
    await page.keyboard.press("Control+Alt+M")
    await expect.poll(() => look("logs")).toEqual({ ...plain, minimized: true })
    await expect.poll(() => keyboardIn(page)).toBe("settings")
    await page.keyboard.press("Control+Alt+1")
    await expect.poll(() => look("logs")).toEqual(plain)

    await page.keyboard.press("Control+Alt+D")
    await expect.poll(async () => (await windowsOf(url)).every(({ minimized }) => minimized)).toBe(true)
    await expect.poll(() => keyboardIn(page)).toBe(promptName)
    await page.keyboard.press("Control+Alt+D")
    await expect.poll(async () => (await windowsOf(url)).some(({ minimized }) => minimized)).toBe(false)

    await page.keyboard.press("Control+Alt+1")
    await expect.poll(() => keyboardIn(page)).toBe("logs")
    await page.keyboard.press("Control+Alt+W")
    await expect.poll(() => appsOf(url)).toEqual(["settings"])
    await expect.poll(() => keyboardIn(page)).toBe("settings")
    await page.keyboard.press("Control+Alt+W")
    await expect.poll(() => appsOf(url)).toEqual([])
    await expect.poll(() => keyboardIn(page)).toBe(promptName)
  })

  it("what was minimized last comes back first, wherever it lay", async () => {
    const { page, window } = await visit(product())
    const { url } = product()
    for (const [app, title] of [
      ["logs", "Logs"],
      ["settings", "Settings"]
    ] as const) {
      await openWindow(url, app, title)
      await window(title).waitFor()
    }
    await page.keyboard.press("Control+Alt+2")
    await expect.poll(() => keyboardIn(page)).toBe("settings")
    for (const next of ["logs", promptName]) {
      await page.keyboard.press("Control+Alt+M")
      await expect.poll(() => keyboardIn(page)).toBe(next)
    }
    await page.keyboard.press("Control+Alt+ArrowDown")
    await expect.poll(() => keyboardIn(page)).toBe("logs")
    await window("Logs").waitFor()
    expect(await window("Settings").isVisible()).toBe(false)
  })

  it("palette and prompt come, and give the keyboard back to where it was", async () => {
    const { page, window } = await visit(product())
    const { url } = product()
    await openWindow(url, "logs", "Logs")
    const field = window("Logs").getByRole("searchbox")
    await field.click()
    const isInField = () => field.evaluate((element) => element === document.activeElement)
    await page.keyboard.press("Control+K")
    await palette(page).waitFor()
    await page.keyboard.press("Escape")
    await palette(page).waitFor({ state: "hidden" })
    await expect.poll(isInField).toBe(true)
    await page.keyboard.press("Control+J")
    await expect.poll(() => keyboardIn(page)).toBe(promptName)
    await page.keyboard.press("Control+J")
    await expect.poll(isInField).toBe(true)
  })

  it("an approval that has the focus is allowed and denied", async () => {
    const { page, window } = await visit(product())
    const { url } = product()
    const decided = async (run_id: string) => {
      const { approvals } = await fieldsOf(`${url}/approvals?status=all`)
      const asked = approvals as ReadonlyArray<{ run_id: string; decided: { decision: string } | null }>
      return asked.find((one) => one.run_id === run_id)?.decided?.decision
    }
    for (const [keys, decision] of [
      ["Control+Enter", "once"],
      ["Control+Backspace", "deny"]
    ] as const) {
      const { run_id } = await begin(url, "$ rm -rf scratch")
      await page.keyboard.press("Control+Shift+A")
      const waits = page.getByRole("group", { name: "Decide" })
      const card = window(/Inbox/).getByRole("article").filter({ has: waits })
      await card.waitFor()
      await card.focus()
      // A card that has just come takes no decision.
      await expect
        .poll(async () => {
          await page.keyboard.press(keys)
          return decided(run_id)
        })
        .toBe(decision)
      await card.waitFor({ state: "hidden" })
      await expect.poll(() => keyboardIn(page)).toBe("inbox")
    }
  })

  it("the run in front is paused, goes on, and by two presses is stopped", async () => {
    const { page, window } = await visit(product())
    const { url } = product()
    const { run_id } = await begin(url, "$ sleep 600")
    await page.getByRole("button", { name: "1 run at work" }).waitFor()
    await openWindow(url, "run", "Run", { run_id })
    await window(/sleep 600/)
      .getByRole("tab", { name: "Story" })
      .waitFor()
    await page.keyboard.press("Control+.")
    await expect.poll(() => phaseOf(url, run_id)).toBe("paused")
    const resume = page.getByRole("status").getByRole("button", { name: "Resume" })
    await resume.click()
    await expect.poll(() => phaseOf(url, run_id)).not.toBe("paused")
    // The page knows it, too.
    await page.getByRole("button", { name: "1 run at work" }).waitFor()
    // The first press of two: pressing again so soon means to stop, whatever came of the first.
    await page.keyboard.press("Control+.")
    await page.keyboard.press("Control+.")
    await expect.poll(() => phaseOf(url, run_id)).toBe("stopped")
  })

  it("pressed again after 2 s, what was paused goes on", async () => {
    const { page, window } = await visit(product())
    const { url } = product()
    const { run_id } = await begin(url, "$ sleep 600")
    await openWindow(url, "run", "Run", { run_id })
    await window(/sleep 600/)
      .getByRole("tab", { name: "Story" })
      .waitFor()
    await page.getByRole("button", { name: "1 run at work" }).waitFor()
    await page.clock.install()
    await page.keyboard.press("Control+.")
    await expect.poll(() => phaseOf(url, run_id)).toBe("paused")
    await page.getByRole("button", { name: "No run at work, 1 paused" }).waitFor()
    await page.clock.fastForward(2_000)
    await page.keyboard.press("Control+.")
    await expect.poll(() => phaseOf(url, run_id)).toBe("working")
    await page.getByRole("button", { name: "1 run at work" }).waitFor()
    await ask(`${url}/runs/${run_id}/cancel`, "POST", { user_id: "me" })
  })

  it("a conversation is begun, its list hidden, its field written in, its run stopped", async () => {
    const { page } = await visit(product())
    const { url } = product()
    const { run_id, session_id, thread_id } = await begin(url, "$ sleep 600")
    await openWindow(url, "chat", "Chat", { actor_id: "me", session_id, thread_id })
    const chat = appWindow(page, "chat")
    await said(chat).getByText("$ sleep 600").first().waitFor()
    await page.keyboard.press("Control+Alt+1")

    const list = chat.getByRole("navigation", { name: "Conversations" })
    const isListed = await list.isVisible()
    await page.keyboard.press("Control+Alt+L")
    await expect.poll(() => list.isVisible()).toBe(!isListed)
    await page.keyboard.press("Control+Alt+L")
    await expect.poll(() => list.isVisible()).toBe(isListed)

    await page.keyboard.press("Control+Alt+J")
    await expect.poll(() => composer(chat).evaluate((field) => field === document.activeElement)).toBe(true)
    await page.keyboard.type("not sent")
    expect(await composer(chat).inputValue()).toBe("not sent")

    await page.keyboard.press("Control+Alt+.")
    await expect.poll(() => phaseOf(url, run_id)).toBe("stopped")

    await page.keyboard.press("Control+Alt+N")
    await said(chat).waitFor({ state: "hidden" })
    await composer(chat).waitFor()
  })

  it("an editor goes to a line, wraps and saves", async () => {
    const { page } = await visit(product())
    const { url } = product()
    const long = "word ".repeat(400)
    await writeFile(url, "lines.txt", `${long}\n${"line\n".repeat(40)}`)
    await openWindow(url, "editor", "lines.txt", { path: "lines.txt" })
    const text = appWindow(page, "editor").getByRole("textbox").first()
    await text.click()
    const isWide = () => text.evaluate((content) => content.scrollWidth > (content.parentElement?.clientWidth ?? 0))
    const before = await isWide()
    await page.keyboard.press("Alt+Z")
    await expect.poll(isWide).toBe(!before)
    await page.keyboard.press("Alt+Z")
    await expect.poll(isWide).toBe(before)

    await page.keyboard.press("Control+Alt+G")
    await page.keyboard.type("7")
    await page.keyboard.press("Enter")
    await expect.poll(() => text.evaluate((content) => content.contains(document.activeElement))).toBe(true)
    await page.keyboard.type("seventh ")
    await page.keyboard.press("Control+S")
    await expect.poll(async () => String(await textOf(url, "lines.txt")).split("\n")[6]).toBe("seventh line")
  })

  it("the inbox is gone through", async () => {
    const { page } = await visit(product())
    const { url } = product()
    const runs = [await begin(url, "$ rm -rf one"), await begin(url, "ask me which one")]
    await page.keyboard.press("Control+Shift+A")
    const inbox = appWindow(page, "inbox")
    await inbox.getByRole("article", { name: /Question of/ }).waitFor()
    await inbox.getByRole("article", { name: /Delete one/ }).waitFor()
    const focused = () =>
      page.evaluate(
        () =>
          document.activeElement?.getAttribute("data-question") ?? document.activeElement?.getAttribute("data-approval")
      )
    await page.keyboard.press("j")
    await expect.poll(focused).not.toBeNull()
    const first = await focused()
    await page.keyboard.press("j")
    await expect.poll(focused).not.toBe(first)
    await page.keyboard.press("k")
    await expect.poll(focused).toBe(first)
    for (const { run_id } of runs) await ask(`${url}/runs/${run_id}/cancel`, "POST", { user_id: "me" })
  })

  it("a timeline is gone through", async () => {
    const { page, window } = await visit(product())
    const { url } = product()
    const { run_id } = await begin(url, "list files and $ echo one and $ echo two")
    await expect.poll(() => phaseOf(url, run_id)).toBe("done")
    await openWindow(url, "run", "Run", { run_id, view: "timeline" })
    const rows = window(/list files/).getByRole("list", { name: "Steps" })
    await rows.getByRole("listitem").first().waitFor()
    await page.keyboard.press("Control+Alt+1")
    const current = rows.locator("[aria-current=true]")
    const place = () => current.evaluate((row) => Number(row.closest("li")?.getAttribute("aria-posinset")))
    await page.keyboard.press("j")
    await current.waitFor()
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    const third = await place()
    await page.keyboard.press("k")
    await expect.poll(place).toBe(third - 1)
    await page.keyboard.press("]")
    await expect.poll(() => current.textContent()).toMatch(/^Step \d/)
    const next = await place()
    await page.keyboard.press("[")
    await expect.poll(place).toBeLessThan(next)
    await expect.poll(() => current.textContent()).toMatch(/^(Step \d|Before)/)
    const open = await current.getAttribute("aria-expanded")
    await page.keyboard.press("o")
    await expect.poll(() => current.getAttribute("aria-expanded")).not.toBe(open)
  })
})

const starred = async (page: Page, url: string, app: string, back: () => Promise<void>) => {
  const look = async () => (await windowsOf(url)).find(({ app_id }) => app_id === app)
  await page.keyboard.press("Control+K")
  await palette(page).waitFor()
  await page.keyboard.press("Escape")
  await palette(page).waitFor({ state: "hidden" })
  await back()
  await page.keyboard.press("Control+J")
  await expect.poll(() => keyboardIn(page)).toBe(promptName)
  await page.keyboard.press("Control+J")
  await back()
  await page.keyboard.press("Control+Alt+ArrowLeft")
  await expect.poll(look).toMatchObject({ zone: "left" })
  await page.keyboard.press("Control+Alt+ArrowRight")
  await expect.poll(look).toMatchObject({ zone: "right" })
  await page.keyboard.press("Control+Alt+ArrowUp")
  await expect.poll(look).toMatchObject({ maximized: true })
  await page.keyboard.press("Control+Alt+ArrowDown")
  await expect.poll(look).toMatchObject({ maximized: false })
  await page.keyboard.press("Control+Alt+ArrowDown")
  await expect.poll(look).toMatchObject({ zone: null })
  await page.keyboard.press("Control+Shift+A")
  await expect.poll(() => keyboardIn(page)).toBe("inbox")
  await page.keyboard.press("Alt+Backquote")
  await back()
  await page.keyboard.press("Control+.")
}

/** What a shell gets of them, and the desktop would do if it took them. */
const plainKeys: ReadonlyArray<readonly [keys: string, bytes: string]> = [
  ["Control+Alt+T", "\u001b\u0014"],
  ["Control+Alt+F", "\u001b\u0006"],
  ["Control+Alt+C", "\u001b\u0003"],
  ["Control+Alt+W", "\u001b\u0017"],
  ["Control+Alt+M", "\u001b\r"],
  ["Control+Alt+D", "\u001b\u0004"],
  ["Control+Alt+1", "\u001b1"],
  ["Control+/", ""],
  ["Control+Enter", "\r"],
  ["Control+Backspace", "\b"],
  ["[", "["],
  ["]", "]"],
  ["j", "j"],
  ["k", "k"],
  ["o", "o"],
  ["Escape", "\u001b"],
  ["Tab", "\t"]
]

describe("inside", () => {
  const product = sharedBy(() => startProduct())
  beforeEach(() => closeAll(product().url))

  it("a terminal: what has a star works, and all else is the shell's", async () => {
    const { page } = await visit(product())
    const { url } = product()
    const { run_id } = await begin(url, "$ sleep 600")
    await openWindow(url, "logs", "Logs")
    await openWindow(url, "terminal", "Terminal")
    const terminal = appWindow(page, "terminal")
    const screen = terminal.locator("[data-captures-keys]")
    await screen.click()
    const typed = terminal.getByRole("textbox", { name: /Terminal input/ })
    const isTyping = () => typed.evaluate((element) => element === document.activeElement)
    await expect.poll(isTyping).toBe(true)
    await page.keyboard.type("stty raw -echo; touch ready; cat > keys.txt\n")
    await expect.poll(async () => (await ask(`${url}/files/content?path=ready`)).status).toBe(200)
    for (const [keys] of plainKeys) await page.keyboard.press(keys)
    const expected = plainKeys.map(([, bytes]) => bytes).join("")
    const got = () => textOf(url, "keys.txt")
    await expect
      .poll(async () => ({ got: await got(), apps: await appsOf(url), isTyping: await isTyping() }))
      .toEqual({ got: expected, apps: ["logs", "terminal"], isTyping: true })
    expect((await windowsOf(url)).some(({ minimized }) => minimized)).toBe(false)

    await starred(page, url, "terminal", async () => {
      await expect.poll(isTyping).toBe(true)
    })
    await expect.poll(() => phaseOf(url, run_id)).toBe("paused")
    // The shell was told nothing of them.
    await page.keyboard.type("!")
    await expect.poll(got).toBe(`${expected}!`)
    await ask(`${url}/runs/${run_id}/cancel`, "POST", { user_id: "me" })
  })

  it("an editor: what has a star works, and the others open nothing", async () => {
    const { page, window } = await visit(product())
    const { url } = product()
    await writeFile(url, "typed.txt", "first\n")
    const { run_id } = await begin(url, "$ sleep 600")
    await openWindow(url, "editor", "typed.txt", { path: "typed.txt" })
    const text = window(/typed\.txt/)
      .getByRole("textbox")
      .first()
    await text.click()
    const isTyping = () => text.evaluate((element) => element.contains(document.activeElement))
    await expect.poll(isTyping).toBe(true)
    for (const keys of ["Control+Alt+T", "Control+Alt+F", "Control+Alt+C", "Control+Alt+W", "Control+Alt+M"]) {
      await page.keyboard.press(keys)
    }
    await starred(page, url, "editor", async () => {
      await expect.poll(isTyping).toBe(true)
    })
    await expect.poll(() => phaseOf(url, run_id)).toBe("paused")
    expect(await appsOf(url)).toEqual(["editor", "inbox"])
    await ask(`${url}/runs/${run_id}/cancel`, "POST", { user_id: "me" })
  })
})

describe("the sheet", () => {
  it("lists all, takes other keys, and says whose they are already", async () => {
    const { page, product } = await openDesktop()
    await page.keyboard.press("Control+/")
    const sheet = page.getByRole("dialog", { name: "Shortcuts" })
    for (const [title, keys] of [
      ["Find a command", "Ctrl K"],
      ["Go to the prompt", "Ctrl J"],
      ["Open Inbox", "Ctrl Shift A"],
      ["Switch windows", "Alt `"],
      ["Snap the window left", "Ctrl Alt ←"],
      ["Maximize the window", "Ctrl Alt ↑"],
      ["Go to window 9", "Ctrl Alt 9"],
      ["Close the window", "Ctrl Alt W"],
      ["Minimize the window", "Ctrl Alt M"],
      ["Show the desktop", "Ctrl Alt D"],
      ["Open Terminal", "Ctrl Alt T"],
      ["Open Files", "Ctrl Alt F"],
      ["Open Choir", "Ctrl Alt C"],
      ["Show all shortcuts", "Ctrl /"],
      ["Pause or resume the run in front; again at once: stop it", "Ctrl ."],
      // What an app does, though none is open.
      ["Allow what is focused, once", "Ctrl Enter"],
      ["Deny what is focused", "Ctrl Backspace"],
      ["Go to the previous step", "["],
      ["Go to the next step", "]"],
      ["Go to the next row", "J"],
      ["Go to the previous row", "K"],
      ["Open or close the row", "O"],
      ["Go to the next thing of the inbox", "J"],
      ["Begin a new conversation", "Ctrl Alt N"],
      ["Stop the run of this conversation", "Ctrl Alt ."],
      ["Save the file", "Ctrl S"],
      ["Go to a line", "Ctrl Alt G"],
      ["Wrap long lines", "Alt Z"],
      ["Search in these files", ""],
      ["Broadcast to all open runs", ""]
    ] as const) {
      const row = sheet.getByRole("listitem").filter({ has: page.getByText(new RegExp(`^${title}( ★)?$`)) })
      await expect.poll(async () => (await row.locator("kbd").allTextContents()).join(" ")).toBe(keys)
    }
    const change = sheet.getByRole("button", { name: "Change the keys of Open Terminal" })
    await change.click()
    await page.keyboard.press("Control+Alt+F")
    await sheet.getByRole("alert").filter({ hasText: "is “Open Files”" }).waitFor()
    await page.keyboard.press("Control+Enter")
    await sheet.getByRole("alert").filter({ hasText: "is “Allow what is focused, once”" }).waitFor()
    await page.keyboard.press("Control+Alt+Y")
    await sheet.getByRole("button", { name: "Bring back the keys of Open Terminal" }).waitFor()
    await page.keyboard.press("Escape")
    await sheet.waitFor({ state: "hidden" })

    await page.reload()
    await page.locator("html[data-connection=live]").waitFor()
    await page.keyboard.press("Control+Alt+T")
    await page.keyboard.press("Control+Alt+Y")
    await appWindow(page, "terminal").waitFor()
    await expect.poll(() => appsOf(product.url)).toEqual(["terminal"])

    await prompt(page).click()
    await page.keyboard.press("Control+/")
    await sheet.getByRole("button", { name: "Bring back the keys of Open Terminal" }).click()
    await sheet.getByRole("button", { name: "Bring back the keys of Open Terminal" }).waitFor({ state: "hidden" })
    await page.keyboard.press("Escape")
    await sheet.waitFor({ state: "hidden" })
    await page.keyboard.press("Control+Alt+Y")
    await page.keyboard.press("Control+Alt+T")
    await expect.poll(() => appsOf(product.url)).toEqual(["terminal", "terminal"])
  })
})
