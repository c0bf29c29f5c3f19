/** What addresses, agents and other clients bring onto the desktop. */
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { Page } from "playwright-core"
import { describe, expect, it } from "vitest"
import { ask, startProduct } from "../support/product.ts"
import { live, openDesktop, rectOf, visit } from "./desktop.ts"
import { begin, composer, listOf, phaseOf, prompt, runPath, said, threadPath } from "./flows.ts"
import { keyboardIn, openWindow, writeFile } from "./parts.ts"

const windowsOf = (url: string) => listOf(`${url}/desktop/main/windows`, "windows")

/** Where the page stands. */
const pathOf = (page: Page) => new URL(page.url()).pathname

describe("an address", () => {
  it("opens what it names, once: a thread, a run at a step, a file at a line, a window, an app", {
    timeout: 60_000
  }, async () => {
    const { page, product, window } = await openDesktop()
    const run = await begin(product.url, 'write notes.txt: "first line"')
    await expect.poll(() => phaseOf(product.url, run.run_id)).toBe("done")
    const visitTo = async (path: string) => {
      await page.goto(`${product.url}${path}`)
      await live(page)
      await expect.poll(() => pathOf(page)).toBe("/")
    }
    await visitTo(threadPath(run))
    await said(page).getByRole("button", { name: "Copy the answer" }).waitFor()

    await visitTo(`${runPath(run)}/1`)
    const timeline = page.getByRole("tabpanel", { name: "Timeline" })
    await timeline.getByRole("button", { name: /^Step 1 demo/ }).waitFor()

    await visitTo("/f/notes.txt:1")
    await page.locator("[data-app='editor']").getByText("first line").waitFor()

    await visitTo("/a/settings")
    await window("Settings").waitFor()
    await page.reload()
    await live(page)
    await expect.poll(async () => (await windowsOf(product.url)).length).toBe(4)

    const thread = (await windowsOf(product.url)).find(({ app_id }) => app_id === "chat")
    await visitTo(`/w/${String(thread?.id)}`)
    await expect.poll(() => page.locator("[data-active='true'][data-window]").getAttribute("data-app")).toBe("chat")
    await visitTo("/w/01AAAAAAAAAAAAAAAAAAAAAAAA")
    await page.getByText("That window is not open any more").waitFor()
  })
})

describe("an agent", () => {
  it("opens a window below the one that is worked in, and it is said who did", async () => {
    const { page, product } = await openDesktop({ path: "/a/chat" })
    const chat = page.locator("[data-app='chat']")
    const toldActive = page
      .waitForEvent("websocket", (socket) => new URL(socket.url()).pathname === "/ws")
      .then((socket) => socket.waitForEvent("framesent", ({ payload }) => String(payload).includes('"active"')))
    await composer(page).press("x")
    await toldActive
    await begin(product.url, "open files")
    // The person goes on typing.
    await expect
      .poll(async () => {
        await page.keyboard.press("x")
        return page.locator("[data-app='files']").count()
      })
      .toBe(1)
    await page.getByRole("status").filter({ hasText: "Opened Files" }).getByText("from chat").waitFor()
    expect(await chat.getAttribute("data-active")).toBe("true")
    expect(await composer(page).evaluate((field) => field === document.activeElement)).toBe(true)
    const order = async () => (await windowsOf(product.url)).map(({ app_id, z_index }) => [z_index, app_id]).toSorted()
    expect((await order()).at(-1)?.[1]).toBe("chat")
    await page.getByRole("button", { name: "Show", exact: true }).click()
    await expect.poll(() => page.locator("[data-app='files']").getAttribute("data-active")).toBe("true")
  })

  it("says something, and the desktop tells from whom", async () => {
    const { page, product } = await openDesktop()
    await begin(product.url, "notify me: The report is done")
    await page.getByRole("status").filter({ hasText: "The report is done" }).getByText("from chat").waitFor()
    await page.getByRole("button", { name: /^Notices/ }).click()
    await page.getByRole("dialog", { name: "Notices" }).getByText("The report is done").waitFor()
  })
})

describe("an agent that has nobody to disturb", () => {
  it("brings a window to the front, and the keyboard stays where it is", async () => {
    const { page, product, window } = await openDesktop({ path: "/a/logs" })
    const words = window("Logs").getByRole("searchbox", { name: "Text in the events" })
    // Without a press or a key: from now on nobody acts.
    await words.focus()
    const inFront = async () => {
      await begin(product.url, "open choir")
      return page.locator("[data-window][data-active='true']").getAttribute("data-app")
    }
    await expect.poll(inFront, { interval: 1_000 }).toBe("choir")
    await page.keyboard.type("mine")
    expect(await keyboardIn(page)).toBe("logs")
    expect(await words.inputValue()).toBe("mine")
  })
})

describe("a page in a frame", () => {
  const show = async (name: string, page: string) => {
    const desktop = await openDesktop()
    await writeFile(desktop.product.url, name, `<!doctype html><body style="margin:0">${page}`)
    await openWindow(desktop.product.url, "viewer", name, { path: name })
    const viewer = desktop.page.locator("[data-app='viewer']")
    await viewer.locator("iframe").waitFor()
    return { ...desktop, viewer, frame: viewer.frameLocator("iframe") }
  }
  const counting = `<button style="width:100vw;height:100vh" onclick="this.textContent = Number(this.textContent) + 1">0</button>`

  it("comes to the front by the first press on it, and has the next", async () => {
    const { frame, page, product, viewer } = await show("press.html", counting)
    await openWindow(product.url, "logs", "Logs")
    await page.locator("[data-app='logs'][data-active='true']").waitFor()
    const { x, y } = await rectOf(viewer.locator("iframe"))
    await page.mouse.click(x + 8, y + 200)
    await expect.poll(() => viewer.getAttribute("data-active")).toBe("true")
    expect(await frame.getByRole("button").textContent()).toBe("0")
    await page.mouse.click(x + 8, y + 200)
    await expect.poll(() => frame.getByRole("button").textContent()).toBe("1")
    // The keyboard is in the page, and another window comes over it: a press brings this one back.
    await openWindow(product.url, "files", "Files")
    await page.locator("[data-app='files'][data-active='true']").waitFor()
    await page.mouse.click(x + 8, y + 200)
    await expect.poll(() => viewer.getAttribute("data-active")).toBe("true")
    expect(await frame.getByRole("button").textContent()).toBe("1")
  })

  it("that the keyboard goes into is what the person is at", async () => {
    const { frame, page, viewer } = await show("form.html", "<input aria-label=Name>")
    const id = await viewer.getAttribute("data-window")
    await viewer.focus()
    const told = page
      .waitForEvent("websocket", (socket) => new URL(socket.url()).pathname === "/ws")
      .then((socket) => socket.waitForEvent("framesent", ({ payload }) => String(payload).includes('"active"')))
    await frame.getByRole("textbox", { name: "Name" }).focus()
    expect(JSON.parse(String((await told).payload))).toEqual({ type: "active", window_id: id })
    await page.keyboard.type("Ada")
    expect(await frame.getByRole("textbox", { name: "Name" }).inputValue()).toBe("Ada")
  })

  it("does not get the keyboard from who types, however often it asks", async () => {
    const asks = "window.focus(); i.focus(); i.select(); n = (window.n ?? 0) + 1; o.textContent = n"
    const { frame, page } = await show(
      "loop.html",
      `<input id=i><p id=o>0</p><script>setInterval(() => { ${asks} }, 5)</script>`
    )
    await prompt(page).click()
    const words = "all of these words are for the prompt"
    const times = async () => Number(await frame.locator("#o").textContent())
    const before = await times()
    await page.keyboard.type(words, { delay: 10 })
    await expect.poll(times).toBeGreaterThan(before)
    expect(await prompt(page).inputValue()).toBe(words)
    expect(await frame.locator("#i").inputValue()).toBe("")
  })

  it("that takes it by a trick is stopped, and what is typed goes where it went before", async () => {
    const { frame, page, viewer } = await show("trick.html", "<label for=i>x</label><input id=i>")
    const plays = () =>
      frame.locator("label").evaluate((label: HTMLElement) => void setInterval(() => label.click(), 5))
    await prompt(page).click()
    await plays()
    await viewer.getByText("This page was stopped").waitFor()
    await page.keyboard.type("mine again", { delay: 10 })
    expect(await prompt(page).inputValue()).toBe("mine again")
    await viewer.getByRole("button", { name: "Show it again" }).click()
    // It may do so where the person is.
    await plays()
    await expect.poll(() => frame.locator("#i").evaluate((one) => one === document.activeElement)).toBe(true)
    await page.keyboard.type("yours")
    await expect.poll(() => frame.locator("#i").inputValue()).toBe("yours")
  })
})

describe("what this desktop does not know", () => {
  it("an app of another client has a window that says so, and closes", async () => {
    const { page, product, window } = await openDesktop()
    const app = {
      id: "weather",
      name: "Weather",
      icon: "cloud",
      component_code: "W",
      default_width: 500,
      default_height: 400
    }
    expect((await ask(`${product.url}/desktop/main/apps`, "POST", app)).status).toBe(200)
    await ask(`${product.url}/desktop/main/windows`, "POST", { app_id: "weather", title: "Weather today" })
    await window("Weather today").getByText("This desktop does not know the app “weather”").waitFor()
    await window("Weather today").getByRole("button", { name: "Close the window" }).click()
    await expect.poll(() => windowsOf(product.url)).toEqual([])
    await expect.poll(() => page.locator("[data-window]").count()).toBe(0)
  })

  it("an event of a later version is shown as the data it is, and breaks nothing around it", {
    timeout: 60_000
  }, async () => {
    const before = await startProduct()
    const run = await begin(before.url, "list files")
    await expect.poll(() => phaseOf(before.url, run.run_id)).toBe("done")
    await before.stop()
    const log = new DatabaseSync(join(before.home, "events.db"))
    log.exec("INSERT INTO names (name) VALUES ('weather.changed')")
    log.exec(
      `INSERT INTO events (event_id, timestamp, event_type, version, actor_id, user_id, session_id, thread_id, run_id, payload)
       SELECT '01ZZZZZZZZZZZZZZZZZZZZZZZZ', timestamp, (SELECT id FROM names WHERE name = 'weather.changed'), 9,
         actor_id, user_id, session_id, thread_id, run_id, '{"sky":"thunder over the choir"}'
       FROM events WHERE run_id IS NOT NULL ORDER BY seq DESC LIMIT 1`
    )
    log.close()
    const after = await startProduct({ home: before.home })
    const { page, window } = await visit(after, { path: threadPath(run) })
    await said(page).getByText("The folder is empty.").waitFor()
    await said(page).getByRole("button", { name: "Open the run" }).click()
    await page.getByRole("tab", { name: "Timeline" }).click()
    await page.getByRole("tabpanel", { name: "Timeline" }).getByText("weather.changed").first().waitFor()
    await page.goto(`${after.url}/a/logs`)
    await live(page)
    await window("Logs").getByRole("searchbox", { name: "Text in the events" }).fill("thunder")
    await window("Logs").getByText("weather.changed").first().waitFor()
    await window("Logs").getByText("thunder over the choir").first().waitFor()
  })
})
