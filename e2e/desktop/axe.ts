/** The desktop as axe sees it, with real data in it. */
import axe from "axe-core"
import type { Page } from "playwright-core"
import { expect } from "vitest"
import { ask, type Product, startProduct } from "../support/product.ts"
import { newVisitor, type VisitorOptions } from "./browser.ts"
import { live } from "./desktop.ts"
import { takeAway } from "./takenAway.ts"

declare global {
  interface Window {
    readonly axe: Pick<typeof axe, "run">
  }
}

const looks = [
  { name: "dark", theme: "dark", contrast: "normal" },
  { name: "light", theme: "light", contrast: "normal" },
  { name: "dark, more contrast", theme: "dark", contrast: "more" },
  { name: "light, more contrast", theme: "light", contrast: "more" }
] as const

export const open = async (product: Product, options: VisitorOptions = {}) => {
  const visitor = await newVisitor({ ...options, reducedMotion: true })
  // The page's own policy lets no script in but ours; what is there before the page is not asked.
  await visitor.context.addInitScript(axe.source)
  await visitor.page.goto(product.url)
  await live(visitor.page)
  return visitor
}

/** What is serious or worse, in words. `rules`: these alone. */
export const findings = (page: Page, root: string, where: string, rules?: ReadonlyArray<string>) =>
  page.evaluate(
    async ({ root, rules, where }) => {
      const { violations } = await window.axe.run(root, {
        resultTypes: ["violations"],
        ...(rules === undefined ? {} : { runOnly: [...rules] })
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
export const inAllLooks = async (page: Page, root: string, where: string): Promise<ReadonlyArray<string>> => {
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
export const withData = async () => {
  const product = await startProduct()
  const conducted = await begin(product, "do list files and write b.md: # Notes and $ echo hello", "conductor")
  const written = await begin(product, "write a.ts: const answer = 42", "code")
  const waiting = await begin(product, "$ rm -rf x", "code")
  for (const run of [conducted, written]) await expect.poll(() => phaseOf(product, run)).toMatch(/^done/)
  await expect.poll(() => phaseOf(product, waiting)).toBe("waiting_for_you")
  return { product, conducted, written, waiting }
}

export const openWindow = async (product: Product, app_id: string, props: object): Promise<string> => {
  const { body } = await ask(`${product.url}/desktop/main/windows`, "POST", {
    app_id,
    title: app_id,
    props,
    maximized: true
  })
  return (body as { readonly window: { readonly id: string } }).window.id
}

/** Its window is there, and has loaded what it shows. */
export const shown = async (page: Page, id: string): Promise<string> => {
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

/** Opens each app with data in it, one after the other, and gathers what is found. */
export const inEachApp = async (
  page: Page,
  data: Awaited<ReturnType<typeof withData>>,
  find: (root: string, app: string) => Promise<ReadonlyArray<string>>
): Promise<ReadonlyArray<string>> => {
  const found: Array<string> = []
  for (const [app, props] of appsOf(data)) {
    const id = await openWindow(data.product, app, props)
    found.push(...(await find(await shown(page, id), app)))
    await takeAway(data.product.url, id)
    await page.locator(`[data-window="${id}"]`).waitFor({ state: "detached" })
  }
  return found
}
