/** What the verbs of the prompt change, and what becomes of a line that the computer refuses. */
import type { Page } from "playwright-core"
import { beforeEach, describe, expect, it } from "vitest"
import { ask, sharedBy, startProduct } from "../support/product.ts"
import { visit } from "./desktop.ts"
import { begin, fieldsOf, listOf, phaseOf, prompt } from "./flows.ts"
import { heldModel } from "./heldModel.ts"
import { appWindow, closeAll, openWindow } from "./parts.ts"

const sent = (page: Page) => page.getByRole("list", { name: "What was sent" }).getByRole("listitem")

const enter = async (page: Page, line: string) => {
  await prompt(page).click()
  await prompt(page).fill(line)
  await page.keyboard.press("Enter")
}

const runOf = async (url: string, run_id: string): Promise<Record<string, unknown>> =>
  (await fieldsOf(`${url}/runs/${run_id}`)).run as Record<string, unknown>

/** The latest run with this objective that is none of a delegated part. */
const runFor = async (url: string, objective: string) =>
  (await listOf(`${url}/runs`, "runs")).find((run) => run.objective === objective && run.parent_run_id === null)

/** Shows a run in front. */
const inFront = async (page: Page, url: string, run_id: string) => {
  await openWindow(url, "run", "Run", { run_id })
  await appWindow(page, "run").getByRole("tab", { name: "Story" }).waitFor()
}

const cancel = (url: string, run_id: string) => ask(`${url}/runs/${run_id}/cancel`, "POST", { user_id: "me" })

describe("a verb", () => {
  const product = sharedBy(() => startProduct())
  beforeEach(() => closeAll(product().url))

  it("caps the run in front, or a new one", async () => {
    const { page } = await visit(product())
    const { url } = product()
    const { run_id } = await begin(url, "$ sleep 600")
    await inFront(page, url, run_id)
    await enter(page, "/budget 2usd 20steps 10min")
    await page.getByRole("status").filter({ hasText: "The cap holds from now on" }).getByText("$ sleep 600").waitFor()
    expect((await runOf(url, run_id)).budget).toMatchObject({ usd: 2, steps: 20, seconds: 600 })
    await enter(page, "/budget 50ktokens list files in .")
    await expect.poll(() => runFor(url, "list files in .")).toBeDefined()
    const fresh = await runFor(url, "list files in .")
    expect((await runOf(url, String(fresh?.run_id))).budget).toMatchObject({ tokens: 50_000 })
    await cancel(url, run_id)
  })

  it("chooses who answers from then on, also after a reload", async () => {
    const { page } = await visit(product())
    const { url } = product()
    await enter(page, "/agent code")
    await page.getByRole("button", { name: "Who answers: code" }).waitFor()
    await page.reload()
    await page.getByRole("button", { name: "Who answers: code" }).waitFor()
    await enter(page, "write by-code.md: by code")
    await expect.poll(() => runFor(url, "write by-code.md: by code")).toMatchObject({ agent: "code" })
  })

  it("tries the run in front again", async () => {
    const { page } = await visit(product())
    const { url } = product()
    const { run_id } = await begin(url, "write twice.md: twice")
    await expect.poll(() => phaseOf(url, run_id)).toBe("done")
    await inFront(page, url, run_id)
    await page.getByRole("status", { name: "What Enter does" }).waitFor({ state: "attached" })
    await enter(page, "/retry")
    await sent(page).getByText("write twice.md: twice").waitFor()
    await expect
      .poll(async () =>
        (await listOf(`${url}/runs`, "runs")).filter((run) => run.objective === "write twice.md: twice")
      )
      .toHaveLength(2)
    expect((await runFor(url, "write twice.md: twice"))?.run_id).not.toBe(run_id)
  })
})

it("a model that is chosen is the one of all that is begun, and of a conversation only when that is in front", async () => {
  const { env } = await heldModel()
  const product = await startProduct({ env })
  const { url } = product
  const { page } = await visit(product)
  const held = "openai-compatible/held"
  const begun = (objective: string, how: object) =>
    expect.poll(() => runFor(url, objective), { message: objective }).toMatchObject({ model: "demo", ...how })

  await enter(page, "/model demo")
  await page.getByRole("button", { name: /See what is in the workspace/ }).click()
  // To a run that is at work in front, words would be said.
  await begun("list files", { agent: "chat", phase: "done" })
  await enter(page, "write by-words.md: by words")
  await begun("write by-words.md: by words", { agent: "chat" })
  await enter(page, "https://example.com/a?b")
  await begun("Look at https://example.com/a?b", { agent: "research" })
  await enter(page, "/plan do list files and run date")
  await begun("do list files and run date", { agent: "conductor", phase: "paused" })

  const thread = async () => {
    const { session_id, thread_id } = (await runFor(url, "list files")) ?? {}
    const threads = await listOf(`${url}/chat/me/threads`, "threads")
    return threads.find((one) => one.session_id === session_id && one.thread_id === thread_id)
  }
  expect(await thread()).toMatchObject({ model: "demo" })
  await appWindow(page, "chat").first().waitFor()
  await enter(page, `/model ${held}`)
  await expect.poll(thread).toMatchObject({ model: held })
  await page
    .getByRole("status")
    .filter({ hasText: `This thread uses ${held}` })
    .waitFor()
  await enter(page, "write as-before.md: as before")
  await begun("write as-before.md: as before", { agent: "chat" })
})

describe("what is refused comes back, with the reason", () => {
  const product = sharedBy(() => startProduct())
  beforeEach(() => closeAll(product().url))

  it.each([
    ["/pause", "**/runs/*/pause"],
    ["/stop", "**/runs/*/cancel"],
    ["/budget 2usd", "**/runs/*/budget"],
    ["/retry @run:list-files", "**/runs/*/retry"],
    ["look at #list.md", "**/runs/*/steer"],
    ["! ls -la", "**/tasks"],
    ["/plan a garden", "**/runs"],
    ["https://example.com/a", "**/runs"]
  ])("%s", async (line, address) => {
    const { expectProblem, page } = await visit(product())
    const { url } = product()
    const ended = await begin(url, "list files")
    await expect.poll(() => phaseOf(url, ended.run_id)).toBe("done")
    const { run_id } = await begin(url, "$ sleep 600")
    await inFront(page, url, run_id)
    await page.getByRole("button", { name: "1 run at work" }).waitFor()
    expectProblem("500")
    await page.route(address, (route) =>
      route.request().method() === "POST"
        ? route.fulfill({ status: 500, json: { error: "The disk is full" } })
        : route.continue()
    )
    await enter(page, line)
    await page.getByRole("alert").filter({ hasText: "The disk is full" }).waitFor()
    expect(await prompt(page).inputValue()).toBe(line)
    expect(await sent(page).count()).toBe(0)
    expect(await phaseOf(url, run_id)).toBe("working")
    await cancel(url, run_id)
  })
})
