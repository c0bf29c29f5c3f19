/** The log as it is read: live at its end, page by page to its beginning, by filter and by words. */
import type { Locator } from "playwright-core"
import { expect, it } from "vitest"
import { ask, type Product, startProduct } from "../support/product.ts"
import { openDesktop, visit } from "./desktop.ts"
import { holdNext } from "./flows.ts"

/** Events that cost nothing: each change of the theme is one. */
const fill = async (product: Product, count: number): Promise<void> => {
  for (let index = 0; index < count; index++) {
    await ask(`${product.url}/user/me/preferences`, "PATCH", { theme: index % 2 === 0 ? "light" : "dark" })
  }
}

const openLogs = async (product: Product, props: object = {}): Promise<void> => {
  await ask(`${product.url}/desktop/main/windows`, "POST", {
    app_id: "logs",
    title: "Logs",
    props,
    x: 20,
    y: 20,
    width: 1000,
    height: 600
  })
}

/** The `seq` of the first row in sight. */
const firstSeen = (list: Locator): Promise<number> =>
  list.evaluate((element) => {
    const { top } = element.getBoundingClientRect()
    const rows = [...element.querySelectorAll<HTMLElement>("[data-seq]")]
    return Number(rows.find((row) => row.getBoundingClientRect().top >= top)?.dataset.seq ?? Number.NaN)
  })

it("follows the end, leaves who reads further up where they are, and pages to the beginning", {
  timeout: 60_000
}, async () => {
  const product = await startProduct()
  await fill(product, 700)
  const { page, window } = await visit(product)
  await openLogs(product)
  const logs = window("Logs")
  const list = logs.getByRole("listbox", { name: "Events" })
  await logs.getByText("Live", { exact: true }).waitFor()
  await list.press("Home")
  await expect.poll(() => firstSeen(list)).toBe(1)
  // It is another list by now, and the keyboard is in it as before.
  await page.keyboard.press("End")
  await logs.getByText("Live", { exact: true }).waitFor()

  await ask(`${product.url}/user/me/preferences`, "PATCH", { theme: "dark" })
  const last = list.getByRole("option").last()
  const { body } = await ask(`${product.url}/events?order=desc&limit=1`)
  const head = (body as { readonly head: number }).head
  await expect.poll(() => last.getAttribute("data-seq")).toBe(String(head))

  await list.evaluate((element) => element.scrollTo({ top: element.scrollTop - 2_000 }))
  await logs.getByText("Paused", { exact: true }).waitFor()
  const place = await firstSeen(list)
  await fill(product, 3)
  await logs.getByRole("button", { name: "3 new" }).waitFor()
  expect(await firstSeen(list)).toBe(place)

  // A page that is added above does not move what is read.
  await list.evaluate((element) => element.scrollTo({ top: 100 }))
  await expect.poll(() => list.evaluate((element) => element.scrollTop)).toBeGreaterThan(1_000)
  await list.press("Home")
  await expect.poll(() => firstSeen(list)).toBe(1)
  await list.press("End")
  await expect.poll(() => last.getAttribute("data-seq")).toBe(String(head + 3))
  await logs.getByText("Live", { exact: true }).waitFor()
})

it("opens by a filter, which what streams in has to pass too, and shows an event whole", async () => {
  const { product, page, window } = await openDesktop()
  await openLogs(product, { type: "user.>" })
  await window("Logs: user").waitFor()
  const logs = page.locator("[data-app='logs']")
  await logs.getByText("No event fits").waitFor()
  await ask(`${product.url}/desktop/main/windows`, "POST", { app_id: "files", title: "Files", raise: false })
  await fill(product, 1)
  const row = logs.getByRole("option", { name: "user.theme_preference" })
  await row.click()
  expect(await logs.getByRole("option").count()).toBe(1)
  const detail = logs.getByRole("region", { name: "Event" })
  await detail.getByText("light", { exact: true }).waitFor()
  await logs.getByRole("button", { name: "Remove user.>" }).click()
  await expect.poll(() => logs.getByRole("option").count()).toBeGreaterThan(10)
})

it("searches everything, and goes to the place of what was found", async () => {
  const { product, page } = await openDesktop()
  await ask(`${product.url}/chat/send`, "POST", { actor_id: "me", user_id: "me", text: "list files near the zanzibar" })
  await openLogs(product)
  const logs = page.locator("[data-app='logs']")
  await logs.getByRole("radio", { name: "Search" }).check()
  await expect
    .poll(async () => {
      const { body } = await ask(`${product.url}/search?q=zanzibar&type=chat.user_msg`)
      return (body as { readonly hits: ReadonlyArray<unknown> }).hits.length
    })
    .toBe(1)
  await logs.getByRole("searchbox", { name: "Words" }).fill("zanzi*")
  await logs
    .getByRole("list", { name: "Found" })
    .getByRole("button", { name: /chat\.user_msg/ })
    .click()
  await logs.getByRole("button", { name: "Show in the log" }).click()
  const chosen = logs.getByRole("option", { selected: true })
  await chosen.filter({ hasText: "zanzibar" }).waitFor()
})

it("shows the find that was chosen last, also where the answer to the one before is late", async () => {
  const { product, page } = await openDesktop()
  for (const season of ["spring", "autumn"]) {
    await ask(`${product.url}/chat/send`, "POST", { actor_id: "me", user_id: "me", text: `list zanzibar in ${season}` })
  }
  await openLogs(product)
  const logs = page.locator("[data-app='logs']")
  await logs.getByRole("radio", { name: "Search" }).check()
  await expect
    .poll(async () => {
      const { body } = await ask(`${product.url}/search?q=zanzibar&type=chat.user_msg`)
      return (body as { readonly hits: ReadonlyArray<unknown> }).hits.length
    })
    .toBe(2)
  await logs.getByRole("searchbox", { name: "Words" }).fill("zanzibar")
  const found = logs.getByRole("list", { name: "Found" }).getByRole("button", { name: /chat\.user_msg/ })
  const late = await holdNext(page, /\/events\?event_id=/)
  const givenUp = page.waitForEvent("requestfailed", (request) => request.url().includes("event_id="))
  await found.filter({ hasText: "spring" }).click()
  await late.asked
  await found.filter({ hasText: "autumn" }).click()
  await logs.getByRole("region", { name: "Event" }).getByText("list zanzibar in autumn").first().waitFor()
  // Nobody waits for it any more.
  await givenUp
})
