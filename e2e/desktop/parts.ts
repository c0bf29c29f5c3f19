/** Parts of the shell by their names, and the windows as the computer has them. */
import type { Locator, Page } from "playwright-core"
import { ask } from "../support/product.ts"
import { fieldsOf } from "./flows.ts"
import { takeAway } from "./takenAway.ts"

export const promptName = "Ask, or type a command"

export interface StoredWindow {
  readonly id: string
  readonly app_id: string
  readonly zone: string | null
  readonly maximized: boolean
  readonly minimized: boolean
}

/** The front one last. */
export const windowsOf = async (url: string): Promise<ReadonlyArray<StoredWindow>> => {
  const { windows } = await fieldsOf(`${url}/desktop/main/windows`)
  return windows as ReadonlyArray<StoredWindow>
}

export const appsOf = async (url: string): Promise<ReadonlyArray<string>> =>
  (await windowsOf(url)).map(({ app_id }) => app_id).toSorted()

export const openWindow = (url: string, app_id: string, title: string, props: Readonly<Record<string, unknown>> = {}) =>
  ask(`${url}/desktop/main/windows`, "POST", { app_id, title, props })

export const closeAll = async (url: string): Promise<void> => {
  for (const { id } of await windowsOf(url)) await takeAway(url, id)
}

/** The app of the window that has the keyboard, or where else it is. */
export const keyboardIn = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { activeElement } = document
    const frame = activeElement?.closest<HTMLElement>("[data-window]")
    return frame?.dataset.app ?? activeElement?.getAttribute("aria-label") ?? activeElement?.tagName ?? "nothing"
  })

export const appWindow = (page: Page, app_id: string): Locator => page.locator(`[data-window][data-app="${app_id}"]`)

export const palette = (page: Page): Locator => page.getByRole("dialog", { name: "Commands" })

/** Text of a file of the workspace; null where there is none. */
export const textOf = async (url: string, path: string): Promise<unknown> =>
  (await fieldsOf(`${url}/files/content?path=${encodeURIComponent(path)}`)).content ?? null

export const writeFile = (url: string, path: string, content: string) =>
  ask(`${url}/files/content`, "PUT", { path, content })

/** Of the palette. */
export const option = (page: Page, name: string | RegExp) => palette(page).getByRole("option", { name })

/** Opens the palette, and writes into it. */
export const find = async (page: Page, words: string) => {
  await page.keyboard.press("Control+K")
  await palette(page).getByRole("combobox").waitFor()
  await page.keyboard.type(words)
}

/** Goes down to what is called that, and takes it. */
export const choose = async (page: Page, name: string | RegExp) => {
  const wanted = option(page, name).first()
  await wanted.waitFor()
  for (;;) {
    if ((await wanted.getAttribute("aria-selected")) === "true") break
    await page.keyboard.press("ArrowDown")
  }
  await page.keyboard.press("Enter")
  await palette(page).waitFor({ state: "hidden" })
}
