/**
 * Presses all that can be pressed, and says of what nothing came.
 *
 * Law: observed is a change of the page, of the focus or of the clipboard, a request, a download or a file chooser; that
 * a menu closes is none of these. A choice that is taken already (a tab, a switch's other side) may change nothing. What
 * closes the window, or ends things for good, is pressed by tests of its own.
 */
import type { Locator, Page, Request } from "playwright-core"
import { expect } from "vitest"

/** They take away what the others need, leave the page, or wait for a key. */
const leftOut =
  /^(Press the keys|Close|Minimize|Maximize|Restore|Stop|Stop all|End|Delete|Move to the trash|Empty the trash|Download|Export|Undo|Redo)(?![a-z])|^Reload/

const canBePressed =
  "button, [role=tab], [role=switch], [role=treeitem], [role^=menuitem], [role=option], input[type=radio], input[type=checkbox]"

/** Rows of a list have the same buttons each. */
const mostOfAKind = 3
/** Where menus, popovers and dialogs are drawn. */
const overlays = "#overlays"
const opened = "[role=dialog], [role=menu], [role=listbox]"

interface Control {
  readonly key: string
  readonly chosen: boolean
}

const isLeftOut = ({ key }: Control): boolean => leftOut.test(key.replace(/^\S+ /, ""))

/** What can be pressed now and is left to none, by a name that is the same after the page was drawn anew. */
export const controlsIn = async (page: Page, root: string): Promise<ReadonlyArray<Control>> => {
  const all = await page.evaluate(
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
  return all.filter((control) => !isLeftOut(control))
}

/** What opens a menu, a popover or a dialog changes its own state alone, and gives the keyboard back: not what came of it. */
const ofItself = [
  "data-came",
  "data-crawled",
  "aria-expanded",
  "aria-controls",
  "aria-hidden",
  "data-aria-hidden",
  "data-state"
]

/** Presses one, and gives whether anything came of it. */
const press = async (page: Page, root: string, key: string): Promise<"something" | "nothing" | "gone"> => {
  let asked = 0
  const heard = () => {
    asked += 1
  }
  page.on("request", heard)
  page.on("download", heard)
  page.on("filechooser", heard)
  try {
    const isThere = await page.evaluate(
      ([within, wanted, over, own]) => {
        const control = document.querySelector<HTMLElement>(`:is(${within}) [data-crawled="${CSS.escape(wanted)}"]`)
        if (control === null) return false
        const { dataset } = document.documentElement
        const layer = document.getElementById("overlays")
        const isInLayer = layer?.contains(control) === true
        delete dataset.came
        const came = () => {
          observer.disconnect()
          dataset.came = "yes"
        }
        const opens = (node: Node) =>
          node instanceof Element && (node.matches(over) || node.querySelector(over) !== null)
        const observer = new MutationObserver((records) => {
          const counts = records.some(({ addedNodes, attributeName, target }) => {
            if (target === document.documentElement || target === document.body) return false
            if (attributeName !== null && own.includes(attributeName))
              return !isInLayer && attributeName.startsWith("aria")
            // Of an item: what it opens instead, or changes within a dialog; that its menu goes is nothing.
            if (!isInLayer || layer?.contains(target) !== true) return true
            return [...addedNodes].some(opens) || control.closest("[role=menu], [role=listbox]") === null
          })
          if (counts) came()
        })
        observer.observe(document, { attributes: true, characterData: true, childList: true, subtree: true })
        const write = navigator.clipboard.writeText.bind(navigator.clipboard)
        navigator.clipboard.writeText = (text) => {
          came()
          return write(text)
        }
        if (!isInLayer) document.addEventListener("focusin", ({ target }) => target !== control && came())
        control.scrollIntoView({ block: "nearest" })
        control.focus({ preventScroll: true })
        const pointer = { bubbles: true, cancelable: true, button: 0, pointerType: "mouse" }
        control.dispatchEvent(new PointerEvent("pointerdown", pointer))
        control.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true, button: 0 }))
        control.dispatchEvent(new PointerEvent("pointerup", pointer))
        control.dispatchEvent(new MouseEvent("mouseup", { bubbles: true, cancelable: true, button: 0 }))
        if (control.isConnected) control.click()
        return true
      },
      [root, key, opened, ofItself] as const
    )
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

const layers = (page: Page) => page.locator(`${overlays} > *`).filter({ has: page.locator(opened) })

/** Dialogs, menus and popovers that came of it go by Escape. */
const putAway = async (page: Page) => {
  for (let times = 0; times < 4 && (await layers(page).count()) > 0; times += 1) await page.keyboard.press("Escape")
}

/** Presses all within, and all that opens of it; gives the names of those of which nothing came. */
export const crawl = async (page: Page, root: string, again: () => Promise<void>) => {
  const seen = new Set<string>()
  const done = new Set<string>()
  const dead: Array<string> = []
  const asked = new Set<Request>()
  page.on("request", (request) => asked.add(request))
  const ended = (request: Request) => asked.delete(request)
  page.on("requestfinished", ended)
  page.on("requestfailed", ended)
  let pressed = 0

  const settle = async () => {
    const isRead = () =>
      expect.poll(async () => asked.size + (await page.locator(root).locator("[aria-busy=true]").count())).toBe(0)
    await putAway(page)
    // What was asked of a window is answered before that window is taken away.
    await isRead()
    await again()
    await isRead()
  }

  /** Each item of what `opener` opens, which is opened anew for each. */
  const crawlOpened = async (opener: string) => {
    for (;;) {
      if ((await layers(page).count()) === 0) {
        if (!(await controlsIn(page, root)).some(({ key }) => key === opener)) return
        if ((await press(page, root, opener)) !== "something" || (await layers(page).count()) === 0) return
      }
      const next = (await controlsIn(page, overlays)).find(({ key }) => !done.has(key))
      if (next === undefined) return
      done.add(next.key)
      pressed += 1
      if ((await press(page, overlays, next.key)) === "nothing" && !next.chosen) dead.push(`${opener} › ${next.key}`)
      await settle()
    }
  }

  for (;;) {
    const left = (await controlsIn(page, root)).filter(({ key }) => !done.has(key))
    // What has just come is pressed before something else takes its place.
    const next = left.find(({ key }) => !seen.has(key)) ?? left[0]
    for (const { key } of left) seen.add(key)
    if (next === undefined) return { dead, pressed }
    done.add(next.key)
    pressed += 1
    if ((await press(page, root, next.key)) === "nothing" && !next.chosen) dead.push(next.key)
    if ((await layers(page).count()) > 0) await crawlOpened(next.key)
    await settle()
  }
}

/** Presses each item of the menu that comes under the right button of the mouse. */
export const crawlMenu = async (page: Page, of: Locator, again: () => Promise<void>) => {
  const done = new Set<string>()
  const dead: Array<string> = []
  for (;;) {
    // What the last one opened may come only now.
    const isPressed = async () => {
      await again()
      return of
        .first()
        .click({ button: "right", timeout: 1_000 })
        .then(
          () => true,
          () => false
        )
    }
    await expect.poll(isPressed).toBe(true)
    await page.locator(overlays).getByRole("menu").waitFor()
    const next = (await controlsIn(page, overlays)).find(({ key }) => !done.has(key))
    if (next !== undefined) {
      done.add(next.key)
      if ((await press(page, overlays, next.key)) === "nothing" && !next.chosen) dead.push(next.key)
    }
    await putAway(page)
    if (next === undefined) return { dead, pressed: done.size }
  }
}
