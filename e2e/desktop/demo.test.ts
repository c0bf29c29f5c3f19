/** The first walk, with no key: three steps, a task that was offered, and everything it leads to. */
import { expect, it } from "vitest"
import { ask } from "../support/product.ts"
import { live, openDesktop } from "./desktop.ts"
import { said } from "./flows.ts"

it("takes three steps, then has Chat on the left, Choir on the right, and four tasks to begin with", {
  timeout: 60_000
}, async () => {
  const { page, product, window } = await openDesktop({ firstRun: true, worker: true })
  const dialog = page.getByRole("dialog")
  await dialog.getByRole("heading", { name: "What should think?" }).waitFor()
  await dialog.getByText("it needs no key").waitFor()
  await dialog.getByRole("button", { name: "Continue" }).click()
  await dialog.getByRole("heading", { name: "Where agents work" }).waitFor()
  await dialog.getByText("/workspace").waitFor()
  await dialog.getByRole("button", { name: "Continue" }).click()
  const careful = dialog.getByRole("radio", { name: /^Careful/ })
  await careful.check()
  await expect.poll(() => ask(`${product.url}/rules`)).toMatchObject({ body: { preset: "careful" } })
  const balanced = dialog.getByRole("radio", { name: /^Balanced/ })
  await balanced.check()
  await expect.poll(() => ask(`${product.url}/rules`)).toMatchObject({ body: { preset: "balanced" } })
  await dialog.getByRole("button", { name: "Start" }).click()
  await dialog.waitFor({ state: "detached" })

  const choir = window("Choir")
  await choir.waitFor()
  const stored = async () => {
    const { body } = await ask(`${product.url}/desktop/main/windows`)
    return (body as { windows: ReadonlyArray<{ app_id: string; zone: string | null }> }).windows
      .map(({ app_id, zone }) => [app_id, zone])
      .toSorted()
  }
  await expect.poll(stored).toEqual([
    ["chat", "left"],
    ["choir", "right"]
  ])
  const starters = window("New conversation").getByRole("region", { name: "What to begin with" })
  await expect.poll(() => starters.getByRole("listitem").count()).toBe(4)

  await starters.getByRole("button", { name: "See what is here" }).click()
  await said(window("list files")).getByText("The folder is empty.").waitFor()
  await choir.getByRole("button", { name: /^Done chat list files/ }).waitFor()

  // It is asked once.
  await page.reload()
  await live(page)
  await said(window("list files")).getByText("The folder is empty.").waitFor()
  expect(await page.getByRole("dialog").count()).toBe(0)
})

it("each of the tasks does what it says", { timeout: 60_000 }, async () => {
  const { page } = await openDesktop({ path: "/a/chat" })
  const next = async (starter: string) => {
    await page.getByRole("button", { name: "New conversation" }).first().click()
    await page
      .getByRole("region", { name: "What to begin with" })
      .getByRole("button", { name: new RegExp(`^${starter}`) })
      .click()
  }
  await next("Write a file")
  await said(page)
    .getByRole("article", { name: /hello\.md, Done$/ })
    .waitFor()
  await next("Run a command")
  await said(page)
    .getByRole("article", { name: /uname -sr && date, Done$/ })
    .waitFor()
  await next("Let several agents work")
  await said(page).getByText("one.txt 3 B").first().waitFor()
  await page.getByRole("button", { name: "No run at work", exact: true }).waitFor()
})

it("the run of a conversation opens at each of its views", async () => {
  const { page, window } = await openDesktop()
  const prompt = page.getByRole("textbox", { name: "Ask, or type a command" })
  await prompt.fill("write plan.txt: one step")
  await prompt.press("Enter")
  const chat = window("write plan.txt: one step")
  await said(chat).getByRole("button", { name: "Copy the answer" }).waitFor()
  await said(chat).getByRole("button", { name: "Open the run" }).click()
  const run = page.getByRole("region", { name: "write plan.txt: one step" }).filter({ has: page.getByRole("tablist") })
  await run.getByRole("tabpanel", { name: "Story" }).getByText("plan.txt").first().waitFor()
  await run.getByRole("tab", { name: "Timeline" }).click()
  await run
    .getByRole("tabpanel", { name: "Timeline" })
    .getByRole("button", { name: /plan\.txt/ })
    .first()
    .waitFor()
  await run.getByRole("tab", { name: "Cost" }).click()
  await run
    .getByRole("tabpanel", { name: "Cost" })
    .getByRole("row", { name: /^Step 1/ })
    .waitFor()
  await run.getByRole("tab", { name: "Story" }).click()
  await run.getByRole("region", { name: "Answer" }).waitFor()
})
