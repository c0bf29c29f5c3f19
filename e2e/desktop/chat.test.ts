/** A conversation while it is had: what is live is what stays, and what is said reaches whom it is meant for. */
import type { Page } from "playwright-core"
import { describe, expect, it } from "vitest"
import { ask, startProduct } from "../support/product.ts"
import { live, visit } from "./desktop.ts"
import { begin, composer, phaseOf, said, shownIn, threadPath } from "./flows.ts"
import { heldModel } from "./heldModel.ts"

const held = async () => {
  const model = await heldModel()
  const product = await startProduct({ env: model.env })
  return { model, product, url: product.url }
}

/** Sends a first message in a conversation of its own, as a person does. */
const startConversation = async (page: Page, text: string): Promise<void> => {
  await composer(page).fill(text)
  await composer(page).press("Enter")
}

describe("live and reloaded", () => {
  it("a reload in mid-stream brings back thinking, calls and words, and the end is the same", {
    timeout: 60_000
  }, async () => {
    const { model, product } = await held()
    const { page } = await visit(product, { path: "/a/chat" })
    await startConversation(page, "Write the report")
    const first = await model.next()
    first.think("I look at what is there, and then I write.")
    first.say("First I write it down.")
    first.call("write_file", { path: "report.md", content: "# Report\n\n- one\n- two\n" })
    first.end()
    const second = await model.next()
    second.think("It is written. Now I say so.")
    second.say("## The report\n\nIt has **two** points:\n\n```ts\nconst points = ")

    const log = said(page)
    await log.getByText("const points =").waitFor()
    await log.getByRole("article", { name: /report\.md, Done$/ }).waitFor()
    await page.reload()
    await live(page)
    await log.getByText("const points =").waitFor()
    await log.getByRole("article", { name: /report\.md, Done$/ }).waitFor()
    await log.getByText("First I write it down.").waitFor()
    expect(await log.getByRole("button", { name: /^(Thought|Thinking)/ }).count()).toBe(2)
    expect(await log.getByText("const points =").count()).toBe(1)

    second.say("2\n```\n\nThat is all.")
    await log.getByText("That is all.").waitFor()
    await log.getByText("const points = 2").waitFor()
    second.end()
    await log.getByRole("button", { name: "Copy the answer" }).waitFor()
    const asItWas = await shownIn(log)
    expect(asItWas).toContain("That is all.")
    await page.reload()
    await live(page)
    await log.getByText("That is all.").waitFor()
    await expect.poll(() => shownIn(log)).toBe(asItWas)
  })

  it("two browsers see the same words as they come, and one that comes later sees them too", {
    timeout: 60_000
  }, async () => {
    const { model, product, url } = await held()
    const run = await begin(url, "Tell a story")
    const one = await visit(product, { path: threadPath(run) })
    const two = await visit(product, { viewport: { width: 1024, height: 768 } })
    await said(two.page).waitFor()
    const answer = await model.next()
    answer.say("Once upon a time ")
    await said(one.page).getByText("Once upon a time").waitFor()
    await said(two.page).getByText("Once upon a time").waitFor()
    answer.say("there was a choir.")
    const three = await visit(product)
    await said(three.page).getByText("Once upon a time there was a choir.").waitFor()
    answer.end()
    for (const { page } of [one, two, three]) {
      await said(page).getByRole("button", { name: "Copy the answer" }).waitFor()
    }
    const shown = await shownIn(said(one.page))
    await expect.poll(() => shownIn(said(two.page))).toBe(shown)
    await expect.poll(() => shownIn(said(three.page))).toBe(shown)
  })
})

describe("while a run works", () => {
  const working = async () => {
    const { model, product, url } = await held()
    const visitor = await visit(product, { path: "/a/chat" })
    await startConversation(visitor.page, "Count the birds")
    const answer = await model.next()
    answer.say("I count them. ")
    await said(visitor.page).getByText("I count them.").waitFor()
    return { ...visitor, model, answer, url }
  }

  const otherWay = async (page: Page, text: string, way: string) => {
    await composer(page).fill(text)
    await page.getByRole("button", { name: "Other ways to send" }).click()
    await page.getByRole("menuitem", { name: way }).click()
  }

  it("Enter steers it: the run hears it at its next step", async () => {
    const { answer, model, page, product } = await working()
    await composer(page).fill("Only the blue ones")
    await composer(page).press("Enter")
    await said(page).getByRole("article", { name: "Your message" }).filter({ hasText: "Only the blue ones" }).waitFor()
    // It shows before it has arrived, and a run that ends first is not steered any more.
    const taken = async () => JSON.stringify((await ask(`${product.url}/events?type=chat.user_msg`)).body)
    await expect.poll(taken).toContain("Only the blue ones")
    answer.end()
    const next = await model.next()
    expect(next.asked).toContain("Only the blue ones")
    next.say("Three are blue.")
    next.end()
    await said(page).getByText("Three are blue.").waitFor()
    await expect.poll(() => said(page).getByRole("button", { name: "Copy the answer" }).count()).toBe(1)
  })

  it("what is queued waits for the end, says so, and is a run of its own", async () => {
    const { answer, model, page } = await working()
    await otherWay(page, "And the fish", "Queue after")
    await said(page).getByText("Waits for the run before it to end").waitFor()
    answer.say("Five birds.")
    answer.end()
    const next = await model.next()
    expect(next.asked).toContain("And the fish")
    next.say("No fish.")
    next.end()
    await said(page).getByText("No fish.").waitFor()
    await expect.poll(() => said(page).getByRole("button", { name: "Copy the answer" }).count()).toBe(2)
    expect(await said(page).getByText("Waits for the run before it to end").count()).toBe(0)
  })

  it("stop and send ends it, and answers the new words", async () => {
    const { answer, model, page } = await working()
    await otherWay(page, "Count the trees instead", "Stop and send")
    await answer.closed
    const next = await model.next()
    next.say("Nine trees.")
    next.end()
    await said(page).getByText("Nine trees.").waitFor()
    await said(page).getByText("Stopped the run before it").waitFor()
    await said(page).getByText("I count them.").waitFor()
  })

  it("a new run has a conversation of its own, and the first works on", async () => {
    const { answer, model, page } = await working()
    await otherWay(page, "Something else", "New run")
    const next = await model.next()
    expect(next.asked).toContain("Something else")
    expect(next.asked).not.toContain("Count the birds")
    next.say("Something else it is.")
    next.end()
    await said(page).getByText("Something else it is.").waitFor()
    expect(await said(page).getByText("I count them.").count()).toBe(0)
    answer.end()
    await page.getByRole("button", { name: /^Count the birds/ }).click()
    await said(page).getByRole("button", { name: "Copy the answer" }).waitFor()
  })

  it("Stop stops it, what it had said stays, and it can be tried again, edited, forked", {
    timeout: 60_000
  }, async () => {
    const { answer, model, page } = await working()
    const conversation = page.getByRole("region", { name: "Conversation", exact: true })
    await conversation.getByRole("button", { name: "Stop", exact: true }).click()
    await answer.closed
    await said(page).getByText("Stopped").first().waitFor()
    await said(page).getByText("I count them.").waitFor()

    await said(page).getByRole("button", { name: "Try again" }).first().click()
    const again = await model.next()
    again.say("Six birds.")
    again.end()
    await said(page).getByText("Six birds.").waitFor()

    await said(page).getByRole("button", { name: "Edit and resend" }).last().click()
    await expect.poll(() => composer(page).inputValue()).toBe("Count the birds")
    await composer(page).fill("Count the cats")
    await page.getByRole("button", { name: "Resend", exact: true }).click()
    const edited = await model.next()
    expect(edited.asked).toContain("Count the cats")
    edited.say("Two cats.")
    edited.end()
    await said(page).getByText("Two cats.").waitFor()
    await said(page).getByText("In place of what was asked before").first().waitFor()

    await said(page).getByRole("button", { name: "More for this turn" }).last().click()
    await page.getByRole("menuitem", { name: "Fork into a new conversation" }).click()
    const forked = await model.next()
    forked.say("Two cats, again.")
    forked.end()
    await said(page).getByText("Two cats, again.").waitFor()
    await expect.poll(() => page.getByRole("button", { name: /^More for Count the/ }).count()).toBe(2)
  })

  it("pause holds it, resume lets it go on", async () => {
    const { answer, model, page } = await working()
    const conversation = page.getByRole("region", { name: "Conversation", exact: true })
    await conversation.getByRole("button", { name: "Pause", exact: true }).click()
    await conversation.getByText("Paused").first().waitFor()
    await conversation.getByRole("button", { name: "Resume", exact: true }).first().click()
    // The call it was in goes on, or is made anew.
    answer.end()
    const next = await Promise.race([
      model.next(),
      said(page).getByRole("button", { name: "Copy the answer" }).waitFor()
    ])
    if (next !== undefined) {
      next.say("Seven birds.")
      next.end()
    }
    await said(page).getByRole("button", { name: "Copy the answer" }).waitFor()
  })
})

describe("a message that can't be sent", () => {
  it("is put back where it was typed, with the reason, and nothing is doubled when it goes", async () => {
    const { model, product } = await held()
    const { expectProblem, page } = await visit(product, { path: "/a/chat" })
    await startConversation(page, "Hello there")
    const answer = await model.next()
    answer.say("Hello.")
    answer.end()
    await said(page).getByRole("button", { name: "Copy the answer" }).waitFor()
    expectProblem(/500/)
    await page.route("**/chat/send", (route) =>
      route.fulfill({
        status: 500,
        contentType: "application/json",
        body: '{"success":false,"error":"The disk is full"}'
      })
    )
    await composer(page).fill("Do not lose me")
    await composer(page).press("Enter")
    await page.getByText("The disk is full").waitFor()
    expect(await composer(page).inputValue()).toBe("Do not lose me")
    expect(await said(page).getByText("Do not lose me").count()).toBe(0)
    await page.unroute("**/chat/send")
    await composer(page).press("Enter")
    const next = await model.next()
    expect(next.asked).toContain("Do not lose me")
    next.say("You are here.")
    next.end()
    await said(page).getByText("You are here.").waitFor()
    expect(await said(page).getByText("Do not lose me").count()).toBe(1)
    expect(await composer(page).inputValue()).toBe("")
  })

  it("of the prompt comes back into the prompt", async () => {
    const { product, url } = await held()
    const { expectProblem, page } = await visit(product)
    expectProblem(/500/)
    await page.route("**/runs", (route) =>
      route.request().method() === "POST"
        ? route.fulfill({ status: 500, contentType: "application/json", body: '{"success":false,"error":"No room"}' })
        : route.continue()
    )
    const prompt = page.getByRole("textbox", { name: "Ask, or type a command" })
    await prompt.fill("Build a house")
    await prompt.press("Enter")
    await page.getByRole("alert").filter({ hasText: "No room" }).waitFor()
    expect(await prompt.inputValue()).toBe("Build a house")
    await expect.poll(() => page.getByRole("list", { name: "What was sent" }).count()).toBe(0)
    expect(await phaseOf(url, "none")).toBeUndefined()
  })
})
