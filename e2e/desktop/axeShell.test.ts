/** Axe finds nothing serious on the desktop itself, nor in any app on a small screen. */
import { expect, it } from "vitest"
import { startProduct } from "../support/product.ts"
import { findings, inAllLooks, inEachApp, open, openWindow, shown, withData } from "./axe.ts"

it("every app on a small screen under a finger", { timeout: 120_000 }, async () => {
  const data = await withData()
  const { page } = await open(data.product, { viewport: { width: 360, height: 740 }, touch: true })
  expect(await inEachApp(page, data, (root, app) => findings(page, root, `${app}, small`))).toEqual([])
})

it("the desktop itself: bare, with windows, with the palette, on the first visit", { timeout: 60_000 }, async () => {
  const { product } = await withData()
  const { page } = await open(product)
  const found = [...(await inAllLooks(page, "html", "bare desktop"))]
  const id = await openWindow(product, "choir", {})
  await shown(page, id)
  await page.getByRole("button", { name: "Restore" }).click()
  found.push(...(await findings(page, "html", "desktop with a window")))
  await page.keyboard.press("Control+k")
  await page.getByRole("dialog").waitFor()
  found.push(...(await inAllLooks(page, "html", "palette")))
  const first = await open(await startProduct(), { firstRun: true })
  await first.page.getByRole("dialog").waitFor()
  found.push(...(await inAllLooks(first.page, "html", "first visit")))
  expect(found).toEqual([])
})
