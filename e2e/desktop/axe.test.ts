/**
 * What the desktop shows, as someone meets it who does not see it or has no mouse: axe finds nothing serious, in any app,
 * in any look, on a small screen neither.
 */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import type { Page } from "playwright-core"
import { expect, it } from "vitest"
import { ask, type Product, startProduct } from "../support/product.ts"
import { newVisitor, type VisitorOptions } from "./browser.ts"
import { live } from "./desktop.ts"

interface AxeNode {
  readonly html: string
  readonly target: ReadonlyArray<unknown>
  readonly failureSummary?: string
}

interface AxeViolation {
  readonly id: string
  readonly impact?: string | null
  readonly nodes: ReadonlyArray<AxeNode>
}

interface Axe {
  readonly run: (
    root: string,
    options: { readonly resultTypes: ReadonlyArray<string>; readonly runOnly?: ReadonlyArray<string> }
  ) => Promise<{ readonly violations: ReadonlyArray<AxeViolation> }>
}

declare global {
  interface Window {
    readonly axe: Axe
  }
}

/** The page's own policy lets no script in but ours; what is there before the page is not asked. */
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

const looks = [
  { name: "dark", theme: "dark", contrast: "normal" },
  { name: "light", theme: "light", contrast: "normal" },
  { name: "dark, more contrast", theme: "dark", contrast: "more" },
  { name: "light, more contrast", theme: "light", contrast: "more" }
] as const

const open = async (product: Product, options: VisitorOptions = {}) => {
  const visitor = await newVisitor({ ...options, reducedMotion: true })
  await visitor.context.addInitScript(axeSource)
  await visitor.page.goto(product.url)
  await live(visitor.page)
  return visitor
}

/** What is serious or worse, in words. `rules`: these alone. */
const findings = (page: Page, root: string, where: string, rules?: ReadonlyArray<string>) =>
  page.evaluate(
    async ({ root, rules, where }) => {
      const { violations } = await window.axe.run(root, {
        resultTypes: ["violations"],
        ...(rules === undefined ? {} : { runOnly: rules })
      })
      return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .flatMap(({ id, nodes }) =>
          nodes
            .slice(0, 4)
            .map(({ failureSummary, html }) => `${where}: ${id}: ${html.slice(0, 200)} (${failureSummary ?? ""})`)
        )
    },
    { root, where, ...(rules === undefined ? {} : { rules }) }
  )

/** Shows a look, and waits until no colour is on its way to another. */
const look = (page: Page, { contrast, theme }: Pick<(typeof looks)[number], "theme" | "contrast">) =>
  page.evaluate(
    async ({ contrast, theme }) => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
      Object.assign(document.documentElement.dataset, { theme, contrast })
      await frame()
      await frame()
      // One that was taken back has ended, too.
      await Promise.allSettled(document.getAnimations().map(({ finished }) => finished))
      await frame()
    },
    { contrast, theme }
  )

/** All rules in the first look, colours in each; it is left as it was. */
const inAllLooks = async (page: Page, root: string, where: string): Promise<ReadonlyArray<string>> => {
  const found: Array<string> = []
  for (const [index, one] of looks.entries()) {
    await look(page, one)
    found.push(...(await findings(page, root, `${where}, ${one.name}`, index === 0 ? undefined : ["color-contrast"])))
  }
  await look(page, looks[0])
  return found
}

interface Run {
  readonly run_id: string
  readonly session_id: string
  readonly thread_id: string
}

const begin = async (product: Product, objective: string, agent: string): Promise<Run> => {
  const { body } = await ask(`${product.url}/runs`, "POST", { actor_id: "me", objective, agent })
  return body as Run
}

const phaseOf = async (product: Product, { run_id }: Run): Promise<unknown> => {
  const { body } = await ask(`${product.url}/runs/${run_id}`)
  return (body as { readonly run: { readonly phase: unknown } }).run.phase
}

/** Runs that are done and one that waits for a person, with files that they wrote. */
const withData = async () => {
  const product = await startProduct()
  const conducted = await begin(product, "do list files and write b.md: # Notes and $ echo hello", "conductor")
  const written = await begin(product, "write a.ts: const answer = 42", "code")
  const waiting = await begin(product, "$ rm -rf x", "code")
  for (const run of [conducted, written]) await expect.poll(() => phaseOf(product, run)).toMatch(/^done/)
  await expect.poll(() => phaseOf(product, waiting)).toBe("waiting_for_you")
  return { product, conducted, written, waiting }
}

const openWindow = async (product: Product, app_id: string, props: object): Promise<string> => {
  const { body } = await ask(`${product.url}/desktop/main/windows`, "POST", {
    app_id,
    title: app_id,
    props,
    maximized: true
  })
  return (body as { readonly window: { readonly id: string } }).window.id
}

const closeWindow = (product: Product, id: string) => ask(`${product.url}/desktop/main/windows/${id}`, "DELETE")

/** Its window is there, and has loaded what it shows. */
const shown = async (page: Page, id: string): Promise<string> => {
  const root = `[data-window="${id}"]`
  const frame = page.locator(root)
  await frame.waitFor()
  await expect
    .poll(() =>
      frame
        .getByRole("status")
        .filter({ hasText: /^Loading / })
        .count()
    )
    .toBe(0)
  // A request that has just come can't be answered for a moment, and looks so.
  const tooNew = frame.getByRole("button", { name: "Allow once", disabled: true })
  await expect.poll(() => tooNew.count()).toBe(0)
  return root
}

const appsOf = ({ conducted, waiting, written }: { conducted: Run; waiting: Run; written: Run }) =>
  [
    ["chat", { actor_id: "me", session_id: written.session_id, thread_id: written.thread_id }],
    ["run", { run_id: conducted.run_id }],
    ["run", { run_id: waiting.run_id }],
    ["choir", {}],
    ["inbox", {}],
    ["terminal", {}],
    ["files", {}],
    ["editor", { path: "a.ts" }],
    ["viewer", { path: "b.md" }],
    ["logs", {}],
    ["supervision", {}],
    ["trace", { run_id: conducted.run_id }],
    ["settings", {}]
  ] as const

it("every app, in both themes and with more contrast", { timeout: 120_000 }, async () => {
  const data = await withData()
  const { page } = await open(data.product)
  const found: Array<string> = []
  for (const [app, props] of appsOf(data)) {
    const id = await openWindow(data.product, app, props)
    found.push(...(await inAllLooks(page, await shown(page, id), app)))
    await closeWindow(data.product, id)
    await page.locator(`[data-window="${id}"]`).waitFor({ state: "detached" })
  }
  expect(found).toEqual([])
})

it("every app on a small screen under a finger", { timeout: 120_000 }, async () => {
  const data = await withData()
  const { page } = await open(data.product, { viewport: { width: 360, height: 740 }, touch: true })
  const found: Array<string> = []
  for (const [app, props] of appsOf(data)) {
    const id = await openWindow(data.product, app, props)
    found.push(...(await findings(page, await shown(page, id), `${app}, small`)))
    await closeWindow(data.product, id)
    await page.locator(`[data-window="${id}"]`).waitFor({ state: "detached" })
  }
  expect(found).toEqual([])
})

it("the desktop itself: bare, with windows, with the palette, on the first visit", { timeout: 60_000 }, async () => {
  const { product } = await withData()
  const { page } = await open(product)
  const found = [...(await inAllLooks(page, "html", "bare desktop"))]
  const id = await openWindow(product, "choir", {})
  await shown(page, id)
  await page.getByRole("button", { name: "Restore" }).click()
  found.push(...(await findings(page, "html", "desktop with a window")))
  await page.keyboard.press("Control+k")
  await page.getByRole("dialog").waitFor()
  found.push(...(await inAllLooks(page, "html", "palette")))
  const first = await open(await startProduct(), { firstRun: true })
  await first.page.getByRole("dialog").waitFor()
  found.push(...(await inAllLooks(first.page, "html", "first visit")))
  expect(found).toEqual([])
})
