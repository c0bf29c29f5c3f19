/** Runs as they are watched and told what to do, from the prompt and from their own window. */
import type { Page } from "playwright-core"
import { expect, it } from "vitest"
import { ask, startProduct } from "../support/product.ts"
import { newVisitor } from "./browser.ts"
import { live, visit } from "./desktop.ts"
import {
  answerQuiet,
  begin,
  holdNext,
  listOf,
  movableClock,
  phaseOf,
  prompt,
  quietHint,
  runPath,
  said,
  threadPath
} from "./flows.ts"
import { heldModel } from "./heldModel.ts"

const held = async () => {
  const model = await heldModel()
  return { model, product: await startProduct({ env: model.env }) }
}

const runWindow = (page: Page, name: string) =>
  page
    .getByRole("region", { name, exact: true })
    .filter({ has: page.getByRole("tablist", { name: "Views of the run" }) })

const chips = (page: Page) => page.getByRole("list", { name: "What was sent" }).getByRole("listitem")

it("is begun from the prompt, steered and followed from there, and queued behind", { timeout: 60_000 }, async () => {
  const { model, product } = await held()
  const { page } = await visit(product)
  await prompt(page).fill("Count the birds")
  await prompt(page).press("Enter")
  expect(await prompt(page).inputValue()).toBe("")
  await chips(page).filter({ hasText: "Count the birds" }).waitFor()
  const first = await model.next()
  first.say("I count. ")
  // Nothing else was open: its conversation is, and the prompt now speaks to it.
  await said(page).getByText("I count.").waitFor()
  await prompt(page).fill("Only the blue ones")
  await page.getByRole("button", { name: "How it is sent" }).click()
  for (const way of ["Steer", "Queue after", "Stop and send", "New run"]) {
    await page.getByRole("menuitemcheckbox", { name: new RegExp(`^${way}`) }).waitFor()
  }
  await page.keyboard.press("Escape")
  await prompt(page).press("Enter")
  await said(page).getByText("Only the blue ones").waitFor()
  first.end()
  const second = await model.next()
  expect(second.asked).toContain("Only the blue ones")

  await prompt(page).fill("Then the fish")
  await page.getByRole("button", { name: "How it is sent" }).click()
  await page.getByRole("menuitemcheckbox", { name: /^Queue after/ }).click()
  await prompt(page).press("Enter")
  await said(page).getByText("Waits for the run before it to end").waitFor()
  second.say("Three.")
  second.end()
  const third = await model.next()
  expect(third.asked).toContain("Then the fish")

  await prompt(page).fill("No, the trees")
  await page.getByRole("button", { name: "How it is sent" }).click()
  await page.getByRole("menuitemcheckbox", { name: /^Stop and send/ }).click()
  await prompt(page).press("Enter")
  await third.closed
  const fourth = await model.next()
  expect(fourth.asked).toContain("No, the trees")

  await prompt(page).fill("Something else altogether")
  await page.getByRole("button", { name: "How it is sent" }).click()
  await page.getByRole("menuitemcheckbox", { name: /^New run/ }).click()
  await prompt(page).press("Enter")
  const fifth = await model.next()
  expect(fifth.asked).toContain("Something else altogether")
  expect(fifth.asked).not.toContain("the trees")
  await page.getByRole("button", { name: "2 runs at work" }).waitFor()
  for (const answer of [fourth, fifth]) {
    answer.say("Done.")
    answer.end()
  }
  await page.getByRole("button", { name: "No run at work", exact: true }).waitFor()
})

it("is paused, told something, and goes on with it; closing its windows never stops it; Stop does", {
  timeout: 60_000
}, async () => {
  const { model, product } = await held()
  const run = await begin(product.url, "Sort the letters")
  const { page } = await visit(product, { path: runPath(run) })
  const window = runWindow(page, "Sort the letters")
  const first = await model.next()
  first.say("I begin.")
  await window.getByRole("heading", { name: "I begin" }).waitFor()
  await window.getByRole("button", { name: "Steer", exact: true }).click()
  await window.getByRole("textbox", { name: "Tell the run" }).fill("By colour")
  await window.getByRole("textbox", { name: "Tell the run" }).press("Enter")
  await window.getByRole("textbox", { name: "Tell the run" }).waitFor({ state: "detached" })
  await window.getByRole("button", { name: "Pause" }).click()
  await expect.poll(() => phaseOf(product.url, run.run_id)).toBe("paused")
  await page.getByRole("button", { name: "No run at work, 1 paused" }).waitFor()
  await window.getByText("Paused").first().waitFor()
  await window.getByRole("button", { name: "Resume" }).click()
  await expect.poll(() => phaseOf(product.url, run.run_id)).not.toBe("paused")
  first.call("list_files", { path: "." })
  first.end()
  const second = await model.next()
  expect(second.asked).toContain("By colour")

  await window.getByRole("button", { name: "Close" }).click()
  await window.waitFor({ state: "detached" })
  await page.getByRole("button", { name: "1 run at work" }).click()
  // A run is found again where it is talked with.
  await page
    .getByRole("dialog", { name: "Runs" })
    .getByRole("button", { name: /^Sort the letters/ })
    .click()
  await said(page).getByRole("button", { name: "Open the run" }).click()
  await window.waitFor()
  expect(await phaseOf(product.url, run.run_id)).toBe("working")
  await window.getByRole("button", { name: "Stop" }).click()
  await second.closed
  await expect.poll(() => phaseOf(product.url, run.run_id)).toBe("stopped")
  await window.getByText("Stopped").first().waitFor()

  await window.getByRole("button", { name: "Retry" }).click()
  const again = await model.next()
  again.say("Sorted.")
  again.end()
  await window.getByRole("region", { name: "Answer" }).getByText("Sorted.").waitFor()
})

it("what is typed while a steer is on its way stays", { timeout: 60_000 }, async () => {
  const { model, product } = await held()
  const run = await begin(product.url, "Sort the letters")
  const { page } = await visit(product, { path: runPath(run) })
  const window = runWindow(page, "Sort the letters")
  await model.next()
  await window.getByRole("button", { name: "Steer", exact: true }).click()
  const line = window.getByRole("textbox", { name: "Tell the run" })
  const late = await holdNext(page, "**/steer")
  await line.fill("By colour")
  await line.press("Enter")
  await late.asked
  await line.pressSequentially(" and by size")
  await window.locator("form [aria-busy='true']").waitFor()
  late.letGo()
  await window.locator("form [aria-busy='true']").waitFor({ state: "detached" })
  expect(await line.inputValue()).toBe("By colour and by size")
})

it("one that is quiet for 30 s is asked about in its window, and not while it speaks: Nudge asks it, Stop stops it", {
  timeout: 60_000
}, async () => {
  const { model, product } = await held()
  const run = await begin(product.url, "Sort the letters")
  const { page } = await newVisitor()
  const putForward = await movableClock(page)
  await page.goto(`${product.url}${runPath(run)}`)
  await live(page)
  const window = runWindow(page, "Sort the letters")
  const first = await model.next()
  await window.getByText("Working").first().waitFor()
  expect(await window.getByText(/^last sign/).count()).toBe(0)
  await putForward(12)
  await window.getByText(/^last sign 1\d s ago$/).waitFor()
  expect(await quietHint(window).count()).toBe(0)
  await putForward(20)
  await quietHint(window).waitFor()
  first.say("I sort them.")
  await quietHint(window).waitFor({ state: "detached" })

  await answerQuiet(window, putForward, "Nudge")
  await quietHint(window).waitFor({ state: "detached" })
  first.end()
  const second = await model.next()
  expect(second.asked).toContain("Are you still working on this?")

  await answerQuiet(window, putForward, "Stop")
  await second.closed
  await expect.poll(() => phaseOf(product.url, run.run_id)).toBe("stopped")
  await quietHint(window).waitFor({ state: "detached" })
})

it("one that fails says why, in words, and can be tried again", async () => {
  const { model, product } = await held()
  const run = await begin(product.url, "Fail well")
  const { page } = await visit(product, { path: threadPath(run) })
  const answer = await model.next()
  answer.refuse(401, "Incorrect API key provided")
  await said(page).getByText("Failed").first().waitFor()
  await expect.poll(() => phaseOf(product.url, run.run_id)).toBe("failed")
  await said(page).getByRole("button", { name: "Try again" }).first().click()
  const again = await model.next()
  again.say("Now it works.")
  again.end()
  await said(page).getByText("Now it works.").waitFor()
})

it("a plan that waits for its review is edited and let go on", async () => {
  const product = await startProduct()
  const { page } = await visit(product)
  await prompt(page).fill("/plan do write one.txt: one and write two.txt: two")
  await prompt(page).press("Enter")
  await chips(page)
    .getByRole("button", { name: /Paused/ })
    .click()
  await said(page).getByRole("button", { name: "Open the run" }).click()
  const plan = page.getByRole("region", { name: "Plan" })
  await plan.getByText("The plan waits for your review").waitFor()
  await plan
    .getByRole("button", { name: /^Remove/ })
    .last()
    .click()
  await plan.getByRole("button", { name: /go on|resume/i }).click()
  await page.getByRole("button", { name: "No run at work", exact: true }).waitFor()
  const { body } = await ask(`${product.url}/files`)
  expect(JSON.stringify(body)).toContain("one.txt")
  expect(JSON.stringify(body)).not.toContain("two.txt")
})

it("edits of a plan are neither lost to a newer plan nor made in vain while they are saved", {
  timeout: 60_000
}, async () => {
  const product = await startProduct()
  const { page } = await visit(product)
  await prompt(page).fill("/plan do write one.txt: one and write two.txt: two")
  await prompt(page).press("Enter")
  await chips(page)
    .getByRole("button", { name: /Paused/ })
    .click()
  await said(page).getByRole("button", { name: "Open the run" }).click()
  const plan = page.getByRole("region", { name: "Plan" })
  const part = plan.getByRole("textbox", { name: "What is to be done in part 1" })
  await part.fill("write mine.txt: mine")
  const [paused] = await listOf(`${product.url}/runs`, "runs")
  const address = `${product.url}/runs/${paused?.run_id}/plan`
  const theirs = { revision: 1, parts: [{ id: "a", objective: "write theirs.txt: theirs", agent: "chat", after: [] }] }
  expect((await ask(address, "PUT", theirs)).body).toMatchObject({ success: true })
  await plan.getByText("The plan was set anew meanwhile").waitFor()
  expect(await part.inputValue()).toBe("write mine.txt: mine")
  await plan.getByRole("button", { name: "Undo the changes" }).click()
  await expect.poll(() => part.inputValue()).toBe("write theirs.txt: theirs")

  await part.fill("write both.txt: both")
  const late = await holdNext(page, "**/plan")
  await plan.getByRole("button", { name: "Save", exact: true }).click()
  await late.asked
  await expect.poll(() => part.isEditable()).toBe(false)
  late.letGo()
  await part.waitFor({ state: "detached" })
  await plan.getByRole("button", { name: "Review the plan" }).click()
  expect(await part.inputValue()).toBe("write both.txt: both")
})

it("is timed by the computer's clock, whatever the browser's says", async () => {
  const product = await startProduct()
  const { page } = await newVisitor()
  await page.addInitScript(() => {
    const now = Date.now.bind(Date)
    Date.now = () => now() + 2 * 60 * 60 * 1_000
  })
  const run = await begin(product.url, "$ sleep 600")
  await page.goto(`${product.url}${runPath(run)}`)
  await live(page)
  const shown = () => runWindow(page, "$ sleep 600").ariaSnapshot()
  await expect.poll(shown).toMatch(/\b\d+ s\b/)
  expect(await shown()).not.toMatch(/\b[12] h\b/)
})
