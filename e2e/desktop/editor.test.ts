/** A text that is written: saved over what was read, and never lost, whoever else writes. */
import { existsSync, readFileSync } from "node:fs"
import type { Locator, Page } from "playwright-core"
import { describe, expect, it } from "vitest"
import { ask, sharedBy, startProduct } from "../support/product.ts"
import { inWorkspace, openWindow, put, windowOf } from "./appFlows.ts"
import { live, visit } from "./desktop.ts"
import { begin, phaseOf, prompt } from "./flows.ts"

const shared = sharedBy(() => startProduct())

const editing = async (path: string, content: string) => {
  const product = shared()
  put(product, path, content)
  const visitor = await visit(product)
  const window = windowOf(visitor.page, await openWindow(product, "editor", { path }, path))
  const text = textIn(window)
  await text.waitFor()
  const onDisk = () => readFileSync(inWorkspace(product, path), "utf8")
  return { ...visitor, product, path, window, text, onDisk }
}

const textIn = (window: Locator): Locator => window.locator(".cm-content").first()

const shownIn = (text: Locator): Promise<string> =>
  text
    .locator(".cm-line")
    .allTextContents()
    .then((all) => all.join("\n"))

const typeAtEnd = async (page: Page, text: Locator, words: string) => {
  await text.focus()
  await page.keyboard.press("Control+End")
  await page.keyboard.type(words)
}

const state = (window: Locator, words: string) => window.getByRole("status").getByText(words, { exact: true }).waitFor()

describe("saving", () => {
  it("is by key, says what is unsaved, and the file is what was written", async () => {
    const { onDisk, page, text, window } = await editing("save.txt", "one\n")
    await typeAtEnd(page, text, "two")
    await state(window, "Not saved")
    expect(onDisk()).toBe("one\n")
    await page.keyboard.press("Control+s")
    await state(window, "Saved")
    expect(onDisk()).toBe("one\ntwo")
    await page.keyboard.press("Control+z")
    await state(window, "Not saved")
  })

  it("shows what others write while nothing is unsaved here", async () => {
    const { product, text, window } = await editing("follow.txt", "one\n")
    await begin(product.url, "write follow.txt: all new")
    await expect.poll(() => shownIn(text)).toBe("all new")
    await state(window, "Saved")
  })
})

describe("a text on the screen", () => {
  it("has each line's number beside it, from the first paint on", async () => {
    const { text, window } = await editing(
      "lines.js",
      Array.from({ length: 60 }, (_, at) => `const a${at} = ${at}`).join("\n")
    )
    const tops = (locator: Locator) =>
      locator.evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().top)).slice(0, 20))
    const numbers = window.locator(".cm-lineNumbers .cm-gutterElement:not([style*='visibility'])")
    await numbers.nth(19).waitFor()
    await expect.poll(async () => (await tops(numbers)).join()).toBe((await tops(text.locator(".cm-line"))).join())
  })

  it("that is opened at a line shows that line", async () => {
    const product = shared()
    put(product, "long.txt", Array.from({ length: 900 }, (_, at) => `line ${at + 1}`).join("\n"))
    const { page } = await visit(product, { path: "/f/long.txt:700" })
    await page.locator(".cm-line").getByText("line 700", { exact: true }).waitFor()
  })

  it("that another opens at a line leaves the keyboard to who types in the prompt", async () => {
    const product = shared()
    put(product, "long.txt", Array.from({ length: 900 }, (_, at) => `line ${at + 1}`).join("\n"))
    const { page } = await visit(product)
    await prompt(page).fill("What I write")
    await openWindow(product, "editor", { path: "long.txt", line: 700 }, "long.txt")
    await page.locator(".cm-activeLine").getByText("line 700", { exact: true }).first().waitFor()
    await page.keyboard.type(" goes on")
    expect(await prompt(page).inputValue()).toBe("What I write goes on")
  })
})

describe("two who write", () => {
  const conflict = async (path: string) => {
    const opened = await editing(path, "first\nsecond\n")
    await typeAtEnd(opened.page, opened.text, "mine")
    const run = await begin(opened.product.url, `write ${path}: theirs`)
    await expect.poll(() => phaseOf(opened.product.url, run.run_id)).toBe("done")
    await opened.window.getByText(/^This file was changed by chat while you were writing/).waitFor()
    expect(await shownIn(opened.text)).toBe("first\nsecond\nmine")
    expect(opened.onDisk()).toBe("theirs")
    return opened
  }

  it("keep both texts until one chooses: mine", async () => {
    const { expectProblem, onDisk, page, text, window } = await conflict("mine.txt")
    expectProblem(/409 .*files\/content/)
    // A plain save does not go over theirs.
    await page.keyboard.press("Control+s")
    expect(onDisk()).toBe("theirs")
    await window.getByRole("button", { name: "Keep mine" }).click()
    await state(window, "Saved")
    expect(onDisk()).toBe("first\nsecond\nmine")
    await page.getByRole("button", { name: "Show theirs" }).click()
    await expect.poll(() => shownIn(text)).toBe("theirs")
    expect(onDisk()).toBe("first\nsecond\nmine")
  })

  it("what is asked for while a save is under way is done after it", async () => {
    const { expectProblem, onDisk, page, text, window } = await conflict("slow.txt")
    expectProblem(/409 .*files\/content/)
    const held: Array<() => void> = []
    await page.route("**/files/content", async (route) => {
      if (route.request().method() === "PUT" && held.length === 0) await new Promise<void>((go) => held.push(go))
      await route.continue()
    })
    await page.keyboard.press("Control+s")
    await state(window, "Saving")
    await window.getByRole("button", { name: "Keep mine" }).click()
    expect(onDisk()).toBe("theirs")
    held[0]?.()
    await state(window, "Saved")
    expect(onDisk()).toBe("first\nsecond\nmine")
    expect(await shownIn(text)).toBe("first\nsecond\nmine")
  })

  it("keep both texts until one chooses: theirs, and mine comes back by undo", async () => {
    const { onDisk, page, text, window } = await conflict("theirs.txt")
    await window.getByRole("button", { name: "Take theirs" }).click()
    await expect.poll(() => shownIn(text)).toBe("theirs")
    await state(window, "Saved")
    await text.focus()
    await page.keyboard.press("Control+z")
    await expect.poll(() => shownIn(text)).toBe("first\nsecond\nmine")
    expect(onDisk()).toBe("theirs")
  })

  it("compare them, and go on with what was made of both", async () => {
    const { onDisk, page, text, window } = await conflict("both.txt")
    await window.getByRole("button", { name: "Compare" }).click()
    const theirs = window.getByRole("textbox", { name: "Theirs" })
    const mine = window.getByRole("textbox", { name: "Yours, which can be changed" })
    await theirs.waitFor()
    expect(await shownIn(theirs)).toBe("theirs")
    expect(await shownIn(mine)).toBe("first\nsecond\nmine")
    await mine.focus()
    await page.keyboard.press("Control+End")
    await page.keyboard.type(" and theirs")
    await window.getByRole("button", { name: "Go on with the text on the right" }).click()
    await expect.poll(() => shownIn(text)).toBe("first\nsecond\nmine and theirs")
    expect(onDisk()).toBe("theirs")
    await window.getByRole("button", { name: "Save", exact: true }).click()
    await state(window, "Saved")
    expect(onDisk()).toBe("first\nsecond\nmine and theirs")
  })

  it("save mine beside theirs", async () => {
    const { onDisk, product, text, window } = await conflict("copy.txt")
    await window.getByRole("button", { name: "Save mine as a copy" }).click()
    await expect.poll(() => shownIn(text)).toBe("theirs")
    expect(onDisk()).toBe("theirs")
    expect(readFileSync(inWorkspace(product, "copy 2.txt"), "utf8")).toBe("first\nsecond\nmine")
  })

  it("a save over what was not seen is refused, and both texts are there", async () => {
    const { expectProblem, onDisk, page, product, text, window } = await editing("unseen.txt", "one\n")
    expectProblem(/409/)
    await typeAtEnd(page, text, "mine")
    // Written right before the save comes in: no word of it has reached the page.
    await page.route("**/files/content", async (route) => {
      if (route.request().method() === "PUT") put(product, "unseen.txt", "theirs\n")
      await route.continue()
    })
    await page.keyboard.press("Control+s")
    await window.getByText(/^This file was changed.* while you were writing/).waitFor()
    expect(await shownIn(text)).toBe("one\nmine")
    expect(onDisk()).toBe("theirs\n")
  })
})

describe("what was not saved", () => {
  it("is there after a reload, and comes back when asked", async () => {
    const { onDisk, page, text, window } = await editing("draft.txt", "one\n")
    await typeAtEnd(page, text, "not saved")
    await state(window, "Not saved")
    await page.reload()
    await live(page)
    await window.getByText(/^Text that you did not save is kept here/).waitFor()
    expect(await shownIn(text)).toBe("one\n")
    await window.getByRole("button", { name: "Bring it back" }).click()
    await expect.poll(() => shownIn(text)).toBe("one\nnot saved")
    await page.keyboard.press("Control+s")
    await state(window, "Saved")
    expect(onDisk()).toBe("one\nnot saved")
    await page.reload()
    await live(page)
    await expect.poll(() => shownIn(text)).toBe("one\nnot saved")
    expect(await window.getByText(/^Text that you did not save/).count()).toBe(0)
  })

  it("stays when the file is deleted underneath, and is saved again when asked", async () => {
    const { expectProblem, onDisk, page, path, product, text, window } = await editing("gone.txt", "one\n")
    expectProblem(/404 .*files\/content/)
    await typeAtEnd(page, text, "two")
    expect((await ask(`${product.url}/files?path=${path}`, "DELETE")).status).toBe(200)
    await window.getByText(/^This file was deleted/).waitFor()
    expect(await shownIn(text)).toBe("one\ntwo")
    expect(existsSync(inWorkspace(product, path))).toBe(false)
    await window.getByRole("button", { name: "Save it again" }).click()
    await state(window, "Saved")
    expect(onDisk()).toBe("one\ntwo")
  })

  it("follows its file when that is moved", async () => {
    const { page, product, text, window } = await editing("before.txt", "one\n")
    await typeAtEnd(page, text, "two")
    const moved = await fetch(`${product.url}/files/move`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ from: "before.txt", to: "after.txt" })
    })
    expect(moved.status).toBe(200)
    await page.getByRole("region", { name: "• after.txt" }).waitFor()
    await text.focus()
    await page.keyboard.press("Control+s")
    await state(window, "Saved")
    expect(readFileSync(inWorkspace(product, "after.txt"), "utf8")).toBe("one\ntwo")
    expect(existsSync(inWorkspace(product, "before.txt"))).toBe(false)
  })
})
