/** A conversation while it is had: what is live is what stays, and what is said reaches whom it is meant for. */
import type { Locator, Page } from "playwright-core"
import { describe, expect, it } from "vitest"
import { ask, startProduct } from "../support/product.ts"
import { newVisitor } from "./browser.ts"
import { live, visit } from "./desktop.ts"
import {
  answerQuiet,
  begin,
  composer,
  listOf,
  movableClock,
  phaseOf,
  quietHint,
  said,
  shownIn,
  threadPath
} from "./flows.ts"
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

describe("an answer", () => {
  const code = `const points = [${Array.from({ length: 60 }, (_, at) => at).join(", ")}]\nconst sum = "<b>"`
  const answer = `The **code**:\n\n\`\`\`ts\n${code}\n\`\`\`\n\n| a | b |\n|---|---|\n| 1 | \\(x^2\\) |\n\n\\[\ny = x^2\n\\]\n\nThat is all.`

  const copied = (page: Page) => page.evaluate(() => navigator.clipboard.readText())

  it("has code that wraps and is copied as it is; the answer and what was asked are copied whole", async () => {
    const { model, product } = await held()
    const { page } = await visit(product, { path: "/a/chat" })
    await startConversation(page, "Show me\n  the `code`")
    const written = await model.next()
    written.say(answer)
    written.end()
    const log = said(page)
    await log.getByRole("button", { name: "Copy the answer" }).waitFor()

    const block = log.getByRole("figure", { name: "Code, ts" })
    const isWide = () => block.locator("pre").evaluate(({ clientWidth, scrollWidth }) => scrollWidth > clientWidth)
    const wrap = block.getByRole("button", { name: "Wrap long lines" })
    await expect.poll(isWide).toBe(true)
    await wrap.click()
    await expect.poll(() => wrap.getAttribute("aria-pressed")).toBe("true")
    await expect.poll(isWide).toBe(false)
    await wrap.click()
    await expect.poll(isWide).toBe(true)

    await block.getByRole("button", { name: "Copy code" }).click()
    await expect.poll(() => copied(page)).toBe(code)

    await log.getByRole("button", { name: "Copy the answer" }).click()
    await expect.poll(() => copied(page)).toBe(answer)
    await log.getByRole("button", { name: "Copy the message" }).click()
    await expect.poll(() => copied(page)).toBe("Show me\n  the `code`")

    await log.getByRole("cell").locator(".katex").waitFor()
    await log.locator(".katex-display").waitFor()
    expect(await log.locator(".katex").count()).toBe(2)
  })
})

describe("a conversation that is longer than its window", () => {
  const paragraphs = (count: number, name: string) =>
    Array.from({ length: count }, (_, at) => `${name} ${at + 1} of a story that goes on.`).join("\n\n")

  /** The first words in sight, and how far below the edge they stand. */
  const firstSeen = (log: Locator) =>
    log.evaluate((element) => {
      const { top } = element.getBoundingClientRect()
      const lines = [...element.querySelectorAll("p, li")]
      const first = lines.find((line) => line.textContent !== "" && line.getBoundingClientRect().top >= top)
      return first === undefined ? null : [first.textContent, first.getBoundingClientRect().top - top]
    })

  const fromEnd = (log: Locator) =>
    log.evaluate(({ clientHeight, scrollHeight, scrollTop }) => Math.round(scrollHeight - clientHeight - scrollTop))

  const scrollUp = (log: Locator, by: number) =>
    log.evaluate((element, by) => element.scrollTo({ top: element.scrollTop - by }), by)

  /** A conversation of one long answer, at its end, and a second answer that has begun. */
  const reading = async () => {
    const { model, product } = await held()
    const { page } = await visit(product, { path: "/a/chat" })
    await startConversation(page, "Tell a story")
    const first = await model.next()
    first.say(paragraphs(60, "Paragraph"))
    first.end()
    const log = said(page)
    await log.getByRole("button", { name: "Copy the answer" }).waitFor()
    await composer(page).fill("Go on")
    await composer(page).press("Enter")
    const second = await model.next()
    await log.getByText("Go on", { exact: true }).waitFor()
    await expect.poll(() => fromEnd(log)).toBe(0)
    return { model, page, log, second }
  }

  it("leaves who reads further up where they are, and says how much is new, also of what folds into a line", async () => {
    const { log, model, page, second } = await reading()
    await scrollUp(log, 900)
    await page.getByRole("button", { name: "Go to the end" }).waitFor()
    const place = await firstSeen(log)
    expect(place?.[0]).toMatch(/^Paragraph/)
    second.say("I look around.")
    await page.getByRole("button", { name: "1 new, go to the end" }).waitFor()
    for (let times = 0; times < 3; times++) second.call("list_files", { path: "." })
    second.end()
    const third = await model.next()
    await page.getByRole("button", { name: "4 new, go to the end" }).waitFor()
    third.say(paragraphs(30, "Verse"))
    const pill = page.getByRole("button", { name: "5 new, go to the end" })
    await pill.waitFor()
    expect(await firstSeen(log)).toEqual(place)

    await pill.click()
    await log.getByText("Verse 30 of").waitFor()
    await log.getByRole("button", { name: /^Listed 3 folders/ }).waitFor()
    await expect.poll(() => fromEnd(log)).toBe(0)
    expect(await page.getByRole("button", { name: /go to the end$/i }).count()).toBe(0)
    third.say(`\n\n${paragraphs(10, "Line")}`)
    await log.getByText("Line 10 of").waitFor()
    await expect.poll(() => fromEnd(log)).toBe(0)
    third.end()
  })

  it("follows within 48 px of the end, and no further off", async () => {
    const { log, page, second } = await reading()
    second.say(paragraphs(20, "Verse"))
    await log.getByText("Verse 20 of").waitFor()
    await expect.poll(() => fromEnd(log)).toBe(0)
    await scrollUp(log, 40)
    await expect.poll(() => fromEnd(log)).toBe(40)
    second.say(`\n\n${paragraphs(5, "Line")}`)
    await log.getByText("Line 5 of").waitFor()
    await expect.poll(() => fromEnd(log)).toBe(0)

    await scrollUp(log, 60)
    const pill = page.getByRole("button", { name: "Go to the end" })
    await pill.waitFor()
    const place = await firstSeen(log)
    second.say(`\n\n${paragraphs(5, "End")}`)
    await expect.poll(() => fromEnd(log)).toBeGreaterThan(100)
    expect(await firstSeen(log)).toEqual(place)
    // Back by hand, not quite to the end.
    await log.evaluate((element) => element.scrollTo({ top: element.scrollHeight - element.clientHeight - 40 }))
    await pill.waitFor({ state: "detached" })
    second.say(`\n\n${paragraphs(5, "Coda")}`)
    await log.getByText("Coda 5 of").waitFor()
    await expect.poll(() => fromEnd(log)).toBe(0)
    second.end()
  })

  it("what is read of an answer that is still written stays where it is", async () => {
    const { log, page, second } = await reading()
    const points = (count: number, name: string) =>
      Array.from({ length: count }, (_, at) => `- ${name} ${at + 1} of a list\n`).join("")
    // A list is one row, however long.
    second.say(points(80, "Point"))
    await log.getByText("Point 80 of").waitFor()
    await expect.poll(() => fromEnd(log)).toBe(0)
    await scrollUp(log, 400)
    await page.getByRole("button", { name: "Go to the end" }).waitFor()
    const place = await firstSeen(log)
    expect(place?.[0]).toMatch(/^Point/)
    second.say(points(40, "Further point"))
    await expect.poll(() => fromEnd(log)).toBeGreaterThan(700)
    expect(await firstSeen(log)).toEqual(place)
    second.end()
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

  it("one that is quiet for 30 s is asked about, and no more when it speaks: Nudge asks it where it is, Stop stops it", {
    timeout: 60_000
  }, async () => {
    const { model, product } = await held()
    const { page } = await newVisitor()
    const putForward = await movableClock(page)
    await page.goto(`${product.url}/a/chat`)
    await live(page)
    await startConversation(page, "Count the birds")
    const first = await model.next()
    await said(page).getByRole("button", { name: "Stop the run" }).waitFor()
    expect(
      await said(page)
        .getByText(/^last sign/)
        .count()
    ).toBe(0)
    await putForward(12)
    await said(page)
      .getByText(/^last sign 1\d s ago$/)
      .waitFor()
    expect(await quietHint(page).count()).toBe(0)
    await putForward(20)
    await quietHint(said(page)).waitFor()
    first.say("I count them.")
    await said(page).getByText("I count them.").waitFor()
    await quietHint(page).waitFor({ state: "detached" })

    await answerQuiet(said(page), putForward, "Nudge")
    await said(page)
      .getByRole("article", { name: "Your message" })
      .filter({ hasText: "Are you still working on this?" })
      .waitFor()
    await quietHint(page).waitFor({ state: "detached" })
    first.end()
    const second = await model.next()
    expect(second.asked).toContain("Are you still working on this?")

    await answerQuiet(said(page), putForward, "Stop")
    await second.closed
    await said(page).getByText("Stopped").first().waitFor()
    await quietHint(page).waitFor({ state: "detached" })
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

  it("has come all the same when only its answer was lost: it is there once, and is not to be sent again", async () => {
    const { model, product } = await held()
    const { expectProblem, page } = await visit(product, { path: "/a/chat" })
    expectProblem(/ERR_FAILED/)
    await page.route("**/chat/send", async (route) => {
      await route.fetch()
      await route.abort()
    })
    await composer(page).fill("Only once")
    await composer(page).press("Enter")
    const answer = await model.next()
    answer.say("It was heard.")
    answer.end()
    await said(page).getByText("It was heard.").waitFor()
    await expect.poll(() => composer(page).inputValue()).toBe("")
    expect(await said(page).getByRole("article", { name: "Your message" }).count()).toBe(1)
    expect(await listOf(`${product.url}/events?type=chat.user_msg`, "events")).toHaveLength(1)
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
