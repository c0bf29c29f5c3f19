/** On a slow line: what a person does before an answer has come is what counts. */
import { existsSync, readFileSync } from "node:fs"
import type { Page } from "playwright-core"
import { beforeEach, describe, expect, it } from "vitest"
import { sharedBy, startProduct } from "../support/product.ts"
import { inWorkspace, put } from "./appFlows.ts"
import { visit } from "./desktop.ts"
import { begin, composer, listOf, phaseOf, prompt, said, threadPath } from "./flows.ts"
import { appWindow, closeAll, openWindow, writeFile } from "./parts.ts"

/** Requests of a kind wait until they are let go; gives how many wait, and lets them go in their order. */
const hold = async (page: Page, method: string, where: RegExp) => {
  const waiting: Array<() => void> = []
  let isHeld = true
  await page.route(where, async (route) => {
    if (isHeld && route.request().method() === method) await new Promise<void>((go) => waiting.push(go))
    await route.continue()
  })
  return {
    held: () => waiting.length,
    letGo: () => {
      isHeld = false
      for (const go of waiting.splice(0)) go()
    }
  }
}

describe("on a slow line", () => {
  const product = sharedBy(() => startProduct())
  beforeEach(() => closeAll(product().url))

  const conversation = async (objective: string) => {
    const run = await begin(product().url, objective)
    await expect.poll(() => phaseOf(product().url, run.run_id)).toBe("done")
    return run
  }

  it("a conversation that was left does not come back when its window was told of it late", async () => {
    const { url } = product()
    const first = await conversation("list files")
    await conversation("$ echo second")
    const { page } = await visit(product(), { path: threadPath(first) })
    const chat = appWindow(page, "chat")
    await said(chat).getByText("list files").first().waitFor()
    const told = await hold(page, "PATCH", /\/desktop\/main\/windows\//)
    const list = chat.getByRole("navigation", { name: "Conversations" })
    await list
      .getByRole("button", { name: /echo second/ })
      .first()
      .click()
    await said(chat).getByText("echo second").first().waitFor()
    await expect.poll(told.held).toBe(1)
    await list.getByRole("button", { name: "New conversation" }).click()
    await chat.getByText("What is to be done?").waitFor()
    await composer(chat).fill("Mine")
    told.letGo()
    await expect
      .poll(async () => (await listOf(`${url}/events?type=desktop.window_updated`, "events")).length)
      .toBeGreaterThan(0)
    // Another event after it has reached the page, too.
    await openWindow(url, "logs", "Logs")
    await appWindow(page, "logs").waitFor()
    expect(await chat.getByText("What is to be done?").count()).toBe(1)
    expect(await composer(chat).inputValue()).toBe("Mine")
  })

  it("who has gone on to another conversation stays there when a fork answers, and a fork pressed twice is one", async () => {
    const { url } = product()
    const first = await conversation("list files")
    await conversation("$ echo other")
    const { page } = await visit(product(), { path: threadPath(first) })
    const chat = appWindow(page, "chat")
    const forked = await hold(page, "POST", /\/fork$/)
    const before = (await listOf(`${url}/runs`, "runs")).length
    for (const times of [1, 1]) {
      await said(chat).getByRole("button", { name: "More for this turn" }).last().click()
      await page.getByRole("menuitem", { name: "Fork into a new conversation" }).click()
      await expect.poll(forked.held).toBe(times)
    }
    const list = chat.getByRole("navigation", { name: "Conversations" })
    await list
      .getByRole("button", { name: /echo other/ })
      .first()
      .click()
    await said(chat).getByText("echo other").first().waitFor()
    forked.letGo()
    await page.getByRole("status").filter({ hasText: "A new conversation has begun" }).first().waitFor()
    expect(await said(chat).getByText("echo other").count()).toBeGreaterThan(0)
    expect((await listOf(`${url}/runs`, "runs")).length).toBe(before + 1)
  })

  it("a message of the prompt does not go without the file that is on its way", async () => {
    const { url } = product()
    const { page } = await visit(product())
    const uploaded = await hold(page, "POST", /\/files\/upload/)
    const field = prompt(page)
    await field.fill("what is in it?")
    const dropped = await page.evaluateHandle(() => {
      const data = new DataTransfer()
      data.items.add(new File(["late"], "late.txt", { type: "text/plain" }))
      return data
    })
    const before = (await listOf(`${url}/runs`, "runs")).length
    await field.dispatchEvent("drop", { dataTransfer: dropped })
    await expect.poll(uploaded.held).toBe(1)
    await field.press("Enter")
    await page.getByRole("alert").filter({ hasText: "A file is still on its way" }).waitFor()
    // Who writes on in the middle stays there when it comes.
    await field.press("Home")
    await page.keyboard.type("and ")
    uploaded.letGo()
    await expect.poll(() => field.inputValue()).toBe("and what is in it? #uploads/late.txt ")
    await page.keyboard.type("then: ")
    expect(await field.inputValue()).toBe("and then: what is in it? #uploads/late.txt ")
    expect((await listOf(`${url}/runs`, "runs")).length).toBe(before)
  })

  it("what is written while mine is saved as a copy stays, and both texts wait to be decided", async () => {
    const { url } = product()
    put(product(), "beside.txt", "first\n")
    await openWindow(url, "editor", "beside.txt", { path: "beside.txt" })
    const { page } = await visit(product())
    const editor = appWindow(page, "editor")
    const text = editor.locator(".cm-content").first()
    await text.focus()
    await page.keyboard.press("Control+End")
    await page.keyboard.type("mine")
    await begin(url, "write beside.txt: theirs")
    const conflict = editor.getByText(/^This file was changed by chat while you were writing/)
    await conflict.waitFor()
    const saved = await hold(page, "PUT", /\/files\/content/)
    await editor.getByRole("button", { name: "Save mine as a copy" }).click()
    await expect.poll(saved.held).toBe(1)
    await text.focus()
    await page.keyboard.press("Control+End")
    await page.keyboard.type(" and more")
    saved.letGo()
    await page.getByRole("status").filter({ hasText: "Yours was saved as beside 2.txt" }).first().waitFor()
    expect(readFileSync(inWorkspace(product(), "beside 2.txt"), "utf8")).toBe("first\nmine")
    expect(await text.locator(".cm-line").allTextContents()).toEqual(["first", "mine and more"])
    expect(await conflict.count()).toBe(1)
    expect(existsSync(inWorkspace(product(), "beside 3.txt"))).toBe(false)
  })

  it("a folder is shown whose listing was asked for before one of the folder that was left", async () => {
    const { url } = product()
    put(product(), "leaving/gone.txt", "x")
    put(product(), "leaving/inner/there.txt", "y")
    await openWindow(url, "files", "Files", { path: "leaving" })
    const { page } = await visit(product())
    const files = appWindow(page, "files")
    await files.getByRole("option", { name: /gone\.txt/ }).click()
    const thrown = await hold(page, "POST", /\/files\/trash|\/files$/)
    const deleted = await hold(page, "DELETE", /\/files\?/)
    await page.keyboard.press("Delete")
    await expect.poll(() => thrown.held() + deleted.held()).toBe(1)
    await files.getByRole("option", { name: /inner/ }).dblclick()
    await files.getByRole("option", { name: /there\.txt/ }).waitFor()
    thrown.letGo()
    deleted.letGo()
    await expect.poll(() => existsSync(inWorkspace(product(), "leaving/gone.txt"))).toBe(false)
    await page.getByRole("status").filter({ hasText: "trash" }).first().waitFor()
    await files.getByRole("option", { name: /there\.txt/ }).waitFor()
    await expect.poll(() => files.locator("[aria-busy=true]").count()).toBe(0)
  })
})

describe("a file that was opened again", () => {
  const product = sharedBy(() => startProduct())

  it("has the next file behind it as before", async () => {
    put(product(), "turns/a.md", "Text of a")
    put(product(), "turns/b.md", "Text of b")
    await openWindow(product().url, "viewer", "a.md", { path: "/workspace/turns/a.md" })
    const { page } = await visit(product(), { path: "/f/turns/a.md" })
    const viewer = appWindow(page, "viewer")
    await appWindow(page, "editor").getByRole("button", { name: "Open in the viewer" }).click()
    await viewer.getByText("Text of a").waitFor()
    await viewer.getByRole("button", { name: "Next file" }).click()
    await viewer.getByText("Text of b").waitFor()
    await viewer.getByRole("button", { name: "Previous file" }).click()
    await viewer.getByText("Text of a").waitFor()
  })

  it("is read on where it was, when more is written into it", async () => {
    const lines = Array.from({ length: 2_000 }, (_, at) => `line ${at}`).join("\n")
    put(product(), "grows.log", `${lines}\n`)
    await openWindow(product().url, "viewer", "grows.log", { path: "grows.log" })
    const { page } = await visit(product())
    const viewer = page.getByRole("region", { name: "grows.log" })
    const scroller = viewer.locator(".cm-scroller")
    await viewer.getByText("line 0", { exact: true }).waitFor()
    await scroller.evaluate((element) => {
      element.scrollTop = 12_000
    })
    const top = () => scroller.evaluate((element) => element.scrollTop)
    await expect.poll(top).toBe(12_000)
    const height = () => scroller.evaluate((element) => element.scrollHeight)
    const before = await height()
    await writeFile(product().url, "grows.log", `${lines}\n${"and more\n".repeat(200)}`)
    await expect.poll(height).toBeGreaterThan(before)
    expect(await top()).toBe(12_000)
    await scroller.evaluate((element) => {
      element.scrollTop = element.scrollHeight
    })
    await viewer.getByText("and more", { exact: true }).last().waitFor()
  })
})
