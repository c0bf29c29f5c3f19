/** The desktop by what a person sees of it: roles and names. Waits are for what is to be there, never for time. */
import type { Locator, Page } from "playwright-core"
import { vi } from "vitest"
import { type Product, startProduct } from "../support/product.ts"
import { newVisitor, type Visitor, type VisitorOptions } from "./browser.ts"

export interface OpenDesktop extends Visitor {
  readonly product: Product
  /** A window by the name in its title bar. */
  readonly window: (name: string | RegExp) => Locator
}

/** Opens the desktop of a product in a browser of its own, and waits until it is live. */
export const visit = async (
  product: Product,
  options: VisitorOptions & { readonly path?: string } = {}
): Promise<OpenDesktop> => {
  const visitor = await newVisitor(options)
  await visitor.page.goto(`${product.url}${options.path ?? "/"}`)
  await live(visitor.page)
  if (options.worker === true) await kept(visitor.page)
  return { ...visitor, product, window: (name) => visitor.page.getByRole("region", { name }) }
}

/** Starts the built product with the demo model, and visits it. */
export const openDesktop = async ({
  env = {},
  ...options
}: VisitorOptions & {
  readonly path?: string
  readonly env?: Readonly<Record<string, string>>
} = {}): Promise<OpenDesktop> => visit(await startProduct({ env }), options)

/** The page has heard all that the log has. */
export const live = (page: Page): Promise<unknown> =>
  page.locator("html[data-connection='live']").waitFor({ state: "attached" })

/** The service worker is in charge, and has kept all that the page has fetched of its build. */
export const kept = (page: Page): Promise<unknown> =>
  page.waitForFunction(async () => {
    if (navigator.serviceWorker.controller === null) return false
    const assets = performance.getEntriesByType("resource").filter(({ name }) => name.includes("/assets/"))
    const found = await Promise.all(assets.map(({ name }) => caches.match(name)))
    return found.every((one) => one !== undefined)
  })

/** The rectangle that an element has on the screen, in whole pixels. */
export const rectOf = async (locator: Locator): Promise<{ x: number; y: number; width: number; height: number }> => {
  // What is drawn anew at this moment, as a line of a terminal is under the pointer, has no place.
  const look = async () => {
    const box = await locator.boundingBox()
    if (box === null) throw new Error("It is not on the screen")
    return box
  }
  const box = await vi.waitFor(look, { timeout: 15_000 })
  return { x: Math.round(box.x), y: Math.round(box.y), width: Math.round(box.width), height: Math.round(box.height) }
}

/** Presses at a point, moves by steps as a hand does, and lets go unless told otherwise. */
export const drag = async (
  page: Page,
  from: { readonly x: number; readonly y: number },
  by: { readonly x: number; readonly y: number },
  { release = true, steps = 8 }: { readonly release?: boolean; readonly steps?: number } = {}
): Promise<void> => {
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(from.x + by.x, from.y + by.y, { steps })
  if (release) await page.mouse.up()
}

/** A point on a window's title bar, away from its buttons. */
export const grip = async (window: Locator): Promise<{ x: number; y: number }> => {
  const { x, y, width } = await rectOf(window)
  return { x: x + Math.min(140, width / 2), y: y + 18 }
}
