/** What waits for a person: shown as it is, decided once, by who was first. */
import type { Locator, Page } from "playwright-core"
import { describe, expect, it } from "vitest"
import { ask } from "../support/product.ts"
import { openDesktop, rectOf, visit } from "./desktop.ts"
import { begin, fieldsOf, listOf, phaseOf, runPath, said, threadPath } from "./flows.ts"
import { type HeldAnswer, type HeldModel, heldModel } from "./heldModel.ts"

const deleting = "$ rm -rf build"
const intent = "Delete build and everything in it"

const careful = async (url: string) => {
  const { revision } = await fieldsOf(`${url}/rules`)
  expect((await ask(`${url}/rules`, "PUT", { preset: "careful", revision })).status).toBe(200)
}

const decidedOf = async (url: string) => {
  const all = await listOf(`${url}/approvals?status=all`, "approvals")
  return all.map(({ decided }) => decided)
}

const openInbox = async (page: Page): Promise<Locator> => {
  await page.getByRole("button", { name: /waits? for you$/ }).click()
  await page.getByRole("button", { name: "Open the inbox" }).click()
  const inbox = page.getByRole("region", { name: /^Inbox/ })
  await inbox.waitFor()
  return inbox
}

const cardIn = (within: Locator, name: string): Locator => within.getByRole("article", { name, exact: true })

/** A card takes answers when it has been looked at for a moment. */
const ready = (button: Locator) => expect.poll(() => button.getAttribute("aria-disabled")).toBeNull()

const decide = async (card: Locator, name: string) => {
  const button = card.getByRole("button", { name, exact: true })
  await ready(button)
  await button.click()
}

const callBash = (answer: HeldAnswer, command: string) => {
  answer.call("bash", { command })
  answer.end()
}

/** A run with two agents below it; each waits for what it is to do. */
const beginHouse = async (model: HeldModel, url: string) => {
  const run = await begin(url, "Build the house", { agent: "conductor" })
  const planning = await model.next()
  planning.call("plan", {
    parts: [
      { id: "walls", objective: "Build the walls", agent: "code" },
      { id: "roof", objective: "Build the roof", agent: "code" }
    ]
  })
  planning.end()
  const asked = [await model.next(), await model.next(), await model.next()]
  const conducts = (one: HeldAnswer) => one.asked.includes("Build the house")
  const of = (words: string) => {
    const one = asked.find((one) => one.asked.includes(words) && !conducts(one))
    if (one === undefined) throw new Error(`Nobody was asked to: ${words}`)
    return one
  }
  asked.find(conducts)?.end()
  return { run, walls: of("Build the walls"), roof: of("Build the roof") }
}

describe("a new card", () => {
  it("says what, why and by which rule; has its focus nowhere near Allow; and takes no click at first", async () => {
    const { context, page, product } = await openDesktop()
    // The moment in which a card is only looked at lasts until the test says so.
    await context.addInitScript(() => {
      const held: Array<() => void> = []
      const real = globalThis.setTimeout
      Object.assign(globalThis, {
        setTimeout: (run: () => void, ms?: number, ...rest: Array<unknown>) => {
          if (ms === 400) return held.push(run)
          return real(run, ms, ...rest)
        },
        letCardsBeDecided: () => {
          for (const run of held.splice(0)) run()
        }
      })
    })
    await page.reload()
    const answers: Array<string> = []
    page.on("request", (request) => {
      if (request.method() === "POST" && request.url().includes("/approvals/")) answers.push(request.postData() ?? "")
    })
    const run = await begin(product.url, deleting)
    const inbox = await openInbox(page)
    const card = cardIn(inbox, intent)
    await card.getByText("Destroys").waitFor()
    await expect.poll(() => card.locator("mark").allTextContents()).toContain("rm -rf")
    await card.getByText("Why: I run `rm -rf build`.").waitFor()
    await card.getByText(/^Asked by a rule: Balanced/).waitFor()
    expect(await card.getByRole("button", { name: /^Always allow/ }).count()).toBe(0)
    const allow = card.getByRole("button", { name: "Allow once" })
    expect(await allow.evaluate((button) => button === document.activeElement)).toBe(false)
    expect(await allow.getAttribute("aria-disabled")).toBe("true")
    const { height, width, x, y } = await rectOf(allow)
    await page.mouse.click(x + width / 2, y + height / 2)
    await allow.focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Control+Enter")
    expect(await decidedOf(product.url)).toEqual([null])

    await page.evaluate("letCardsBeDecided()")
    await ready(allow)
    await page.mouse.click(x + width / 2, y + height / 2)
    await expect.poll(() => decidedOf(product.url)).toMatchObject([{ decision: "once", by: "user" }])
    expect(answers).toHaveLength(1)
    await expect.poll(() => phaseOf(product.url, run.run_id)).toBe("done")
    await card.getByText("Allowed once by you").waitFor()
  })

  it("is decided by keys where it has the focus", async () => {
    const { page, product } = await openDesktop()
    await begin(product.url, deleting)
    const card = cardIn(await openInbox(page), intent)
    await ready(card.getByRole("button", { name: "Deny", exact: true }))
    await card.focus()
    await page.keyboard.press("Control+Backspace")
    await expect.poll(() => decidedOf(product.url)).toMatchObject([{ decision: "deny" }])
    await card.getByText("Denied by you").waitFor()
  })
})

describe("two screens", () => {
  it("the first answer wins on both, and who comes too late is told so", async () => {
    const first = await openDesktop()
    const { product, page } = first
    const second = await visit(product, { viewport: { width: 1024, height: 768 } })
    const run = await begin(product.url, deleting)
    const one = cardIn(await openInbox(page), intent)
    const two = cardIn(await openInbox(second.page), intent)
    // The second screen hears nothing from now on, as on a slow line.
    await ready(two.getByRole("button", { name: "Allow once" }))
    await ready(one.getByRole("button", { name: "Deny", exact: true }))
    await second.page.route("**/approvals/*", async (route) => {
      await decide(one, "Deny")
      await expect.poll(() => decidedOf(product.url)).toMatchObject([{ decision: "deny" }])
      await route.continue()
    })
    second.expectProblem(/409/)
    await two.getByRole("button", { name: "Allow once" }).click()
    const told = second.page.getByRole("status").filter({ hasText: "It was decided before" })
    await told.getByText("Denied by you.").waitFor()
    await two.getByText("Denied by you").waitFor()
    await one.getByText("Denied by you").waitFor()
    expect(await decidedOf(product.url)).toMatchObject([{ decision: "deny" }])
    await expect.poll(() => phaseOf(product.url, run.run_id)).toBe("done")
  })

  it("what is another request by now is asked again, with what has changed", async () => {
    const { expectProblem, page, product } = await openDesktop()
    const run = await begin(product.url, deleting)
    await expect.poll(() => decidedOf(product.url)).toEqual([null])
    // This screen still has the request as it was before.
    await page.route("**/approvals?**", async (route) => {
      const response = await route.fetch()
      const text = await response.text()
      await route.fulfill({
        response,
        body: text
          .replaceAll("rm -rf build", "rm -rf cache")
          .replace(/"request_hash":"[0-9a-f]+"/, `"request_hash":"${"0".repeat(64)}"`)
      })
    })
    await page.reload()
    const card = (await openInbox(page)).getByRole("article", { name: intent })
    await card.getByText("rm -rf cache").first().waitFor()
    expectProblem(/409/)
    await decide(card, "Allow once")
    await card.getByText("The request is another one by now; look at it again. Nothing was decided.").waitFor()
    await expect.poll(() => card.locator("del").allTextContents()).toEqual(["rm -rf cache"])
    expect(await decidedOf(product.url)).toEqual([null])
    await decide(card, "Allow once")
    await expect.poll(() => decidedOf(product.url)).toMatchObject([{ decision: "once" }])
    await expect.poll(() => phaseOf(product.url, run.run_id)).toBe("done")
  })
})

describe("answers", () => {
  it("a denial with a note reaches the agent, which goes on with it", async () => {
    const model = await heldModel()
    const { page, product } = await openDesktop({ env: model.env })
    await begin(product.url, "Clean up")
    const first = await model.next()
    first.call("bash", { command: "rm -rf build" })
    first.end()
    const card = cardIn(await openInbox(page), intent)
    await card.getByRole("button", { name: "Deny with a note…" }).click()
    const note = card.getByRole("textbox", { name: /^Tell the agent why/ })
    await note.fill("Keep the build, remove the cache")
    await decide(card, "Deny and tell it")
    const next = await model.next()
    expect(next.asked).toContain("Keep the build, remove the cache")
    next.end()
    await card.getByText("Keep the build, remove the cache").waitFor()
  })

  it("arguments can be changed before they are allowed: what runs is what was seen", async () => {
    const { page, product } = await openDesktop()
    await begin(product.url, deleting)
    const card = cardIn(await openInbox(page), intent)
    await card.getByRole("button", { name: "Change", exact: true }).click()
    await card.getByRole("textbox", { name: "command" }).fill("echo kept the build")
    await card.getByText(/^As you changed it:/).waitFor()
    await decide(card, "Allow once, as changed")
    await card.getByText("Allowed once by you, with changed arguments").waitFor()
    await page.getByRole("button", { name: "No run at work", exact: true }).waitFor()
    expect((await ask(`${product.url}/events?type=tool.result`)).body).toMatchObject({
      events: [{ payload: { output: expect.stringContaining("kept the build") } }]
    })
  })

  it("what is begun on a card stays with it and is written on, alone and in a group", { timeout: 60_000 }, async () => {
    const model = await heldModel()
    const { page, product } = await openDesktop({ env: model.env })
    const { roof, walls } = await beginHouse(model, product.url)
    callBash(walls, "rm -rf build")
    const inbox = await openInbox(page)
    const card = cardIn(inbox, intent)
    const command = card.getByRole("textbox", { name: "command" })
    const note = card.getByRole("textbox", { name: /^Tell the agent why/ })
    await card.getByRole("button", { name: "Change", exact: true }).click()
    await command.fill("rm -rf build/old")
    await card.getByRole("button", { name: "Deny with a note…" }).click()
    await page.keyboard.type("Keep it:")

    callBash(roof, "rm -rf cache")
    const group = inbox.getByRole("article", { name: "2 requests of the same kind: bash" })
    await group.waitFor()
    await page.keyboard.type(" it is")
    await expect.poll(() => note.inputValue()).toBe("Keep it: it is")
    expect(await command.inputValue()).toBe("rm -rf build/old")

    const answered = Promise.withResolvers<void>()
    await page.route("**/approvals/*", async (route) => {
      await answered.promise
      await route.continue()
    })
    await group.getByRole("button", { name: /Delete cache/ }).click()
    await decide(cardIn(inbox, "Delete cache and everything in it"), "Allow once")
    await note.press("End")
    answered.resolve()
    await group.waitFor({ state: "detached" })
    await page.keyboard.type(" mine")
    await expect.poll(() => note.inputValue()).toBe("Keep it: it is mine")
    expect(await command.inputValue()).toBe("rm -rf build/old")
    await decide(card, "Deny and tell it")
    await card.getByText("Denied by you").waitFor()
    expect(await decidedOf(product.url)).toContainEqual(expect.objectContaining({ note: "Keep it: it is mine" }))
  })

  it("always makes a rule that Settings shows, and the same is not asked again", async () => {
    const { page, product, window } = await openDesktop()
    await careful(product.url)
    await begin(product.url, "$ mkdir one")
    const inbox = await openInbox(page)
    await decide(inbox.getByRole("article").filter({ hasText: "mkdir one" }).first(), "Always allow mkdir *")
    await page.getByRole("button", { name: "Nothing waits for you" }).waitFor()
    const again = await begin(product.url, "$ mkdir two")
    await expect.poll(() => phaseOf(product.url, again.run_id)).toBe("done")
    expect(await decidedOf(product.url)).toHaveLength(1)
    await inbox.getByRole("button", { name: "Close", exact: true }).click()
    await page.getByRole("navigation", { name: "Apps" }).getByRole("button", { name: "Settings" }).dblclick()
    await window("Settings").getByRole("button", { name: "Permissions" }).click()
    await window("Settings")
      .getByRole("list", { name: "Rules, in their order" })
      .getByRole("listitem")
      .filter({ hasText: "mkdir *" })
      .waitFor()
  })

  it.each([
    ["Allow all 2 once", "once"],
    ["Allow for this run", "run"]
  ])("requests of the same kind are decided together, with each in sight: %s", async (button, decision) => {
    const { page, product } = await openDesktop()
    const run = await begin(product.url, "do $ rm -rf build and $ rm -rf cache", { agent: "conductor" })
    const inbox = await openInbox(page)
    const group = inbox.getByRole("article", { name: "2 requests of the same kind: bash" })
    await group.getByRole("button", { name: /Delete build/ }).waitFor()
    await group.getByRole("button", { name: /Delete cache/ }).waitFor()
    await decide(group, button)
    await expect.poll(() => phaseOf(product.url, run.run_id)).toBe("done")
    expect(await decidedOf(product.url)).toMatchObject([{ decision }, { decision }])
    await page.getByRole("button", { name: "Nothing waits for you" }).waitFor()
  })

  it("of requests that are decided together by a new rule, what the rule settles is no news to who made it", async () => {
    const { expectProblem, page, product } = await openDesktop()
    // The second answer may come before the page has heard of the rule's.
    expectProblem(/409/)
    await careful(product.url)
    await begin(product.url, "do $ mkdir one and $ mkdir two", { agent: "conductor" })
    const inbox = await openInbox(page)
    await decide(inbox.getByRole("article", { name: "2 requests of the same kind: bash" }), "Always allow mkdir *")
    await page.getByRole("button", { name: "Nothing waits for you" }).waitFor()
    // By the rule where it was sooner, else by the second answer.
    const decisions = (await decidedOf(product.url)).map((decided) => Object(decided).decision)
    expect([
      ["always", "always"],
      ["always", "once"]
    ]).toContainEqual(decisions.sort())
    expect(await page.getByText("It was decided before").count()).toBe(0)
  })

  it("of requests that are decided together, the last is not forgotten when it fails", async () => {
    const { expectProblem, page, product } = await openDesktop()
    await begin(product.url, "do $ rm -rf build and $ rm -rf cache", { agent: "conductor" })
    const inbox = await openInbox(page)
    const group = inbox.getByRole("article", { name: "2 requests of the same kind: bash" })
    await group.waitFor()
    expectProblem(/500/)
    let sent = 0
    await page.route("**/approvals/*", async (route) => {
      sent += 1
      if (sent === 1) return route.continue()
      // By now it stands alone.
      await group.waitFor({ state: "detached" })
      await route.fulfill({ status: 500, json: { success: false, error: "The disk is full" } })
    })
    await decide(group, "Allow all 2 once")
    await page.getByText("A request was not decided").first().waitFor()
    await page
      .getByText(/^Delete .*: The disk is full$/)
      .first()
      .waitFor()
    await page.unroute("**/approvals/*")
    await decide(inbox.getByRole("article").filter({ hasText: "Allow once" }), "Allow once")
    await expect.poll(() => decidedOf(product.url)).toMatchObject([{ decision: "once" }, { decision: "once" }])
  })

  it.each([
    ["Chat", threadPath, "Allow all 2 once", "once"],
    ["Run", runPath, "Deny all 2", "deny"]
  ] as const)("requests of the same kind stand together in %s too", async (_, path, button, decision) => {
    const { page, product } = await openDesktop()
    const run = await begin(product.url, "do $ rm -rf build and $ rm -rf cache", { agent: "conductor" })
    await expect.poll(() => decidedOf(product.url)).toHaveLength(2)
    await page.goto(`${product.url}${path(run)}`)
    const group = page.getByRole("article", { name: "2 requests of the same kind: bash" })
    await group.getByRole("button", { name: /Delete build/ }).waitFor()
    await group.getByRole("button", { name: /Delete cache/ }).waitFor()
    expect(await page.getByRole("article", { name: /^Delete / }).count()).toBe(0)
    await decide(group, button)
    await expect.poll(() => decidedOf(product.url)).toMatchObject([{ decision }, { decision }])
    await group.waitFor({ state: "detached" })
    await page.getByRole("button", { name: "Nothing waits for you" }).waitFor()
  })

  it("an agent waits, and its sibling works on to its end", { timeout: 60_000 }, async () => {
    const model = await heldModel()
    const { page, product } = await openDesktop({ env: model.env })
    const { roof, run, walls } = await beginHouse(model, product.url)
    callBash(walls, "rm -rf build")
    const card = cardIn(await openInbox(page), intent)
    await card.waitFor()

    const childOf = async (objective: string) => {
      const runs = await listOf(`${product.url}/runs`, "runs")
      return runs.find((one) => String(one.objective).includes(objective))
    }
    roof.call("write_file", { path: "roof.txt", content: "a roof" })
    roof.end()
    const more = await model.next()
    more.say("The roof is on.")
    more.end()
    await expect.poll(async () => (await childOf("Build the roof"))?.phase).toBe("done")
    expect((await childOf("Build the walls"))?.phase).toBe("waiting_for_you")
    expect(await phaseOf(product.url, run.run_id)).toBe("waiting_on_agent")
    expect(await decidedOf(product.url)).toEqual([null])
    await page.goto(`${product.url}${runPath(run)}`)
    const part = (heading: string) =>
      page
        .getByRole("tabpanel", { name: "Story" })
        .getByRole("listitem")
        .filter({ has: page.getByRole("heading", { name: heading }) })
    await part("Build the walls").getByRole("img", { name: "Waiting for you" }).waitFor()
    await part("Build the roof").getByRole("img", { name: "Done" }).waitFor()
    await decide(
      page.getByRole("region", { name: "Waiting for you" }).getByRole("article", { name: intent }),
      "Allow once"
    )
    await expect.poll(() => decidedOf(product.url)).toMatchObject([{ decision: "once" }])
  })

  it("a question is answered where it is read, and an agent that asks goes on with it", async () => {
    const { page, product, window } = await openDesktop()
    const run = await begin(product.url, "ask me Which colour?")
    await page.goto(`${product.url}${threadPath(run)}`)
    const question = said(window("ask me Which colour?")).getByRole("article", { name: "Question of chat" })
    await question.getByRole("textbox", { name: "Your answer" }).fill("Green as grass")
    await decide(question, "Answer")
    await expect.poll(() => phaseOf(product.url, run.run_id)).toBe("done")
    await said(page).getByText("Green as grass").first().waitFor()
    await page.getByRole("button", { name: "Nothing waits for you" }).waitFor()
  })

  it("a question that was answered takes no second answer before the computer says what became of it", async () => {
    const { page, product } = await openDesktop()
    await begin(product.url, "ask me Which colour?")
    const question = (await openInbox(page)).getByRole("article", { name: "Question of chat" })
    // The answer to the request is here before the event is, as on a slow line.
    const reached = Promise.withResolvers<void>()
    const sent: Array<Promise<unknown>> = []
    await page.route("**/questions/*", async (route) => {
      const { pathname } = new URL(route.request().url())
      sent.push(reached.promise.then(() => ask(`${product.url}${pathname}`, "POST", route.request().postDataJSON())))
      await route.fulfill({ json: { success: true, message: "Answered" } })
    })
    const button = question.getByRole("button", { name: "Answer", exact: true })
    await question.getByRole("textbox", { name: "Your answer" }).fill("Green as grass")
    await ready(button)
    const told = page.waitForResponse("**/questions/*")
    await button.click()
    await (await told).finished()
    await question.getByRole("textbox", { name: "Your answer" }).press("Control+Enter")
    expect(await button.getAttribute("aria-busy")).toBe("true")
    reached.resolve()
    await question.waitFor({ state: "detached" })
    expect(await Promise.all(sent)).toMatchObject([{ status: 200 }])
  })
})
