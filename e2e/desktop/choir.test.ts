/** The choir: who works, in three views, and what is said to them from there. */
import type { Locator, Page } from "playwright-core"
import { describe, expect, it } from "vitest"
import { startProduct } from "../support/product.ts"
import { openDesktop, visit } from "./desktop.ts"
import { type Begun, begin, listOf, phaseOf } from "./flows.ts"
import { type HeldAnswer, heldModel } from "./heldModel.ts"

const choirOf = (page: Page) => page.locator("[data-app='choir']")

const show = (choir: Locator, view: "Stage" | "Lanes" | "Table") =>
  choir.getByRole("radio", { name: view }).check({ force: true })

const cardOf = (choir: Locator, { run_id }: Pick<Begun, "run_id">) => choir.locator(`li[data-run='${run_id}']`)

/** Runs as a list shows them, in its order. */
const runsIn = (list: Locator): Promise<ReadonlyArray<string>> =>
  list.evaluate((element) =>
    [...element.querySelectorAll<HTMLElement>("[data-run]")]
      .map((row) => ({ run: row.dataset.run ?? "", at: row.getBoundingClientRect() }))
      .sort((a, b) => a.at.y - b.at.y || a.at.x - b.at.x)
      .map(({ run }) => run)
  )

const choose = async (choir: Locator, run: Begun, item: string) => {
  await cardOf(choir, run)
    .getByRole("button", { name: /^More for/ })
    .click()
  await choir.page().getByRole("menuitem", { name: item, exact: true }).click()
}

const notice = (page: Page, text: string) => page.getByRole("status").filter({ hasText: text })

/** What a person has said to a run after it began, by the log. */
const toldTo = async (url: string, { thread_id }: Begun): Promise<ReadonlyArray<unknown>> => {
  const events = await listOf(`${url}/events?type=chat.user_msg&limit=1000`, "events")
  const texts = events.filter((event) => event.thread_id === thread_id).map(({ payload }) => payload)
  return texts.slice(1).map((payload) => (payload as { readonly text: string }).text)
}

/** Two runs of which each is in the middle of its first answer. */
const two = async () => {
  const model = await heldModel()
  const product = await startProduct({ env: model.env })
  const birds = await begin(product.url, "Count the birds")
  const ofBirds = await model.next()
  const fish = await begin(product.url, "Count the fish")
  const ofFish = await model.next()
  const visitor = await visit(product, { path: "/a/choir" })
  const choir = choirOf(visitor.page)
  await cardOf(choir, birds).waitFor()
  await cardOf(choir, fish).waitFor()
  return { ...visitor, model, url: product.url, choir, birds, ofBirds, fish, ofFish }
}

describe("three views of the same agents", () => {
  it("by tier, with what each does and who waits for whom; who needs a person comes first", {
    timeout: 90_000
  }, async () => {
    const model = await heldModel()
    const { page, product } = await openDesktop({ env: model.env, path: "/a/choir" })
    const choir = choirOf(page)
    const chat = await begin(product.url, "Clean up")
    const ofChat = await model.next()
    const house = await begin(product.url, "Build the house", { agent: "conductor" })
    const planning = await model.next()
    planning.call("plan", {
      parts: [
        { id: "walls", objective: "Build the walls", agent: "code" },
        { id: "roof", objective: "Build the roof", agent: "code" }
      ]
    })
    planning.end()
    const asked: ReadonlyArray<HeldAnswer> = [await model.next(), await model.next(), await model.next()]
    const [conducting, ...others] = asked.filter((one) => one.asked.includes("Build the house"))
    const building = asked.filter((one) => one !== conducting)
    expect(others).toEqual([])
    conducting?.say("They build.")
    conducting?.end()
    for (const one of building) {
      one.call("bash", { command: "sleep 600" })
      one.end()
    }

    const floor = choir.getByRole("region", { name: "Agents at work" })
    await floor.getByRole("heading", { name: "Started by you 2" }).waitFor()
    await floor.getByRole("heading", { name: "Helping them 2" }).waitFor()
    const helping = floor.getByRole("listitem").filter({ hasText: "code for conductor" })
    await expect.poll(() => helping.filter({ hasText: "Running sleep 600" }).count()).toBe(2)
    await cardOf(choir, house).getByText("Waiting on agent", { exact: true }).waitFor()
    await cardOf(choir, house).getByText("Waiting on code").waitFor()
    await cardOf(choir, house).getByText("0 of 2 parts").waitFor()
    await cardOf(choir, chat).getByText("Thinking").waitFor()
    const edges = floor.locator("svg path[data-waits='true']")
    await expect.poll(() => edges.count()).toBe(2)

    // The later one is first, until the other needs somebody.
    const startedByYou = async () => (await runsIn(floor)).slice(0, 2)
    await expect.poll(startedByYou).toEqual([house.run_id, chat.run_id])
    ofChat.call("bash", { command: "rm -rf build" })
    ofChat.end()
    await cardOf(choir, chat).getByText("Waiting for you").first().waitFor()
    await expect.poll(startedByYou).toEqual([chat.run_id, house.run_id])
    await choir.getByText("1 waiting for you").first().waitFor()
    const onStage = await runsIn(floor)
    expect(new Set(onStage).size).toBe(4)

    await show(choir, "Lanes")
    const lanes = choir.getByRole("list", { name: "Lanes of the agents" })
    await expect.poll(async () => (await runsIn(lanes)).toSorted()).toEqual(onStage.toSorted())
    expect((await runsIn(lanes))[0]).toBe(chat.run_id)
    await lanes.getByRole("img", { name: "conductor is waiting on another agent; the table has it in words" }).waitFor()
    await lanes.getByRole("img", { name: "code is working; the table has it in words" }).first().waitFor()

    await show(choir, "Table")
    const table = choir.getByRole("grid", { name: "Runs" })
    await expect.poll(async () => (await runsIn(table)).toSorted()).toEqual(onStage.toSorted())
    expect((await runsIn(table))[0]).toBe(chat.run_id)
    const row = (run_id: string) => table.locator(`[role='row'][data-run='${run_id}']`)
    await row(chat.run_id).getByRole("gridcell", { name: "Waiting for you" }).waitFor()
    await row(house.run_id).getByRole("gridcell", { name: "Waiting on agent" }).waitFor()
    await expect.poll(() => table.getByRole("gridcell", { name: "Running sleep 600" }).count()).toBe(2)

    await show(choir, "Stage")
    await cardOf(choir, chat).getByRole("button", { name: "Answer" }).click()
    await page
      .getByRole("region", { name: /^Inbox/ })
      .getByRole("article", { name: "Delete build and everything in it" })
      .waitFor()
  })
})

describe("what is said from the choir", () => {
  it("a whisper reaches one run, and once, also where its answer was lost on the way", {
    timeout: 60_000
  }, async () => {
    const { birds, choir, expectProblem, fish, model, ofBirds, page, url } = await two()
    expectProblem(/ERR_FAILED/)
    let sent = 0
    await page.route("**/steer", async (route) => {
      sent += 1
      await route.fetch()
      await route.abort()
    })
    await choose(choir, birds, "Whisper…")
    const dialog = page.getByRole("dialog", { name: "Whisper to chat" })
    await dialog.getByText(/It works on “Count the birds”/).waitFor()
    await dialog.getByRole("textbox", { name: "What to say" }).fill("Only the blue ones")
    await dialog.getByRole("button", { name: "Whisper", exact: true }).click()
    await dialog.getByText("The computer can't be reached").waitFor()
    await page.unroute("**/steer")
    await dialog.getByRole("button", { name: "Whisper", exact: true }).click()
    await notice(page, "chat hears it at its next step").waitFor()
    await dialog.waitFor({ state: "detached" })
    expect(sent).toBe(1)
    expect(await toldTo(url, birds)).toEqual(["Only the blue ones"])
    expect(await toldTo(url, fish)).toEqual([])
    ofBirds.end()
    expect((await model.next()).asked).toContain("Only the blue ones")
  })

  it("a broadcast reaches all that are open, and says how many took it", { timeout: 60_000 }, async () => {
    const { birds, choir, expectProblem, fish, ofFish, model, page, url } = await two()
    const say = async (text: string) => {
      await choir.getByRole("button", { name: "Broadcast to all open runs" }).click()
      const dialog = page.getByRole("dialog", { name: "Broadcast to all" })
      await dialog.getByText("2 open runs will hear this at the next step.").waitFor()
      await dialog.getByRole("textbox", { name: "What to say" }).fill(text)
      await dialog.getByRole("button", { name: "Say it to 2" }).click()
      await dialog.waitFor({ state: "detached" })
    }
    await say("Lunch is at noon")
    await notice(page, "All 2 took it").waitFor()
    expect(await toldTo(url, birds)).toEqual(["Lunch is at noon"])
    expect(await toldTo(url, fish)).toEqual(["Lunch is at noon"])
    ofFish.end()
    expect((await model.next()).asked).toContain("Lunch is at noon")

    expectProblem(/500/)
    await page.route(`**/runs/${birds.run_id}/steer`, (route) =>
      route.fulfill({ status: 500, contentType: "application/json", body: '{"success":false,"error":"No room"}' })
    )
    await say("Come back")
    await notice(page, "1 of 2 took it").getByText("chat: No room").waitFor()
    expect(await toldTo(url, birds)).toEqual(["Lunch is at noon"])
    expect(await toldTo(url, fish)).toEqual(["Lunch is at noon", "Come back"])
  })
})

describe("what is done from the choir", () => {
  it("a run is taken over and handed back, paused and resumed; the other works on", { timeout: 60_000 }, async () => {
    const { birds, choir, fish, page, url } = await two()
    await choose(choir, birds, "Take over")
    await expect.poll(() => phaseOf(url, birds.run_id)).toBe("paused")
    await expect.poll(() => page.locator("[data-active='true'][data-window]").getAttribute("data-app")).toBe("chat")
    await page.getByRole("region", { name: "Count the birds", exact: true }).waitFor()
    await cardOf(choir, birds).getByText("Paused").first().waitFor()
    expect(await phaseOf(url, fish.run_id)).toBe("working")

    await page
      .getByRole("toolbar", { name: "Open windows" })
      .getByRole("button", { name: /^Choir/ })
      .click()
    await choose(choir, birds, "Hand back")
    await expect.poll(() => phaseOf(url, birds.run_id)).toBe("working")
    await choose(choir, fish, "Pause")
    await expect.poll(() => phaseOf(url, fish.run_id)).toBe("paused")
    await cardOf(choir, fish).getByRole("button", { name: "Resume" }).click()
    await expect.poll(() => phaseOf(url, fish.run_id)).toBe("working")
  })

  it("one is stopped, or all are, when it was meant", { timeout: 60_000 }, async () => {
    const { birds, choir, fish, model, page, url } = await two()
    const trees = await begin(url, "Count the trees")
    await model.next()
    await choose(choir, trees, "Stop")
    await expect.poll(() => phaseOf(url, trees.run_id)).toBe("stopped")
    expect(await phaseOf(url, birds.run_id)).toBe("working")

    await choir.getByRole("button", { name: "Stop all runs" }).click()
    const sure = page.getByRole("dialog", { name: "Stop 2 runs?" })
    await sure.getByRole("button", { name: "Keep them going" }).click()
    await sure.waitFor({ state: "detached" })
    expect(await phaseOf(url, fish.run_id)).toBe("working")
    await choir.getByRole("button", { name: "Stop all runs" }).click()
    await sure.getByRole("button", { name: "Stop all" }).click()
    await notice(page, "2 runs stopped").waitFor()
    for (const run of [birds, fish]) await expect.poll(() => phaseOf(url, run.run_id)).toBe("stopped")
    await choir.getByText("Nobody is at work").waitFor()
    await expect
      .poll(() => runsIn(choir.getByRole("region", { name: "Ended today" })).then(({ length }) => length))
      .toBe(3)
  })
})
