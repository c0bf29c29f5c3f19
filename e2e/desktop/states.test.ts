/**
 * What each window says when it has nothing to show: that there is nothing, that it is on its way, that it failed, that the
 * computer is away; in words, and with a way out.
 *
 * Law: the computer is real. Only single answers of it are held back, refused, or given in other words.
 */
import type { Locator, Page } from "playwright-core"
import { describe, expect, it } from "vitest"
import { sharedBy, startProduct, whenOver } from "../support/product.ts"
import { put } from "./appFlows.ts"
import { newVisitor } from "./browser.ts"
import { live, visit } from "./desktop.ts"
import { type Begun, begin, phaseOf, threadPath } from "./flows.ts"
import { appWindow, closeAll, openWindow } from "./parts.ts"

type Answers = "held" | "refused" | "in other words" | "as they are"

const refused =
  /ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE|WebSocket connection to|status of 500|The state could not/

/** Decides what becomes of the answers to some requests: until it is told, they are held back. */
const answersTo = async (page: Page, fits: (url: URL) => boolean): Promise<(how: Answers) => void> => {
  let how: Answers = "held"
  const waiting = new Set<() => void>()
  await page.route(fits, async (route) => {
    while (how === "held") await new Promise<void>((resolve) => waiting.add(resolve))
    if (how === "refused") await route.fulfill({ status: 500, json: { error: "The disk is full" } })
    else if (how === "in other words") await route.fulfill({ json: { weather: "fine" } })
    else await route.continue()
  })
  return (next) => {
    how = next
    for (const go of waiting) go()
    waiting.clear()
  }
}

/** What a view reads for itself. */
interface Reading {
  /** As "the cost of Run". */
  readonly view: string
  readonly app: string
  readonly props?: (run: Begun) => Readonly<Record<string, unknown>>
  readonly reads: (url: URL) => boolean
  /** What is said to be loaded. */
  readonly loading: string
  readonly failed: string
  /** It reads again by itself, so that its button may be gone before it is pressed. */
  readonly byItself?: boolean
  readonly content: (window: Locator) => Locator
}

const asks =
  (path: RegExp | string, ...params: ReadonlyArray<string>) =>
  ({ pathname, searchParams }: URL): boolean =>
    (typeof path === "string" ? pathname === path : path.test(pathname)) &&
    params.every((name) => searchParams.has(name))

const settings = (section: string, path: string, what: string, part: string): Reading => ({
  view: `${section} in Settings`,
  app: "settings",
  props: () => ({ section }),
  reads: asks(path),
  loading: what,
  failed: `This page could not read ${what}`,
  content: (window) => window.getByRole("heading", { name: part, exact: true })
})

const ofRun = ({ run_id }: Begun) => ({ run_id })
const steps = (window: Locator) => window.getByRole("tabpanel").getByRole("button", { name: /^Step 1 demo/ })

const readings: ReadonlyArray<Reading> = [
  {
    view: "a conversation in Chat",
    app: "chat",
    props: ({ actor_id, session_id, thread_id }) => ({ actor_id, session_id, thread_id }),
    reads: asks("/events", "thread_id"),
    loading: "the conversation",
    failed: "The conversation could not be read",
    content: (window) => window.getByText("The files in")
  },
  {
    view: "the story of Run",
    app: "run",
    props: ofRun,
    reads: asks(/^\/runs\/[^/]+$/),
    loading: "the story",
    failed: "The story can't be shown",
    content: (window) => window.getByText("The files in")
  },
  {
    view: "the timeline of Run",
    app: "run",
    props: (run) => ({ ...ofRun(run), view: "timeline" }),
    reads: asks("/events", "run_id"),
    loading: "the steps",
    failed: "The steps can't be shown",
    content: steps
  },
  {
    view: "the cost of Run",
    app: "run",
    props: (run) => ({ ...ofRun(run), view: "cost" }),
    reads: asks("/usage", "by"),
    loading: "what it cost",
    failed: "What it cost can't be shown",
    content: (window) => window.getByRole("table")
  },
  {
    view: "Files",
    app: "files",
    reads: asks("/files"),
    loading: "the files",
    failed: "This folder can't be shown",
    content: (window) => window.getByRole("option", { name: /^notes\.txt/ })
  },
  {
    view: "the folder of a file in Viewer",
    app: "viewer",
    props: () => ({ path: "notes.txt" }),
    reads: asks("/files"),
    loading: "notes.txt",
    failed: "notes.txt can't be shown",
    content: (window) => window.getByText("Some words")
  },
  {
    view: "Viewer",
    app: "viewer",
    props: () => ({ path: "notes.txt" }),
    reads: asks("/files/download"),
    loading: "notes.txt",
    failed: "notes.txt can't be shown",
    content: (window) => window.getByText("Some words")
  },
  {
    view: "bytes in Viewer",
    app: "viewer",
    props: () => ({ path: "some.bin" }),
    reads: asks("/files/download"),
    loading: "the first bytes",
    failed: "some.bin can't be shown",
    content: (window) => window.getByText("This is no text.")
  },
  {
    view: "Editor",
    app: "editor",
    props: () => ({ path: "notes.txt" }),
    reads: asks("/files/content"),
    loading: "notes.txt",
    failed: "notes.txt can't be opened",
    content: (window) => window.getByText("Some words")
  },
  {
    view: "Logs",
    app: "logs",
    reads: asks("/events", "order", "limit"),
    loading: "the log",
    failed: "The log could not be read",
    content: (window) => window.getByRole("listbox", { name: "Events" })
  },
  {
    view: "Supervision",
    app: "supervision",
    reads: asks("/supervision"),
    loading: "the tree of actors",
    failed: "The tree could not be read",
    byItself: true,
    content: (window) => window.getByRole("treeitem").first()
  },
  settings("models", "/models", "the models", "Default model"),
  settings("permissions", "/rules", "the rules", "How careful"),
  settings("limits", "/budgets", "the limits", "Today"),
  settings("agents", "/agents", "the agents", "conductor"),
  settings("data", "/health", "how the computer is", "This computer")
]

const shared = sharedBy(async () => {
  const product = await startProduct()
  put(product, "notes.txt", "Some words\n")
  put(product, "some.bin", new Uint8Array([0, 1, 2, 3]))
  put(product, "broken.png", "no picture\n")
  return { product, run: await begin(product.url, "list files") }
})

/** A window of the shared computer, on a desktop that has no other. */
const opened = async (app: string, props: Readonly<Record<string, unknown>> = {}) => {
  const { product, run } = shared()
  await expect.poll(() => phaseOf(product.url, run.run_id)).toBe("done")
  await closeAll(product.url)
  await openWindow(product.url, app, app, props)
  whenOver(() => closeAll(product.url))
  return product
}

const loadingOf = (window: Locator, what: string): Locator =>
  window.getByRole("status").filter({ hasText: new RegExp(`^Loading ${what}$`) })

describe("what is read", () => {
  it.each(readings)("$view says that it is on its way, then why it failed, and tries again", async (reading) => {
    const { app, byItself = false, content, failed, loading, props, reads } = reading
    const { run } = shared()
    const { url } = await opened(app, props?.(run))
    const { expectProblem, page } = await newVisitor()
    expectProblem(refused)
    const answer = await answersTo(page, reads)
    await page.goto(url)
    await live(page)
    const window = appWindow(page, app)
    await loadingOf(window, loading).waitFor()
    answer("refused")
    const alert = window.getByRole("alert").filter({ hasText: failed })
    await alert.getByText("The disk is full").waitFor()
    const again = alert.getByRole("button", { name: "Try again" })
    await again.waitFor()
    answer("as they are")
    if (!byItself) await again.click()
    await content(window).first().waitFor()
    await expect.poll(() => alert.count()).toBe(0)
  })

  it.each([
    ["run", "the run", "The run can't be shown"],
    ["trace", "the run", "The run could not be read"]
  ])("a run that the page does not know, in %s", async (app, loading, failed) => {
    const { run } = shared()
    const { url } = await opened(app, ofRun(run))
    const { expectProblem, page } = await newVisitor()
    expectProblem(refused)
    // As if it had ended too long ago to be among the latest.
    await page.route(asks("/runs"), async (route) => {
      const response = await route.fetch()
      const reply: object = await response.json()
      await route.fulfill({ response, json: { ...reply, runs: [] } })
    })
    const answer = await answersTo(page, asks(/^\/runs\/[^/]+$/))
    await page.goto(url)
    await live(page)
    const window = appWindow(page, app)
    await loadingOf(window, loading).waitFor()
    answer("refused")
    const alert = window.getByRole("alert").filter({ hasText: failed })
    await alert.getByText("The disk is full").waitFor()
    answer("as they are")
    await alert.getByRole("button", { name: "Try again" }).click()
    await window.getByRole("heading", { name: "list files" }).last().waitFor()
    await window.getByText("1 run", { exact: false }).or(window.getByText("The files in")).first().waitFor()
  })

  it("a terminal that does not answer says so, and is there when it does", async () => {
    const { url } = await opened("terminal")
    const { page } = await newVisitor()
    /** Null: it says nothing yet. */
    let isAway: boolean | null = null
    const lines: Array<() => Promise<void>> = []
    await page.routeWebSocket(/\/ws\/terminal\//, async (line) => {
      if (isAway === null) lines.push(() => line.close())
      else if (isAway) await line.close()
      else line.connectToServer()
    })
    await page.goto(url)
    await live(page)
    const window = appWindow(page, "terminal")
    await window.getByRole("status").filter({ hasText: "Connecting to the terminal" }).waitFor()
    isAway = true
    for (const close of lines) await close()
    const bar = window.getByRole("status").filter({ hasText: "The terminal does not answer" })
    await bar.getByRole("button", { name: "Try now" }).waitFor()
    isAway = false
    await expect.poll(() => window.locator(".xterm-rows").textContent()).toMatch(/[#$]/)
    await expect.poll(() => bar.count()).toBe(0)
  })

  it("a picture that is none can be looked at as bytes", async () => {
    const { url } = await opened("viewer", { path: "broken.png" })
    const { page } = await newVisitor()
    await page.goto(url)
    await live(page)
    const alert = appWindow(page, "viewer").getByRole("alert").filter({ hasText: "broken.png is no image that can be" })
    await alert.getByRole("button", { name: "Download" }).waitFor()
    await alert.getByRole("button", { name: "Look at its bytes" }).click()
    await appWindow(page, "viewer").getByText("This is no text.").waitFor()
  })
})

describe("what the whole page needs", () => {
  const product = sharedBy(() => startProduct())
  const views = [
    { app: "chat", loading: "the conversations", empty: "No conversations yet" },
    { app: "choir", loading: "the agents", empty: "Nobody has worked here yet" },
    { app: "inbox", loading: "what waits for you", empty: "Nothing waits for you" },
    { app: "trace", loading: "the runs", empty: "There is no run to trace yet" }
  ] as const

  /** The desktop as it was known last, and answers that are held back. */
  const again = async () => {
    const { url } = product()
    await closeAll(url)
    for (const { app } of views) await openWindow(url, app, app)
    const { expectProblem, page } = await visit(product())
    expectProblem(refused)
    for (const { app, empty } of views) await appWindow(page, app).getByText(empty).waitFor()
    await expect.poll(() => page.evaluate(() => localStorage.getItem("choiros.desktop"))).toContain("trace")
    const answer = await answersTo(page, asks("/chat/me/threads"))
    await page.reload()
    for (const { app, loading } of views) await loadingOf(appWindow(page, app), loading).waitFor()
    return { answer, page }
  }
  const line = (page: Page) => page.getByRole("button", { name: "Connection: the computer answers with an error" })

  it("is refused: each window says why, and fills in when it is told after all", async () => {
    const { answer, page } = await again()
    answer("refused")
    await line(page).waitFor()
    for (const { app } of views) {
      const words = appWindow(page, app).getByRole("status").filter({ hasText: "The computer answers with an error" })
      await words.getByText("The disk is full").waitFor()
      await words.getByRole("button", { name: "Reload the page" }).waitFor()
    }
    // It is asked again and again; "Try now" does not wait for that.
    await appWindow(page, "trace").getByRole("button", { name: "Try now" }).click()
    answer("as they are")
    await live(page)
    for (const { app, empty } of views) await appWindow(page, app).getByText(empty).waitFor()
    expect(await page.getByText("The computer answers with an error").count()).toBe(0)
  })

  it("comes in words that this page does not know: it says so, and can be reloaded", async () => {
    const { answer, page } = await again()
    answer("in other words")
    await line(page).click()
    const details = page.getByRole("dialog", { name: "Connection" })
    await details.getByText("The computer answered in words that this page does not know; reload it").waitFor()
    await details.getByRole("button", { name: "Try now" }).waitFor()
    const loaded = page.waitForEvent("load")
    await details.getByRole("button", { name: "Reload the page" }).click()
    await loaded
    answer("as they are")
    await live(page)
    await page.getByRole("button", { name: "Connection: live" }).waitFor()
  })
})

it("each window that has nothing says so, and how something comes to be", async () => {
  const product = await startProduct()
  const nothing = [
    { app: "chat", says: "No conversations yet", way: "New conversation" },
    { app: "run", says: "No run is named", way: "Open the choir" },
    { app: "choir", says: "Nobody has worked here yet", way: "Start a run" },
    { app: "inbox", says: "Nothing waits for you", way: null },
    { app: "files", says: "This folder is empty", way: "New folder" },
    { app: "editor", says: "No file is open here", way: "Choose a file" },
    { app: "viewer", says: "No file is shown here", way: "Choose a file" },
    { app: "trace", says: "There is no run to trace yet", way: null },
    { app: "logs", props: { type: "weather.changed" }, says: "No event fits", way: "Show all events" },
    { app: "supervision", find: "the weather", says: "No actor fits", way: "Show all" }
  ]
  for (const { app, props } of nothing) await openWindow(product.url, app, app, props)
  const { page } = await visit(product)
  for (const { app, find, says, way } of nothing) {
    const window = appWindow(page, app)
    if (find !== undefined) await window.getByRole("searchbox").fill(find)
    await window.getByText(says).waitFor()
    if (way !== null) await window.getByRole("button", { name: way, exact: true }).last().waitFor()
  }
})

it("each window says that the computer is away, why that matters there, and stops saying so", {
  timeout: 90_000
}, async () => {
  const product = await startProduct()
  put(product, "notes.txt", "Some words\n")
  const run = await begin(product.url, "list files")
  await expect.poll(() => phaseOf(product.url, run.run_id)).toBe("done")
  const { actor_id, run_id, session_id, thread_id } = run
  const stale = /^The computer does not answer: this is what was known last, and what needs the computer has to wait/
  const windows = [
    {
      app: "chat",
      props: { actor_id, session_id, thread_id },
      says: /^The computer does not answer\. What you write/
    },
    { app: "choir", says: /^The computer does not answer\. This is how it stood/ },
    { app: "inbox", says: /^The computer does not answer\. This is what was known last; it can be decided/ },
    { app: "editor", props: { path: "notes.txt" }, says: /^The computer does not answer$/ },
    { app: "terminal", says: /^The terminal does not answer; what runs in it does not need this page/ },
    { app: "run", props: { run_id }, says: stale },
    { app: "viewer", props: { path: "notes.txt" }, says: stale },
    { app: "files", says: stale },
    { app: "logs", says: stale },
    { app: "supervision", says: stale },
    { app: "trace", props: { run_id }, says: stale },
    { app: "settings", says: stale }
  ]
  for (const { app, props } of windows) await openWindow(product.url, app, app, props)
  const { expectProblem, page } = await visit(product, { path: threadPath(run) })
  expectProblem(refused)
  const content: Readonly<Record<string, (window: Locator) => Locator>> = {
    chat: (window) => window.getByText("The files in"),
    choir: (window) => window.getByText("list files"),
    inbox: (window) => window.getByText("list files"),
    editor: (window) => window.getByText("Some words"),
    terminal: (window) => window.locator(".xterm-rows").getByText(/[#$]/),
    run: (window) => window.getByText("The files in"),
    viewer: (window) => window.getByText("Some words"),
    files: (window) => window.getByRole("option", { name: /^notes\.txt/ }),
    logs: (window) => window.getByRole("listbox", { name: "Events" }),
    supervision: (window) => window.getByRole("treeitem"),
    trace: (window) => window.getByRole("row", { name: /Step 1/ }),
    settings: (window) => window.getByText("No key is stored here yet.")
  }
  const seen = async () => {
    for (const { app } of windows) await content[app]?.(appWindow(page, app)).first().waitFor()
  }
  await seen()
  const port = new URL(product.url).port
  await product.stop("SIGKILL")
  await page.getByRole("button", { name: "Connection: the computer does not answer" }).waitFor()
  const words = (app: string, says: RegExp) => appWindow(page, app).getByText(says)
  for (const { app, says } of windows) await words(app, says).waitFor()
  await seen()
  for (const { app } of windows.filter(({ says }) => says === stale))
    await appWindow(page, app).getByRole("button", { name: "Try now" }).waitFor()
  await startProduct({ home: product.home, env: { PORT: port } })
  await live(page)
  await seen()
  for (const { app, says } of windows) await expect.poll(() => words(app, says).count()).toBe(0)
})

it("an app that fails brings down no other, says why, and is there when it is tried again", async () => {
  const { url } = await opened("logs")
  await openWindow(url, "settings", "settings")
  const { expectProblem, page } = await newVisitor()
  expectProblem("The app's own mistake")
  await page.route(/\/assets\/SettingsApp-[^/]*\.js$/, (route) =>
    route.fulfill({
      contentType: "text/javascript",
      body: `export default () => {
        if (document.documentElement.dataset.mended === undefined) throw new Error("The app's own mistake")
        return "It is mended"
      }`
    })
  )
  await page.goto(url)
  await live(page)
  const alert = appWindow(page, "settings").getByRole("alert").filter({ hasText: "This app failed" })
  await alert.getByText("The app's own mistake").waitFor()
  await appWindow(page, "logs").getByRole("listbox", { name: "Events" }).waitFor()
  await page.evaluate(() => {
    document.documentElement.dataset.mended = "yes"
  })
  await alert.getByRole("button", { name: "Try again" }).click()
  await appWindow(page, "settings").getByText("It is mended").waitFor()
})
