/** The computer goes away in the middle of a run, and comes back: what is shown is true at each moment. */
import type { Locator } from "playwright-core"
import { describe, expect, it } from "vitest"
import { startProduct } from "../support/product.ts"
import { put, putFolder } from "./appFlows.ts"
import { kept, live, visit } from "./desktop.ts"
import { type Begun, begin, composer, phaseOf, prompt, said, shownIn, threadPath } from "./flows.ts"
import { heldModel } from "./heldModel.ts"
import { appWindow, openWindow } from "./parts.ts"

// Killed in the middle of an answer, or before one; code that is fetched ahead is asked for by the service worker.
const refused =
  /ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE|WebSocket connection to|ERR_FAILED \(http:\/\/[^)]*\/assets\//

it("killed and started again in mid-run: it says so, counts down, catches up, and nothing is doubled", {
  timeout: 60_000
}, async () => {
  const model = await heldModel()
  const before = await startProduct({ env: model.env })
  const port = new URL(before.url).port
  const run = await begin(before.url, "Write the report")
  const { expectProblem, page } = await visit(before, { path: threadPath(run), worker: true })
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
  await page.getByText("The computer does not answer. What you write stays here until it is back.").waitFor()
  await composer(page).fill("Are you there?")
  expect(await page.getByRole("button", { name: "Steer", exact: true }).isDisabled()).toBe(true)
  await prompt(page).fill("Something new")
  await prompt(page).press("Enter")
  await page.getByRole("alert").filter({ hasText: "The computer does not answer" }).waitFor()
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
  const { expectProblem, page } = await visit(before, { path: "/a/choir", worker: true })
  expectProblem(refused)
  expectProblem(/Failed to load resource|ERR_INTERNET_DISCONNECTED|fetch/)
  await page.getByText("Nobody has worked here yet").waitFor()
  // What was there before the service worker is kept by it, too.
  await kept(page)
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

/** A view that is opened while the computer is away, in a window whose code is there. */
interface OpenedAway {
  /** As "the next file of Viewer". */
  readonly view: string
  readonly app: string
  readonly props?: (run: Begun) => Readonly<Record<string, unknown>>
  /** What the window shows before, which is waited for. */
  readonly before: (window: Locator) => Locator
  readonly open: (window: Locator) => Promise<unknown>
  /** What is told meanwhile; absent: that the computer does not answer. */
  readonly says?: RegExp
  readonly after: (window: Locator) => Locator
}

const openedAway: ReadonlyArray<OpenedAway> = [
  {
    view: "each section of Settings",
    app: "settings",
    props: () => ({ section: "appearance" }),
    before: (window) => window.getByRole("heading", { name: "Theme" }),
    open: async (window) => {
      for (const name of ["Permissions", "Limits", "Agents", "Data", "Models and keys"]) {
        await window.getByRole("button", { name, exact: true }).click()
        await window.getByRole("heading", { name, exact: true }).waitFor()
        await window
          .getByRole("status")
          .filter({ hasText: /^The computer does not answer/ })
          .waitFor()
      }
    },
    after: (window) => window.getByRole("region", { name: "Keys" }).getByText("No key is stored here yet.")
  },
  {
    view: "the source of a page in Viewer",
    app: "viewer",
    props: () => ({ path: "page.html" }),
    before: (window) => window.frameLocator("iframe").getByText("The words of the page"),
    open: (window) => window.getByRole("radio", { name: "Source" }).check(),
    after: (window) => window.getByText("<p>The words of the page</p>")
  },
  {
    view: "a preview of Files",
    app: "files",
    before: (window) => window.getByRole("option", { name: /^a\.txt/ }),
    open: (window) => window.getByRole("option", { name: /^a\.txt/ }).click(),
    says: /It can't be shown: The computer can't be reached/,
    after: (window) => window.getByText("the first text")
  },
  {
    view: "a folder of Files",
    app: "files",
    before: (window) => window.getByRole("option", { name: /^inner/ }),
    open: (window) => window.getByRole("option", { name: /^inner/ }).dblclick(),
    after: (window) => window.getByRole("option", { name: /^c\.txt/ })
  },
  {
    view: "the cost of Run",
    app: "run",
    props: ({ run_id }) => ({ run_id }),
    before: (window) => window.getByText("The files in"),
    open: (window) => window.getByRole("tab", { name: "Cost" }).click(),
    after: (window) => window.getByRole("table")
  },
  {
    view: "the search of Logs",
    app: "logs",
    before: (window) => window.getByText("Live", { exact: true }),
    open: async (window) => {
      await window.getByRole("radio", { name: "Search" }).click()
      await window.getByRole("searchbox", { name: "Words" }).fill("list")
    },
    after: (window) => window.getByRole("list", { name: "Found" })
  },
  {
    view: "a new conversation of Chat",
    app: "chat",
    props: ({ actor_id, session_id, thread_id }) => ({ actor_id, session_id, thread_id }),
    before: (window) => window.getByText("The files in"),
    open: (window) => window.getByRole("button", { name: "New conversation" }).click(),
    says: /Agents and models could not be listed: The computer can't be reached/,
    after: (window) => window.getByRole("combobox", { name: "Agent" })
  }
]

describe("opened while the computer is away", () => {
  it.each(openedAway)(
    "$view says so, and fills in when it is back",
    async ({ after, app, before, open, props, says }) => {
      const product = await startProduct()
      put(product, "a.txt", "the first text\n")
      put(product, "page.html", "<p>The words of the page</p>\n")
      putFolder(product, "inner")
      put(product, "inner/c.txt", "the third text\n")
      const run = await begin(product.url, "list files")
      await expect.poll(() => phaseOf(product.url, run.run_id)).toBe("done")
      await openWindow(product.url, app, app, props?.(run))
      const { expectProblem, page } = await visit(product)
      expectProblem(refused)
      const window = appWindow(page, app)
      await before(window).first().waitFor()
      const port = new URL(product.url).port
      await product.stop("SIGKILL")
      await page.getByRole("button", { name: "Connection: the computer does not answer" }).waitFor()
      await open(window)
      const words = window.getByRole("status").filter({ hasText: says ?? /^The computer does not answer(?!:)/ })
      await words.getByRole("button", { name: /^Try (now|again)$/ }).waitFor()
      await startProduct({ home: product.home, env: { PORT: port } })
      await live(page)
      await after(window).first().waitFor()
      expect(await words.count()).toBe(0)
    }
  )

  it("a run and its trace say so, and fill in when it is back", async () => {
    const product = await startProduct()
    const run = await begin(product.url, "list files")
    const other = await begin(product.url, "$ echo hello")
    for (const { run_id } of [run, other]) await expect.poll(() => phaseOf(product.url, run_id)).toBe("done")
    const { actor_id, session_id, thread_id } = run
    // Their code is there.
    await openWindow(product.url, "run", "run", { run_id: other.run_id })
    await openWindow(product.url, "trace", "trace", { run_id: other.run_id })
    await openWindow(product.url, "chat", "chat", { actor_id, session_id, thread_id })
    const { expectProblem, page, window } = await visit(product)
    expectProblem(refused)
    await window("$ echo hello").getByText("hello").first().waitFor()
    await appWindow(page, "trace").getByRole("button", { name: "Zoom In" }).waitFor()
    const open = said(page).getByRole("button", { name: "Open the run" })
    await open.waitFor()
    const port = new URL(product.url).port
    await product.stop("SIGKILL")
    await page.getByRole("button", { name: "Connection: the computer does not answer" }).waitFor()
    await open.click()
    const opened = appWindow(page, "run").filter({ has: page.getByRole("heading", { name: "list files", level: 3 }) })
    await opened
      .getByRole("status")
      .filter({ hasText: /^The computer does not answer(?!:)/ })
      .waitFor()
    await opened.getByRole("button", { name: "More" }).click()
    await page.getByRole("menuitem", { name: "Open trace" }).click()
    const trace = appWindow(page, "trace").filter({ has: page.getByRole("heading", { name: "list files" }) })
    await trace
      .getByRole("status")
      .filter({ hasText: /^The computer does not answer:/ })
      .waitFor()
    const children = page.waitForResponse((response) => response.url().includes("parent_run_id"))
    await startProduct({ home: product.home, env: { PORT: port } })
    await live(page)
    await opened.getByText("The folder is empty.").first().waitFor()
    await children
    await trace.getByRole("row", { name: /Step 1: Read, done/ }).waitFor()
    expect(await trace.getByText("Only a part of the tree is shown").count()).toBe(0)
  })

  it("what a run can't be told is greyed, and the window says why", async () => {
    const product = await startProduct()
    const { run_id } = await begin(product.url, "list files")
    await expect.poll(() => phaseOf(product.url, run_id)).toBe("done")
    await openWindow(product.url, "run", "run", { run_id, step: 1 })
    const { expectProblem, page } = await visit(product)
    expectProblem(refused)
    const window = appWindow(page, "run")
    const ofStep = window.getByRole("button", { name: "Step 1", exact: true })
    const offered = async (name: string) => {
      const menu = page.getByRole("menu")
      // It hears keys once it has the keyboard.
      await expect.poll(() => menu.evaluate((one) => one.contains(document.activeElement))).toBe(true)
      const isOffered = await menu.getByRole("menuitem", { name }).isEnabled()
      await page.keyboard.press("Escape")
      await menu.waitFor({ state: "detached" })
      return isOffered
    }
    await ofStep.click()
    expect(await offered("Fork from this step")).toBe(true)
    await product.stop("SIGKILL")
    await window.getByRole("status").filter({ hasText: "what needs the computer has to wait" }).waitFor()
    expect(await window.getByRole("button", { name: "Retry" }).isDisabled()).toBe(true)
    for (const name of ["Fork from this step", "Retry from this step"]) {
      await ofStep.click()
      expect(await offered(name)).toBe(false)
    }
  })
})
