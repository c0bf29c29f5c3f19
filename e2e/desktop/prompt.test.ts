/** The prompt bar: what is typed, what it is read as, and what becomes of it. */
import type { Page, Route } from "playwright-core"
import { beforeEach, describe, expect, it } from "vitest"
import { ask, sharedBy, startProduct } from "../support/product.ts"
import { openDesktop, visit } from "./desktop.ts"
import { begin, composer, fieldsOf, phaseOf, prompt } from "./flows.ts"
import { appWindow, closeAll, keyboardIn, openWindow, promptName, textOf, windowsOf, writeFile } from "./parts.ts"

const chip = (page: Page) => page.getByRole("status", { name: "What Enter does" })
const completions = (page: Page) => page.getByRole("listbox", { name: "Completions" })
const sent = (page: Page) => page.getByRole("list", { name: "What was sent" }).getByRole("listitem")

const runsOf = async (url: string): Promise<number> => {
  const { runs } = await fieldsOf(`${url}/runs`)
  return (runs as ReadonlyArray<unknown>).length
}

const stopAll = async (url: string) => {
  const { runs } = await fieldsOf(`${url}/runs?status=open`)
  for (const { run_id } of runs as ReadonlyArray<{ run_id: string }>) {
    await ask(`${url}/runs/${run_id}/cancel`, "POST", { user_id: "me" })
  }
}

describe("a line", () => {
  const product = sharedBy(() => startProduct())
  beforeEach(() => closeAll(product().url))

  it("is read by its first character, and the chip says so before Enter", async () => {
    const { page } = await visit(product())
    const field = prompt(page)
    const before = await runsOf(product().url)
    // Who there is is asked for when the prompt first has the keyboard.
    await field.click()
    await field.fill("@conductor list files")
    await expect.poll(() => chip(page).textContent()).toMatch(/^New run\s*to\s*conductor/)
    for (const [line, reading] of [
      ["list files", /^New run\s*to\s*chat/],
      [">show all short", /^Command: Show all shortcuts/],
      [">no such thing", /No command is called that/],
      ["/plan a garden", /^Plan first, then wait for you\s*to\s*conductor/],
      ["/stop", /^No run is in front/],
      ["/budget 2usd list files", /^New run, at most .*2.*to\s*chat/],
      ["/model demo/none", /no model/i],
      ["/agent conductor", /^conductor answers new runs/],
      ["/help", /^What can be typed here/],
      ["/wander", /^There is no \/wander/],
      [" /wander", /^New run/],
      [" https://example.com/a", /^New run\s*to\s*chat/],
      [" @conductor list files", /^New run\s*to\s*chat/],
      ["!ls -la", /^Shell line, as you/],
      ["!", /^Type a command/],
      ["?ls", /^Search everything/],
      ["https://example.com/a?b", /^New run: look at example\.com\s*to\s*research/]
    ] as const) {
      await field.fill(line)
      await expect.poll(() => chip(page).textContent(), { message: line }).toMatch(reading)
    }
    expect(await runsOf(product().url)).toBe(before)
  })

  it("is written over several, completed, stepped back from, and found again", async () => {
    const { page } = await visit(product())
    const field = prompt(page)
    await field.click()
    await page.keyboard.type("one")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("two")
    expect(await field.inputValue()).toBe("one\ntwo")

    await field.fill("")
    await page.keyboard.type("@cond")
    await completions(page)
      .getByRole("option", { name: /conductor/ })
      .waitFor()
    await page.keyboard.press("Escape")
    await completions(page).waitFor({ state: "hidden" })
    expect(await field.inputValue()).toBe("@cond")
    await page.keyboard.type("u")
    await completions(page)
      .getByRole("option", { name: /conductor/ })
      .waitFor()
    await page.keyboard.press("Tab")
    expect(await field.inputValue()).toBe("@conductor ")

    await field.fill("/pl")
    await page.keyboard.press("Tab")
    expect(await field.inputValue()).toBe("/plan ")

    for (const line of ["/agent chat", "/help"]) {
      await field.fill(line)
      await page.keyboard.press("Enter")
    }
    const sheet = page.getByRole("dialog", { name: "Shortcuts" })
    await sheet.waitFor()
    await page.keyboard.press("Escape")
    await sheet.waitFor({ state: "hidden" })
    await expect.poll(() => keyboardIn(page)).toBe(promptName)

    const reached = async (key: string, line: string) => {
      await page.keyboard.press(key)
      await expect.poll(() => field.inputValue()).toBe(line)
    }
    await page.keyboard.type("a draft")
    await reached("ArrowUp", "/help")
    await reached("ArrowUp", "/agent chat")
    await reached("ArrowDown", "/help")
    await reached("ArrowDown", "a draft")
    await page.reload()
    await field.click()
    await reached("ArrowUp", "/help")
  })

  it("files are mentioned by #, and dropped files come into the workspace", async () => {
    const { page } = await visit(product())
    const { url } = product()
    await writeFile(url, "letters/first draft.md", "Dear all\n")
    const field = prompt(page)
    await field.click()
    await page.keyboard.type("read #lett")
    await completions(page)
      .getByRole("option", { name: /letters\// })
      .waitFor()
    await page.keyboard.press("Tab")
    expect(await field.inputValue()).toBe("read #letters/")
    await completions(page)
      .getByRole("option", { name: /first draft\.md/ })
      .waitFor()
    await page.keyboard.press("Tab")
    expect(await field.inputValue()).toBe('read #"letters/first draft.md" ')

    await field.fill("see ")
    const dropped = await page.evaluateHandle(() => {
      const data = new DataTransfer()
      data.items.add(new File(["dropped text"], "dropped.txt", { type: "text/plain" }))
      return data
    })
    await field.dispatchEvent("drop", { dataTransfer: dropped })
    await expect.poll(() => field.inputValue()).toBe("see #uploads/dropped.txt ")
    expect(await textOf(url, "uploads/dropped.txt")).toBe("dropped text")
  })

  it("a picture that is pasted is uploaded, and a file that is dragged out of Files is mentioned where it is", async () => {
    const { page } = await visit(product())
    const { url } = product()
    const field = prompt(page)
    await field.click()
    await page.keyboard.type("look at")
    await page.evaluate(async () => {
      const picture = await new OffscreenCanvas(2, 2).getContext("2d")?.canvas.convertToBlob({ type: "image/png" })
      if (picture !== undefined) await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })])
    })
    await page.keyboard.press("Control+V")
    await expect.poll(() => field.inputValue()).toBe("look at #uploads/image.png ")
    const { entries } = await fieldsOf(`${url}/files?path=uploads`)
    expect(entries).toContainEqual(expect.objectContaining({ name: "image.png" }))

    await writeFile(url, "drawers/top one.md", "Socks\n")
    await writeFile(url, "drawers/lower.md", "Shirts\n")
    await openWindow(url, "files", "Files", { path: "drawers" })
    const row = (name: string) => appWindow(page, "files").getByRole("option", { name: new RegExp(name) })
    await row("top one").dragTo(field)
    await expect.poll(() => field.inputValue()).toBe('look at #uploads/image.png #"drawers/top one.md" ')
    await field.fill("")
    await row("lower").click()
    await row("top one").click({ modifiers: ["Control"] })
    await row("lower").dragTo(field)
    await expect
      .poll(async () => (await field.inputValue()).split(" #").toSorted().join(" #"))
      .toBe('"drawers/top one.md"  ##drawers/lower.md')

    // As in the composer of a conversation, beside it.
    await openWindow(url, "chat", "Chat")
    for (const { app_id, id } of await windowsOf(url)) {
      await ask(`${url}/desktop/main/windows/${id}/snap`, "PATCH", { zone: app_id === "chat" ? "left" : "right" })
    }
    const message = composer(appWindow(page, "chat"))
    await message.fill("and")
    await row("top one").click()
    await row("top one").dragTo(message)
    await expect.poll(() => message.inputValue()).toBe('and #"drawers/top one.md" ')
  })

  it("that begins with ! runs in a shell, and no agent hears of it", async () => {
    const { page } = await visit(product())
    const { url } = product()
    const before = await runsOf(url)
    await prompt(page).fill("!echo from-the-shell; exit 3")
    await page.keyboard.press("Enter")
    const output = page.getByRole("region", { name: "Output of the shell line" })
    await output.getByText("from-the-shell", { exact: true }).waitFor()
    await sent(page).getByText("Exit code 3").waitFor()
    expect(await runsOf(url)).toBe(before)
    expect(await fieldsOf(`${url}/usage`)).toMatchObject({ lines: [] })
    await output.getByRole("button", { name: "Ask about this" }).click()
    expect(await prompt(page).inputValue()).toContain("from-the-shell")
    await output.waitFor({ state: "hidden" })
  })

  it("that begins with ? finds threads, runs, files and events, and opens what is chosen", async () => {
    const { page } = await visit(product())
    const { url } = product()
    await writeFile(url, "birds.md", "A quokka is no bird.\n")
    const { run_id } = await begin(url, "write quokka.md: not a bird")
    await expect.poll(() => phaseOf(url, run_id)).toBe("done")
    const before = await runsOf(url)
    const found = page.getByRole("listbox", { name: "What was found" })
    for (const [option, app] of [
      [/birds\.md/, "editor"],
      [/^write quokka\.md: not a bird\s*chat$/, "chat"],
      [/chat\.user_msg|run\.started/, "logs"]
    ] as const) {
      const one = found.getByRole("option").filter({ hasText: option }).first()
      // What was written just now is found a moment later: who does not find it asks again.
      const asked = async () => {
        await prompt(page).fill("?quokk")
        await prompt(page).fill("?quokka")
        return one.waitFor({ timeout: 3_000 }).then(
          () => true,
          () => false
        )
      }
      await expect.poll(asked).toBe(true)
      const place = await one.evaluate((row) => [...document.querySelectorAll("[role=option]")].indexOf(row))
      // The first is chosen already.
      for (let at = 0; at < place; at += 1) await page.keyboard.press("ArrowDown")
      await page.keyboard.press("Enter")
      await appWindow(page, app).waitFor()
      await expect.poll(() => keyboardIn(page)).toBe(app)
      expect(await prompt(page).inputValue()).toBe("")
    }
    expect(await runsOf(url)).toBe(before)
  })
})

describe("while a run is in front", () => {
  const product = sharedBy(() => startProduct())
  beforeEach(() => closeAll(product().url))

  it("words go to it as is chosen, verbs are for it, and @ names others", async () => {
    const { page } = await visit(product())
    const { url } = product()
    const { run_id } = await begin(url, "$ sleep 600")
    await openWindow(url, "logs", "Logs")
    await openWindow(url, "run", "Run", { run_id })
    await appWindow(page, "run").waitFor()
    const field = prompt(page)
    await field.click()
    const reads = (reading: RegExp) => expect.poll(() => chip(page).textContent()).toMatch(reading)
    await field.fill("look here")
    await reads(/^Steer\s*to\s*\$ sleep 600/)
    const menu = page.getByRole("button", { name: "How it is sent" })
    for (const [item, reading] of [
      [/^Queue after/, /^Queue after/],
      [/^Stop and send/, /^Stop and send/],
      [/^New run/, /^New run/],
      [/^Steer/, /^Steer/]
    ] as const) {
      await menu.click()
      await page.getByRole("menuitemcheckbox", { name: item }).click()
      await reads(reading)
    }
    await field.click()
    await field.fill("@run:sle")
    await completions(page)
      .getByRole("option", { name: /sleep 600/ })
      .waitFor()
    await page.keyboard.press("Tab")
    await page.keyboard.type("hurry")
    await reads(/^Steer\s*to\s*\$ sleep 600/)
    await field.fill("@window:lo")
    await completions(page).getByRole("option", { name: /Logs/ }).waitFor()
    await page.keyboard.press("Tab")
    await reads(/^Go to “Logs”/)
    await page.keyboard.press("Enter")
    await expect.poll(() => keyboardIn(page)).toBe("logs")

    for (const [line, phase] of [
      ["/pause @run:sleep-600", "paused"],
      ["/resume @run:sleep-600", "working"],
      ["/stop @run:sleep-600", "stopped"]
    ] as const) {
      await field.fill(line)
      await reads(/^(Pause|Resume|Stop) “\$ sleep 600”/)
      await page.keyboard.press("Enter")
      await expect.poll(() => phaseOf(url, run_id), { message: line }).toBe(phase)
    }
    await stopAll(url)
  })
})

describe("what is sent", () => {
  it("is a chip before the computer has heard of it, and comes back when it is refused", async () => {
    const { expectProblem, page } = await openDesktop()
    const held: Array<Route> = []
    await page.route("**/runs", (route) => {
      if (route.request().method() === "POST") held.push(route)
      else void route.continue()
    })
    const answer = async () => {
      await expect.poll(() => held.length).toBe(1)
      const [route] = held.splice(0)
      if (route === undefined) throw new Error("Nothing was asked")
      return route
    }
    const field = prompt(page)
    await field.click()
    await field.fill("list files")
    await page.evaluate(() => {
      const look = () => {
        const chips = document.querySelectorAll("[aria-label='What was sent'] li")
        document.documentElement.dataset.firstFrame = [...chips].map((one) => one.textContent).join()
      }
      window.addEventListener("keydown", () => requestAnimationFrame(look), { capture: true, once: true })
    })
    await page.keyboard.press("Enter")
    // In the first frame after the key, while nothing has answered.
    await expect
      .poll(() => page.evaluate(() => document.documentElement.dataset.firstFrame))
      .toMatch(/list files.*Sending/)
    expect(await field.inputValue()).toBe("")
    await (await answer()).continue()
    await sent(page).getByText("Done").waitFor()

    expectProblem("500")
    await field.fill("do the impossible")
    await page.keyboard.press("Enter")
    await sent(page).getByText("Sending").waitFor()
    await (await answer()).fulfill({ status: 500, json: { error: "The disk is full" } })
    await page.getByRole("alert").filter({ hasText: "The disk is full" }).waitFor()
    expect(await field.inputValue()).toBe("do the impossible")
    expect(await sent(page).getByText("do the impossible").count()).toBe(0)
  })

  it("nothing, without the computer: the text stays, and the prompt can be written in", async () => {
    const { expectProblem, page, product } = await openDesktop()
    // More is fetched ahead than this test waits for.
    expectProblem(/ERR_CONNECTION_REFUSED|ERR_FAILED|WebSocket/)
    // What may be needed without it is fetched ahead.
    await expect
      .poll(() =>
        page.evaluate(() => performance.getEntriesByType("resource").some(({ name }) => /ShortcutSheet.*js/.test(name)))
      )
      .toBe(true)
    await product.stop()
    await page.locator("html[data-connection=offline]").waitFor({ state: "attached" })
    const field = prompt(page)
    await field.fill("list files")
    await page.keyboard.press("Enter")
    await page.getByRole("alert").filter({ hasText: "nothing was sent" }).waitFor()
    expect(await field.inputValue()).toBe("list files")
    expect(await field.isEnabled()).toBe(true)
    await field.fill(">show all short")
    await page.keyboard.press("Enter")
    await page.getByRole("dialog", { name: "Shortcuts" }).waitFor()
  })
})
