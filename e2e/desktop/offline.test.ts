/** The computer goes away in the middle of a run, and comes back: what is shown is true at each moment. */
import { expect, it } from "vitest"
import { startProduct } from "../support/product.ts"
import { live, visit } from "./desktop.ts"
import { begin, composer, phaseOf, prompt, said, shownIn, threadPath } from "./flows.ts"
import { heldModel } from "./heldModel.ts"

// Killed in the middle of an answer, or before one.
const refused = /ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE|WebSocket connection to/

it("killed and started again in mid-run: it says so, counts down, catches up, and nothing is doubled", {
  timeout: 60_000
}, async () => {
  const model = await heldModel()
  const before = await startProduct({ env: model.env })
  const port = new URL(before.url).port
  const run = await begin(before.url, "Write the report")
  const { expectProblem, page } = await visit(before, { path: threadPath(run) })
  expectProblem(refused)
  const first = await model.next()
  first.say("First I write it down.")
  first.call("write_file", { path: "report.md", content: "one" })
  first.end()
  const second = await model.next()
  second.say("And now I ")
  const log = said(page)
  await log.getByText("And now I").waitFor()
  await log.getByRole("article", { name: /report\.md, Done$/ }).waitFor()

  await before.stop("SIGKILL")
  const connection = page.getByRole("button", { name: /^Connection/ })
  await page.getByRole("button", { name: "Connection: the computer does not answer" }).waitFor()
  await expect.poll(() => connection.textContent()).toMatch(/^Reconnecting in \d+ s$/)
  // What was known stays in sight; what needs the computer says that it can't be done.
  await log.getByText("First I write it down.").waitFor()
  await page.getByText("The computer can't be reached. What you write stays here until it is back.").waitFor()
  await composer(page).fill("Are you there?")
  expect(await page.getByRole("button", { name: "Steer", exact: true }).isDisabled()).toBe(true)
  await prompt(page).fill("Something new")
  await prompt(page).press("Enter")
  await page.getByRole("alert").filter({ hasText: "The computer can't be reached" }).waitFor()
  expect(await prompt(page).inputValue()).toBe("Something new")
  // Windows can be moved all the same; it follows when the computer is back.
  const window = page.getByRole("region", { name: "Write the report" })
  await window.getByRole("button", { name: "Maximize" }).click()
  await window.getByRole("button", { name: "Restore" }).waitFor()

  const after = await startProduct({ home: before.home, env: { ...model.env, PORT: port } })
  const third = await model.next()
  await connection.click()
  await page
    .getByText(/The last reconnect replayed \d+ events?\./)
    .or(page.getByRole("button", { name: "Try now" }))
    .first()
    .waitFor()
  await live(page)
  await page.getByText(/The last reconnect replayed [1-9]\d* events?\./).waitFor()
  await page.keyboard.press("Escape")
  expect(await composer(page).inputValue()).toBe("Are you there?")
  third.say("And now I tell you: it is there.")
  third.end()
  await log.getByText("And now I tell you: it is there.").waitFor()
  await log.getByRole("button", { name: "Copy the answer" }).waitFor()
  await expect.poll(() => phaseOf(after.url, run.run_id)).toBe("done")
  expect(await log.getByRole("article", { name: /report\.md, Done$/ }).count()).toBe(1)
  expect(await log.getByText("First I write it down.").count()).toBe(1)
  expect(await log.getByRole("article", { name: "Your message" }).count()).toBe(1)
  const asItWas = await shownIn(log)
  await page.reload()
  await live(page)
  await log.getByText("And now I tell you: it is there.").waitFor()
  await expect.poll(() => shownIn(log)).toBe(asItWas)
  await window.getByRole("button", { name: "Restore" }).waitFor()
})

it("a page that is loaded while the computer is away shows the last known desktop, and lives on when it is back", {
  timeout: 60_000
}, async () => {
  const before = await startProduct()
  const { expectProblem, page } = await visit(before, { path: "/a/choir" })
  expectProblem(refused)
  expectProblem(/Failed to load resource|ERR_INTERNET_DISCONNECTED|fetch/)
  await page.getByText("Nobody has worked here yet").waitFor()
  // What was there before the service worker is kept by it, too.
  await expect
    .poll(() =>
      page.evaluate(async () => {
        const stored = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()))
        const kept = new Set(stored.flat().map(({ url }) => url))
        const loaded = performance.getEntriesByType("resource").map(({ name }) => name)
        const assets = loaded.filter((name) => name.startsWith(`${location.origin}/assets/`))
        return assets.some((name) => name.includes("ChoirApp")) && assets.every((name) => kept.has(name))
      })
    )
    .toBe(true)
  const port = new URL(before.url).port
  await before.stop("SIGKILL")
  await page.getByRole("button", { name: "Connection: the computer does not answer" }).waitFor()
  await page.reload()
  await page.getByRole("region", { name: "Choir" }).waitFor()
  await page.getByRole("button", { name: "Connection: the computer does not answer" }).waitFor()
  await startProduct({ home: before.home, env: { PORT: port } })
  await live(page)
  await page.getByText("Nobody has worked here yet").waitFor()
})
