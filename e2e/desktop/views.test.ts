/** What addresses, agents and other clients bring onto the desktop. */
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { Page } from "playwright-core"
import { describe, expect, it } from "vitest"
import { ask, startProduct } from "../support/product.ts"
import { live, openDesktop, visit } from "./desktop.ts"
import { begin, composer, listOf, phaseOf, runPath, said, threadPath } from "./flows.ts"

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
