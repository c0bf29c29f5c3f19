/** Windows as hands meet them, and what the log has of it. */
import { describe, expect, it } from "vitest"
import { ask, sharedBy } from "../support/product.ts"
import { drag, grip, live, openDesktop, rectOf, visit } from "./desktop.ts"
import { closeAll } from "./parts.ts"

const openWindow = async (url: string, app_id: string, title: string): Promise<string> => {
  const { body } = await ask(`${url}/desktop/main/windows`, "POST", { app_id, title })
  if (!isOpened(body)) throw new Error(`No window: ${JSON.stringify(body)}`)
  return body.window.id
}
const isOpened = (body: unknown): body is { window: { id: string } } =>
  typeof body === "object" && body !== null && "window" in body

const changesOf = async (url: string, type: string, window_id: string): Promise<number> => {
  const { body } = await ask(`${url}/events?actor_id=main&type=${type}`)
  const { events } = body as { events: ReadonlyArray<{ payload: { window_id: string } }> }
  return events.filter(({ payload }) => payload.window_id === window_id).length
}

const stored = async (url: string, id: string): Promise<Record<string, unknown> | undefined> => {
  const { body } = await ask(`${url}/desktop/main/windows`)
  return (body as { windows: ReadonlyArray<Record<string, unknown>> }).windows.find((window) => window.id === id)
}

describe("moving", () => {
  it("follows the hand, and is one event when it is let go", async () => {
    const { page, product, window } = await openDesktop()
    const id = await openWindow(product.url, "logs", "Logs")
    const logs = window("Logs")
    await logs.waitFor()
    const before = await rectOf(logs)

    await drag(page, await grip(logs), { x: 130, y: 70 }, { release: false })
    await expect.poll(() => rectOf(logs)).toMatchObject({ x: before.x + 130, y: before.y + 70 })
    expect(await changesOf(product.url, "desktop.window_moved", id)).toBe(0)
    await page.mouse.up()

    await expect.poll(() => stored(product.url, id)).toMatchObject({ x: before.x + 130, y: before.y + 70 })
    expect(await changesOf(product.url, "desktop.window_moved", id)).toBe(1)
    expect(await rectOf(logs)).toMatchObject({ x: before.x + 130, y: before.y + 70 })
  })

  it("under 4 px it is a click, and moves nothing", async () => {
    const { page, product, window } = await openDesktop()
    const id = await openWindow(product.url, "logs", "Logs")
    const logs = window("Logs")
    await logs.waitFor()
    const before = await rectOf(logs)
    await drag(page, await grip(logs), { x: 2, y: 2 })
    expect(await rectOf(logs)).toEqual(before)
    expect(await changesOf(product.url, "desktop.window_moved", id)).toBe(0)
  })

  it("Escape takes it back", async () => {
    const { page, product, window } = await openDesktop()
    const id = await openWindow(product.url, "logs", "Logs")
    const logs = window("Logs")
    await logs.waitFor()
    const before = await rectOf(logs)
    await drag(page, await grip(logs), { x: 200, y: 100 }, { release: false })
    await page.keyboard.press("Escape")
    await expect.poll(() => rectOf(logs)).toEqual(before)
    await page.mouse.up()
    expect(await changesOf(product.url, "desktop.window_moved", id)).toBe(0)
  })

  it("a pointer-up that got lost ends it where it is", async () => {
    const { page, product, window } = await openDesktop()
    const id = await openWindow(product.url, "logs", "Logs")
    const logs = window("Logs")
    await logs.waitFor()
    const before = await rectOf(logs)
    await drag(page, await grip(logs), { x: 90, y: 40 }, { release: false })
    await expect.poll(() => rectOf(logs)).toMatchObject({ x: before.x + 90 })
    // The button is up, and nobody told the page: the next move says so.
    await page.evaluate(() =>
      globalThis.dispatchEvent(
        new PointerEvent("pointermove", { pointerId: 1, buttons: 0, clientX: 900, clientY: 700, bubbles: true })
      )
    )
    await expect.poll(() => stored(product.url, id)).toMatchObject({ x: before.x + 90, y: before.y + 40 })
    await page.mouse.up()
    expect(await changesOf(product.url, "desktop.window_moved", id)).toBe(1)
  })

  it("a page that loses the focus ends it where it is", async () => {
    const { page, product, window } = await openDesktop()
    const id = await openWindow(product.url, "logs", "Logs")
    const logs = window("Logs")
    await logs.waitFor()
    const before = await rectOf(logs)
    await drag(page, await grip(logs), { x: 60, y: 50 }, { release: false })
    await page.evaluate(() => globalThis.dispatchEvent(new Event("blur")))
    await expect.poll(() => stored(product.url, id)).toMatchObject({ x: before.x + 60, y: before.y + 50 })
    await page.mouse.up()
  })
})

describe("resizing", () => {
  const shared = sharedBy(() => openDesktop())

  it.each([
    ["e", { x: 60, y: 0 }, { x: 0, y: 0, width: 60, height: 0 }],
    ["w", { x: -40, y: 0 }, { x: -40, y: 0, width: 40, height: 0 }],
    ["n", { x: 0, y: -30 }, { x: 0, y: -30, width: 0, height: 30 }],
    ["s", { x: 0, y: 50 }, { x: 0, y: 0, width: 0, height: 50 }],
    ["ne", { x: 50, y: -20 }, { x: 0, y: -20, width: 50, height: 20 }],
    ["nw", { x: -30, y: -20 }, { x: -30, y: -20, width: 30, height: 20 }],
    ["se", { x: 30, y: 20 }, { x: 0, y: 0, width: 30, height: 20 }],
    ["sw", { x: -30, y: 20 }, { x: -30, y: 0, width: 30, height: 20 }]
  ])("by its %s handle", async (handle, by, change) => {
    const { page, product } = shared()
    await closeAll(product.url)
    const id = await openWindow(product.url, "logs", "Logs")
    const logs = page.locator(`[data-window="${id}"]`)
    await logs.waitFor()
    const before = await rectOf(logs)
    const at = await rectOf(logs.locator(`[data-handle='${handle}']`))
    await drag(page, { x: at.x + at.width / 2, y: at.y + at.height / 2 }, by)
    const after = {
      x: before.x + change.x,
      y: before.y + change.y,
      width: before.width + change.width,
      height: before.height + change.height
    }
    await expect.poll(() => stored(product.url, id)).toMatchObject(after)
    expect(await rectOf(logs)).toEqual(after)
    expect(await changesOf(product.url, "desktop.window_resized", id)).toBe(1)
    expect(await changesOf(product.url, "desktop.window_moved", id)).toBe(0)
  })
})

describe("snapping", () => {
  it("at an edge the zone shows, takes the window, and dragging away gives its size back under the pointer", async () => {
    const { page, product, window } = await openDesktop()
    const id = await openWindow(product.url, "logs", "Logs")
    const logs = window("Logs")
    await logs.waitFor()
    const before = await rectOf(logs)
    const hold = await grip(logs)
    await drag(page, hold, { x: 4 - hold.x, y: 300 }, { release: false })
    await page.locator("[data-snap='left']").waitFor()
    await page.mouse.up()
    await expect.poll(() => stored(product.url, id)).toMatchObject({ zone: "left" })
    expect(await rectOf(logs)).toMatchObject({ x: 0, y: 0, width: 720 })

    const snapped = await grip(logs)
    await drag(page, snapped, { x: 300, y: 200 })
    await expect.poll(() => stored(product.url, id)).toMatchObject({ zone: null })
    const torn = await rectOf(logs)
    expect(torn).toMatchObject({ width: before.width, height: before.height })
    expect(torn.x).toBeLessThan(snapped.x + 300)
    expect(torn.x + torn.width).toBeGreaterThan(snapped.x + 300)
  })

  it("neighbours share a splitter", async () => {
    const { page, product, window } = await openDesktop()
    const left = await openWindow(product.url, "logs", "Logs")
    const right = await openWindow(product.url, "files", "Files")
    await ask(`${product.url}/desktop/main/windows/${left}/snap`, "PATCH", { zone: "left" })
    await ask(`${product.url}/desktop/main/windows/${right}/snap`, "PATCH", { zone: "right" })
    const splitter = page.getByRole("separator", { name: "Between the windows beside each other" })
    await splitter.waitFor()
    const at = await rectOf(splitter)
    await drag(page, { x: at.x + at.width / 2, y: 400 }, { x: -200, y: 0 })
    await expect.poll(() => rectOf(window("Logs"))).toMatchObject({ x: 0, width: 520 })
    expect(await rectOf(window("Files"))).toMatchObject({ x: 520, width: 920 })
  })
})

describe("maximizing", () => {
  it("a double click fills the area, another brings back the exact bounds, also after a reload", async () => {
    const { page, product, window } = await openDesktop()
    const id = await openWindow(product.url, "logs", "Logs")
    const logs = window("Logs")
    await logs.waitFor()
    const before = await rectOf(logs)
    const { x, y } = await grip(logs)
    await page.mouse.dblclick(x, y)
    await expect.poll(() => stored(product.url, id)).toMatchObject({ maximized: true })
    expect(await rectOf(logs)).toMatchObject({ x: 0, y: 0, width: 1440 })
    await logs.getByRole("button", { name: "Minimize" }).click()
    await expect.poll(() => stored(product.url, id)).toMatchObject({ minimized: true })
    await page.reload()
    await live(page)
    await ask(`${product.url}/desktop/main/windows/${id}/restore`, "POST")
    await expect.poll(() => rectOf(logs).then(({ width }) => width)).toBe(1440)
    await logs.getByRole("button", { name: "Restore" }).click()
    await expect.poll(() => rectOf(logs)).toEqual(before)
  })
})

describe("two browsers", () => {
  it("with different viewports converge, and neither writes back how it drew", async () => {
    const first = await openDesktop()
    const { product } = first
    const second = await visit(product, { viewport: { width: 1100, height: 700 } })
    const id = await openWindow(product.url, "logs", "Logs")
    await first.window("Logs").waitFor()
    await second.window("Logs").waitFor()

    await drag(first.page, await grip(first.window("Logs")), { x: 500, y: 250 })
    await expect.poll(() => stored(product.url, id)).toMatchObject({ x: 600, y: 350 })
    await expect.poll(() => rectOf(second.window("Logs"))).toMatchObject({ x: 600, y: 350 })

    // Dragged here, maximized there, at once.
    const hold = await grip(first.window("Logs"))
    await drag(first.page, hold, { x: -80, y: -40 }, { release: false })
    await second.window("Logs").getByRole("button", { name: "Maximize" }).click()
    await expect.poll(() => stored(product.url, id)).toMatchObject({ maximized: true })
    // It came too late, and the computer says so.
    first.expectProblem(/status of 400 .*position/)
    await first.page.mouse.up()
    await expect.poll(async () => (await rectOf(first.window("Logs"))).width).toBe(1440)
    await expect.poll(async () => (await rectOf(second.window("Logs"))).width).toBe(1100)
    await expect.poll(() => stored(product.url, id)).toMatchObject({ maximized: true, x: 600, y: 350 })
  })

  it("sees a drag of the other while it lasts", async () => {
    const first = await openDesktop()
    const second = await visit(first.product)
    await openWindow(first.product.url, "logs", "Logs")
    await first.window("Logs").waitFor()
    await second.window("Logs").waitFor()
    const before = await rectOf(second.window("Logs"))
    await drag(first.page, await grip(first.window("Logs")), { x: 240, y: 120 }, { release: false, steps: 40 })
    await expect.poll(async () => (await rectOf(second.window("Logs"))).x).toBeGreaterThan(before.x)
    await first.page.mouse.up()
    await expect.poll(async () => (await rectOf(second.window("Logs"))).x).toBe(before.x + 240)
  })
})
