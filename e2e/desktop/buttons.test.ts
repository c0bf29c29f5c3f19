/**
 * Every button does something: each that can be seen and pressed, in each app and in the shell, is pressed once, and what
 * comes of it is observed.
 *
 * Law: observed is a change of the page, of the focus or of the clipboard, a request, a download or a file chooser. A
 * choice that is taken already (a tab, a switch's other side) may change nothing. What closes the window, or ends things
 * for good, is pressed by tests of its own.
 */
import type { Page, Request } from "playwright-core"
import { beforeEach, describe, expect, it } from "vitest"
import { ask, sharedBy, startProduct } from "../support/product.ts"
import { visit } from "./desktop.ts"
import { begin, phaseOf } from "./flows.ts"
import { appWindow, closeAll, openWindow, windowsOf, writeFile } from "./parts.ts"

/** They take away what the others need, leave the page, or wait for a key. */
const leftOut =
  /^(Press the keys|Close|Minimize|Maximize|Restore|Stop|Stop all|Empty the trash|Download|Export)\b|^Reload/

const isLeftOut = (key: string): boolean => leftOut.test(key.replace(/^\S+ /, ""))

const canBePressed = "button, [role=tab], [role=switch], [role=treeitem], input[type=radio], input[type=checkbox]"

/** Rows of a list have the same buttons each. */
const mostOfAKind = 3

interface Control {
  readonly key: string
  readonly chosen: boolean
}

/** All that can be pressed now, by a name that is the same after the page was drawn anew. */
const controlsIn = (page: Page, root: string): Promise<ReadonlyArray<Control>> =>
  page.evaluate(
    ([within, pressable, most]) => {
      const times = new Map<string, number>()
      return [...document.querySelectorAll<HTMLElement>(`:is(${within}) :is(${pressable})`)].flatMap((one) => {
        if (!one.checkVisibility({ visibilityProperty: true }) || one.matches(":disabled, [aria-disabled=true]"))
          return []
        if (one.closest("[inert], [aria-hidden=true], [data-captures-keys]") !== null) return []
        const name = (one.getAttribute("aria-label") ?? one.closest("label")?.textContent ?? one.textContent ?? "")
          .trim()
          .replace(/\d+/g, "0")
          .replace(/ of .*/, " of")
        const kind = `${one.getAttribute("role") ?? "button"} ${name}`
        const time = (times.get(kind) ?? 0) + 1
        times.set(kind, time)
        if (time > most) return []
        one.dataset.crawled = `${kind} ${time}`
        const isOn = one instanceof HTMLInputElement && one.type === "radio" && one.checked
        const chosen =
          isOn ||
          ["aria-selected", "aria-checked", "aria-pressed", "aria-current"].some((attribute) =>
            ["true", "page"].includes(one.getAttribute(attribute) ?? "")
          )
        return [{ key: `${kind} ${time}`, chosen }]
      })
    },
    [root, canBePressed, mostOfAKind] as const
  )

/** Presses one, and gives whether anything came of it. */
const press = async (page: Page, key: string): Promise<"something" | "nothing" | "gone"> => {
  let asked = 0
  const heard = () => {
    asked += 1
  }
  page.on("request", heard)
  page.on("download", heard)
  page.on("filechooser", heard)
  try {
    const isThere = await page.evaluate((wanted) => {
      const control = document.querySelector<HTMLElement>(`[data-crawled="${CSS.escape(wanted)}"]`)
      if (control === null) return false
      const { dataset } = document.documentElement
      delete dataset.came
      const came = () => {
        observer.disconnect()
        dataset.came = "yes"
      }
      const observer = new MutationObserver((records) => {
        const counts = records.some(
          ({ attributeName, target }) =>
            attributeName !== "data-came" && attributeName !== "data-crawled" && target !== document.documentElement
        )
        if (counts) came()
      })
      observer.observe(document, { attributes: true, characterData: true, childList: true, subtree: true })
      document.addEventListener("focusin", ({ target }) => target !== control && came())
      control.scrollIntoView({ block: "nearest" })
      control.focus({ preventScroll: true })
      control.dispatchEvent(
        new PointerEvent("pointerdown", { bubbles: true, cancelable: true, button: 0, pointerType: "mouse" })
      )
      control.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true, button: 0 }))
      control.dispatchEvent(
        new PointerEvent("pointerup", { bubbles: true, cancelable: true, button: 0, pointerType: "mouse" })
      )
      control.dispatchEvent(new MouseEvent("mouseup", { bubbles: true, cancelable: true, button: 0 }))
      control.click()
      return true
    }, key)
    if (!isThere) return "gone"
    const came = () => page.evaluate(() => document.documentElement.dataset.came === "yes")
    return await expect
      .poll(async () => asked > 0 || (await came()), { timeout: 1_500 })
      .toBe(true)
      .then(
        () => "something" as const,
        () => "nothing" as const
      )
  } finally {
    page.off("request", heard)
    page.off("download", heard)
    page.off("filechooser", heard)
  }
}

/** Dialogs, menus and popovers that came of it go by Escape. */
const putAway = async (page: Page) => {
  const over = page.locator("#overlays > *").filter({ has: page.locator("[role=dialog], [role=menu], [role=listbox]") })
  for (let times = 0; times < 4 && (await over.count()) > 0; times += 1) await page.keyboard.press("Escape")
}

/** Presses all within; gives the names of those of which nothing came. */
const crawl = async (page: Page, root: string, again: () => Promise<void>) => {
  const seen = new Set<string>()
  const done = new Set<string>()
  const dead: Array<string> = []
  const asked = new Set<Request>()
  page.on("request", (request) => asked.add(request))
  const ended = (request: Request) => asked.delete(request)
  page.on("requestfinished", ended)
  page.on("requestfailed", ended)
  for (;;) {
    const left = (await controlsIn(page, root)).filter(({ key }) => !done.has(key) && !isLeftOut(key))
    // What has just come is pressed before something else takes its place.
    const next = left.find(({ key }) => !seen.has(key)) ?? left[0]
    for (const { key } of left) seen.add(key)
    if (next === undefined) return { dead, pressed: done.size }
    done.add(next.key)
    if ((await press(page, next.key)) === "nothing" && !next.chosen) dead.push(next.key)
    await putAway(page)
    await again()
    // What it shows has been read.
    await expect.poll(async () => asked.size + (await page.locator(root).locator("[aria-busy=true]").count())).toBe(0)
  }
}

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

  it.each(["chat", "choir", "inbox", "files", "logs", "supervision", "settings", "run", "editor", "viewer", "trace"])(
    "of %s does something",
    async (app) => {
      const { expectProblem, page } = await visit(product(), { reducedMotion: true })
      const { url } = product()
      // A run that is tried again may have ended when its Pause is pressed: it says so.
      expectProblem(/409 .*\/(?:pause|resume|cancel)/)
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
      await expect.poll(async () => (await controlsIn(page, root)).some(({ key }) => !isLeftOut(key))).toBe(true)
      await expect.poll(() => appWindow(page, app).locator("[aria-busy=true]").count()).toBe(0)
      const own = (await windowsOf(url))[0]?.id
      const { dead, pressed } = await crawl(page, root, async () => {
        // What was opened beside it goes.
        for (const { id } of await windowsOf(url)) {
          if (id !== own) await ask(`${url}/desktop/main/windows/${id}`, "DELETE")
        }
      })
      expect(dead, `${pressed} were pressed`).toEqual([])
      expect(pressed).toBeGreaterThan(0)
    },
    60_000
  )

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
