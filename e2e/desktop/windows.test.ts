/** Windows as hands meet them, and what the log has of it. */
import { describe, expect, it } from "vitest"
import { ask, sharedBy } from "../support/product.ts"
import { drag, grip, live, openDesktop, rectOf, visit } from "./desktop.ts"
import { closeAll, keyboardIn, writeFile } from "./parts.ts"

const openWindow = async (url: string, app_id: string, title: string, more: object = {}): Promise<string> => {
  const { body } = await ask(`${url}/desktop/main/windows`, "POST", { app_id, title, ...more })
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

/** The types of what happened to a window, but for its opening. */
const happenedTo = async (url: string, window_id: string): Promise<ReadonlyArray<string>> => {
  const { body } = await ask(`${url}/events?actor_id=main&limit=1000`)
  const { events } = body as { events: ReadonlyArray<{ event_type: string; payload: { window_id?: string } }> }
  const own = events.filter(({ payload }) => payload.window_id === window_id).map(({ event_type }) => event_type)
  return own.filter((type) => type !== "desktop.window_opened").map((type) => type.replace("desktop.window_", ""))
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

describe("what a hand holds", () => {
  it("goes back when the pointer is taken away", async () => {
    const { page, product, window } = await openDesktop()
    const id = await openWindow(product.url, "logs", "Logs")
    const logs = window("Logs")
    await logs.waitFor()
    const before = await rectOf(logs)
    await drag(page, await grip(logs), { x: 90, y: 40 }, { release: false })
    await expect.poll(() => rectOf(logs)).toMatchObject({ x: before.x + 90 })
    await page.evaluate(() =>
      globalThis.dispatchEvent(new PointerEvent("pointercancel", { pointerId: 1, bubbles: true }))
    )
    await expect.poll(() => rectOf(logs)).toEqual(before)
    await page.mouse.up()
    expect(await happenedTo(product.url, id)).toEqual([])
  })

  it("goes to nothing that it is over: not to a page in a frame, nor to a terminal", async () => {
    const { page, product } = await openDesktop()
    await writeFile(product.url, "page.html", "<!doctype html><p>A page</p>")
    const place = { width: 600, height: 400 }
    await openWindow(product.url, "viewer", "Page", { ...place, x: 20, y: 40, props: { path: "page.html" } })
    await openWindow(product.url, "terminal", "Terminal", { ...place, x: 700, y: 40 })
    await page.locator("iframe").waitFor()
    await page.locator(".xterm-screen").waitFor()
    // The page's own window is moved, which the keyboard is in: nothing but the hand keeps the page from the pointer.
    const viewer = page.locator("[data-app='viewer']")
    await viewer.getByRole("radio", { name: "Page" }).click()
    const held = () =>
      page.evaluate(() =>
        ["iframe", ".xterm-screen"].map((selector) => {
          const { height, left, top, width } =
            document.querySelector(selector)?.getBoundingClientRect() ?? new DOMRect()
          return document.elementFromPoint(left + width / 2, top + height / 2)?.closest("[data-window]") === null
        })
      )
    expect(await held()).toEqual([false, false])
    await drag(page, await grip(viewer), { x: 10, y: 10 }, { release: false })
    await expect.poll(held).toEqual([true, true])
    await page.mouse.up()
    await expect.poll(held).toEqual([false, false])
  })

  it("comes to the front as it is pressed, anywhere in it", async () => {
    const { page, product } = await openDesktop()
    await openWindow(product.url, "logs", "Logs", { x: 100, y: 60 })
    await openWindow(product.url, "files", "Files", { x: 300, y: 120 })
    const front = () => page.locator("[data-window][data-active='true']").getAttribute("data-app")
    await page.locator("[data-app='files']").waitFor()
    await expect.poll(front).toBe("files")
    await page.mouse.move(150, 400)
    await page.mouse.down()
    await expect.poll(front).toBe("logs")
    const over = () =>
      page.evaluate(() => document.elementFromPoint(500, 400)?.closest<HTMLElement>("[data-window]")?.dataset.app)
    await expect.poll(over).toBe("logs")
    await page.mouse.up()
  })

  it("eases back when the computer does not take it, and is elsewhere never late", async () => {
    const { expectProblem, page, product, window } = await openDesktop()
    await openWindow(product.url, "logs", "Logs")
    const logs = window("Logs")
    await logs.waitFor()
    const before = await rectOf(logs)
    await logs.evaluate((frame) =>
      frame.addEventListener("transitionrun", (event) => {
        if (event.target !== frame || !(event instanceof TransitionEvent)) return
        frame.dataset.eased = `${frame.dataset.eased ?? ""}${event.propertyName} `
      })
    )
    await drag(page, await grip(logs), { x: 130, y: 70 })
    await expect.poll(() => rectOf(logs)).toMatchObject({ x: before.x + 130 })
    expect(await logs.getAttribute("data-eased")).toBeNull()
    await page.route("**/position", (route) =>
      route.fulfill({ status: 400, json: { success: false, error: "Not now" } })
    )
    expectProblem(/status of 400 .*position/)
    await drag(page, await grip(logs), { x: 100, y: 50 })
    await page.getByText("The desktop did not take that").waitFor()
    await expect.poll(() => logs.getAttribute("data-eased")).toBe("transform ")
    await expect.poll(() => rectOf(logs)).toMatchObject({ x: before.x + 130, y: before.y + 70 })
    await expect.poll(() => logs.getAttribute("data-eases-back")).toBeNull()
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

describe("a window that is larger than the screen", () => {
  it("is drawn within it, and keeps its size where the hand did not change it", async () => {
    const { page, product, window } = await openDesktop({ viewport: { width: 1100, height: 500 } })
    const id = await openWindow(product.url, "logs", "Logs", { x: 60, y: 40, width: 1_000, height: 640 })
    const logs = window("Logs")
    await logs.waitFor()
    expect((await rectOf(logs)).height).toBeLessThan(500)
    const right = await rectOf(logs.locator("[data-handle='e']"))
    await drag(page, { x: right.x + right.width / 2, y: 200 }, { x: -100, y: 30 })
    await expect.poll(() => stored(product.url, id)).toMatchObject({ x: 60, y: 40, width: 900, height: 640 })
    // Nor does it shrink on a screen that has room for it, while the hand is at it.
    const large = await visit(product)
    await expect.poll(() => rectOf(large.window("Logs"))).toEqual({ x: 60, y: 40, width: 900, height: 640 })
    const left = await rectOf(logs.locator("[data-handle='w']"))
    await drag(page, { x: left.x + left.width / 2, y: 200 }, { x: 40, y: 30 }, { release: false })
    await expect.poll(() => rectOf(large.window("Logs"))).toEqual({ x: 100, y: 40, width: 860, height: 640 })
    await page.mouse.up()
    await expect.poll(() => stored(product.url, id)).toMatchObject({ x: 100, y: 40, width: 860, height: 640 })
    await drag(page, await grip(logs), { x: 20, y: 10 })
    await expect.poll(() => stored(product.url, id)).toMatchObject({ x: 120, y: 50, width: 860, height: 640 })
  })
})

describe("handles", () => {
  it("are 6 px at the edges and 14 px at the corners, keep the app's minimum, and let go by Escape", async () => {
    const { page, product, window } = await openDesktop()
    const id = await openWindow(product.url, "logs", "Logs")
    const logs = window("Logs")
    await logs.waitFor()
    const handle = (name: string) => rectOf(logs.locator(`[data-handle='${name}']`))
    expect([(await handle("e")).width, (await handle("n")).height]).toEqual([6, 6])
    expect(await handle("se")).toMatchObject({ width: 14, height: 14 })
    const before = await rectOf(logs)
    const corner = await handle("se")
    const at = { x: corner.x + 7, y: corner.y + 7 }
    await drag(page, at, { x: -300, y: -100 }, { release: false })
    await expect.poll(() => rectOf(logs)).toMatchObject({ width: before.width - 300 })
    await page.keyboard.press("Escape")
    await expect.poll(() => rectOf(logs)).toEqual(before)
    await page.mouse.up()
    expect(await happenedTo(product.url, id)).toEqual([])
    await drag(page, at, { x: -700, y: -500 })
    await expect.poll(() => stored(product.url, id)).toMatchObject({ width: 360, height: 300 })
    expect(await rectOf(logs)).toMatchObject({ width: 360, height: 300 })
  })

  it("are twice that for a finger, and the line between neighbours is wide enough for one", async () => {
    const { page, product, window } = await openDesktop({ touch: true })
    const logs = await openWindow(product.url, "logs", "Logs")
    await window("Logs").waitFor()
    const handle = (name: string) => rectOf(window("Logs").locator(`[data-handle='${name}']`))
    expect([(await handle("e")).width, (await handle("n")).height]).toEqual([12, 12])
    expect(await handle("se")).toMatchObject({ width: 28, height: 28 })
    const files = await openWindow(product.url, "files", "Files")
    await ask(`${product.url}/desktop/main/windows/${logs}/snap`, "PATCH", { zone: "left" })
    await ask(`${product.url}/desktop/main/windows/${files}/snap`, "PATCH", { zone: "right" })
    await page.getByRole("separator").waitFor()
    const roles = await page.evaluate(() =>
      [707, 709, 731, 733].map((x) => document.elementFromPoint(x, 400)?.getAttribute("role") === "separator")
    )
    expect(roles).toEqual([false, true, true, false])
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

describe("the line between neighbours", () => {
  it("lies under a window that is over them, and is not there under a maximized one", async () => {
    const { page, product } = await openDesktop()
    const left = await openWindow(product.url, "logs", "Logs")
    const right = await openWindow(product.url, "choir", "Choir")
    await ask(`${product.url}/desktop/main/windows/${left}/snap`, "PATCH", { zone: "left" })
    await ask(`${product.url}/desktop/main/windows/${right}/snap`, "PATCH", { zone: "right" })
    const splitter = page.getByRole("separator", { name: "Between the windows beside each other" })
    await splitter.waitFor()
    const at = (x: number, y: number) =>
      page.evaluate(
        ([left = 0, top = 0]) => {
          const hit = document.elementFromPoint(left, top)
          if (hit?.getAttribute("role") === "separator") return "separator"
          return hit?.closest<HTMLElement>("[data-window]")?.dataset.app
        },
        [x, y]
      )
    expect(await at(720, 400)).toBe("separator")
    const over = await openWindow(product.url, "files", "Files", { x: 500, y: 200, width: 500, height: 400 })
    await page.locator("[data-app='files']").waitFor()
    expect(await at(720, 400)).toBe("files")
    expect(await at(720, 100)).toBe("separator")
    await ask(`${product.url}/desktop/main/windows/${over}/maximize`, "POST")
    await splitter.waitFor({ state: "detached" })
    expect(await at(720, 100)).toBe("files")
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

describe("dragged out of maximized", () => {
  it("it has its own size under the pointer, on every screen, and that is one event", async () => {
    const first = await openDesktop()
    const { page, product } = first
    const second = await visit(product)
    const id = await openWindow(product.url, "logs", "Logs")
    await ask(`${product.url}/desktop/main/windows/${id}/maximize`, "POST")
    const logs = first.window("Logs")
    await expect.poll(async () => (await rectOf(logs)).width).toBe(1440)
    await drag(page, { x: 700, y: 18 }, { x: 20, y: 200 }, { release: false })
    await expect.poll(() => rectOf(second.window("Logs"))).toMatchObject({ width: 780, height: 520 })
    await page.mouse.up()
    const place = await rectOf(logs)
    expect(place).toMatchObject({ width: 780, height: 520 })
    expect(place.x).toBeGreaterThan(0)
    await expect.poll(() => stored(product.url, id)).toMatchObject({ ...place, maximized: false, zone: null })
    expect(await happenedTo(product.url, id)).toEqual(["maximized", "restored"])
    await expect.poll(() => rectOf(second.window("Logs"))).toEqual(place)
  })

  it("into a zone is one event too", async () => {
    const { page, product, window } = await openDesktop()
    const id = await openWindow(product.url, "logs", "Logs")
    await ask(`${product.url}/desktop/main/windows/${id}/maximize`, "POST")
    await expect.poll(async () => (await rectOf(window("Logs"))).width).toBe(1440)
    await drag(page, { x: 700, y: 18 }, { x: -697, y: 400 }, { release: false })
    await page.locator("[data-snap='left']").waitFor()
    await page.mouse.up()
    await expect.poll(() => stored(product.url, id)).toMatchObject({ zone: "left", maximized: false })
    expect(await happenedTo(product.url, id)).toEqual(["maximized", "snapped"])
  })
})

describe("a hand that moves with a button down", () => {
  it("is at work, also where it drags no window; one that only wanders is not", async () => {
    const { page, product, window } = await openDesktop()
    const id = await openWindow(product.url, "logs", "Logs")
    await window("Logs").waitFor()
    const acts: Array<unknown> = []
    page.on("websocket", (socket) =>
      socket.on("framesent", ({ payload }) => {
        if (String(payload).includes('"active"')) acts.push(JSON.parse(String(payload)))
      })
    )
    const act = { type: "active", window_id: id }
    await page.clock.install()
    const { x, y } = await rectOf(window("Logs"))
    await page.mouse.move(x + 200, y + 300)
    await page.clock.fastForward(5_000)
    await page.mouse.down()
    await expect.poll(() => acts).toEqual([act])
    await page.clock.fastForward(5_000)
    await page.mouse.move(x + 260, y + 330)
    await expect.poll(() => acts).toEqual([act, act])
    await page.mouse.up()
  })
})

describe("a window that another brings to the front", () => {
  it("leaves the keyboard where it is", async () => {
    const { page, product, window } = await openDesktop()
    await openWindow(product.url, "logs", "Logs")
    const words = window("Logs").getByRole("searchbox", { name: "Text in the events" })
    await words.click()
    await page.keyboard.type("what I ")
    await openWindow(product.url, "files", "Files")
    await page.locator("[data-app='files'][data-active='true']").waitFor()
    await page.keyboard.type("write")
    expect(await keyboardIn(page)).toBe("logs")
    expect(await words.inputValue()).toBe("what I write")
  })
})

describe("two browsers", () => {
  it("with different viewports converge, and neither writes back how it drew", async () => {
    const first = await openDesktop()
    const { product } = first
    // Too low for the window.
    const second = await visit(product, { viewport: { width: 1100, height: 500 } })
    const id = await openWindow(product.url, "logs", "Logs")
    await first.window("Logs").waitFor()
    await second.window("Logs").waitFor()
    expect(await rectOf(first.window("Logs"))).toMatchObject({ width: 780, height: 520 })
    expect((await rectOf(second.window("Logs"))).height).toBeLessThan(500)

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
    const refused = first.page.waitForResponse(/position/)
    await first.page.mouse.up()
    expect((await refused).status()).toBe(400)
    await expect.poll(async () => (await rectOf(first.window("Logs"))).width).toBe(1440)
    await expect.poll(async () => (await rectOf(second.window("Logs"))).width).toBe(1100)
    await expect.poll(() => stored(product.url, id)).toMatchObject({ maximized: true, x: 600, y: 350 })

    // Moved where it is drawn smaller.
    await second.window("Logs").getByRole("button", { name: "Restore" }).click()
    await expect.poll(async () => (await rectOf(first.window("Logs"))).width).toBe(780)
    await drag(second.page, await grip(second.window("Logs")), { x: -300, y: -150 })
    await expect.poll(() => stored(product.url, id)).toMatchObject({ x: 300, y: 200, width: 780, height: 520 })
    await expect.poll(() => rectOf(first.window("Logs"))).toEqual({ x: 300, y: 200, width: 780, height: 520 })
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
