/**
 * Every button does something: each that can be seen and pressed, in each app and in the shell, with the menus, popovers
 * and dialogs that it opens, is pressed once, and what comes of it is observed (`crawl.ts`).
 */
import { beforeEach, describe, expect, it } from "vitest"
import { ask, sharedBy, startProduct } from "../support/product.ts"
import { controlsIn, crawl, crawlMenu } from "./crawl.ts"
import { visit } from "./desktop.ts"
import { begin, phaseOf } from "./flows.ts"
import { appWindow, closeAll, openWindow, windowsOf, writeFile } from "./parts.ts"
import { takeAway } from "./takenAway.ts"

describe("every button", () => {
  const product = sharedBy(() => startProduct())
  beforeEach(() => closeAll(product().url))

  const withData = async () => {
    const { url } = product()
    await writeFile(url, "notes.md", "# Notes\n\nSome words.\n")
    await writeFile(url, "table.csv", "a,b\n1,2\n")
    const { run_id } = await begin(url, "list files and $ echo hello")
    await expect.poll(() => phaseOf(url, run_id)).toBe("done")
    return run_id
  }

  it.each([
    "chat",
    "choir",
    "inbox",
    "files",
    "logs",
    "supervision",
    "settings",
    "run",
    "editor",
    "viewer",
    "trace",
    "terminal"
  ])(
    "of %s does something",
    async (app) => {
      const { expectProblem, page } = await visit(product(), { reducedMotion: true })
      const { url } = product()
      // A run that is tried again may have ended when its Pause is pressed, or be at work when it is to be tried again: it says so.
      expectProblem(/409 .*\/(?:pause|resume|cancel|retry)/)
      const run_id = await withData()
      const { body } = await ask(`${url}/runs/${run_id}`)
      const { run } = body as { run: { session_id: string; thread_id: string } }
      const props = {
        chat: { actor_id: "me", session_id: run.session_id, thread_id: run.thread_id },
        run: { run_id },
        trace: { run_id },
        editor: { path: "notes.md" },
        viewer: { path: "table.csv" }
      }
      const root = `[data-window][data-app="${app}"]`
      await openWindow(url, app, app, Object.hasOwn(props, app) ? props[app as keyof typeof props] : {})
      await appWindow(page, app).waitFor()
      await expect.poll(async () => (await controlsIn(page, root)).length).toBeGreaterThan(0)
      await expect.poll(() => appWindow(page, app).locator("[aria-busy=true]").count()).toBe(0)
      const own = (await windowsOf(url))[0]?.id
      // All of it has room.
      await ask(`${url}/desktop/main/windows/${own}/maximize`, "POST", {})
      const { dead, pressed } = await crawl(page, root, async () => {
        // What was opened beside it goes.
        for (const { id } of await windowsOf(url)) {
          if (id !== own) await takeAway(url, id)
        }
      })
      expect(dead, `${pressed} were pressed`).toEqual([])
      expect(pressed).toBeGreaterThan(0)
    },
    90_000
  )

  it.each([
    ["a window's title bar", "files", "[data-window][data-app=files] header"],
    ["a window in the bar", "files", '[role=toolbar][aria-label="Open windows"] button'],
    ["a file", "files", "[data-window][data-app=files] [role=option]"],
    ["a terminal", "terminal", "[data-window][data-app=terminal] .xterm-screen"]
  ])("in the menu of %s does something", async (_, app, selector) => {
    const { page } = await visit(product(), { reducedMotion: true })
    const { url } = product()
    await writeFile(url, "notes.md", "# Notes\n")
    await openWindow(url, app, app)
    const own = (await windowsOf(url))[0]?.id
    const { dead, pressed } = await crawlMenu(page, page.locator(selector), async () => {
      for (const { id } of await windowsOf(url)) {
        if (id !== own) await takeAway(url, id)
      }
      await ask(`${url}/desktop/main/windows/${own}/focus`, "POST", {})
    })
    expect(dead, `${pressed} were pressed`).toEqual([])
    expect(pressed).toBeGreaterThan(2)
  })

  it("of the shell does something", async () => {
    const { page } = await visit(product(), { reducedMotion: true })
    const { dead, pressed } = await crawl(page, "footer, nav[aria-label=Apps]", async () => {
      // One that was asked for may be opened only now.
      const left = async () => {
        await closeAll(product().url)
        return page.locator("[data-window]").count()
      }
      await expect.poll(left).toBe(0)
    })
    expect(dead, `${pressed} were pressed`).toEqual([])
    expect(pressed).toBeGreaterThan(10)
  })
})
