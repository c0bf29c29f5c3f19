/** What the flows of a person have in common: runs begun from outside, windows opened, what a thread shows. */
import type { Locator, Page, Route } from "playwright-core"
import { expect } from "vitest"
import { ask } from "../support/product.ts"

export interface Begun {
  readonly run_id: string
  readonly actor_id: string
  readonly session_id: string
  readonly thread_id: string
}

const hasRun = (body: unknown): body is Begun => typeof body === "object" && body !== null && "run_id" in body

/** Begins a run as another program would; gives it and its thread. */
export const begin = async (url: string, objective: string, how: Readonly<Record<string, unknown>> = {}) => {
  const { body } = await ask(`${url}/runs`, "POST", { objective, actor_id: "me", user_id: "me", ...how })
  if (!hasRun(body)) throw new Error(`No run: ${JSON.stringify(body)}`)
  return body
}

/** The page of a run's thread. */
export const threadPath = ({ session_id, thread_id }: Begun): string =>
  `/t/${encodeURIComponent(session_id)}/${encodeURIComponent(thread_id)}`

export const runPath = ({ run_id }: Begun): string => `/r/${run_id}`

export const said = (within: Page | Locator): Locator => within.getByRole("log", { name: "What was said" })

export const composer = (within: Page | Locator): Locator => within.getByRole("textbox", { name: "Message" })

export const prompt = (page: Page): Locator => page.getByRole("textbox", { name: "Ask, or type a command" })

export const fieldsOf = async (url: string): Promise<Record<string, unknown>> => {
  const { body } = await ask(url)
  if (typeof body !== "object" || body === null) throw new Error(`Not an object: ${JSON.stringify(body)}`)
  return body as Record<string, unknown>
}

/** How a run stands, as the computer says it. */
export const phaseOf = async (url: string, run_id: string): Promise<unknown> => {
  const { run } = await fieldsOf(`${url}/runs/${run_id}`)
  return typeof run === "object" && run !== null && "phase" in run ? run.phase : undefined
}

/** All that a thread shows, without what time alone changes: clock times and how long things took. */
export const shownIn = async (thread: Locator): Promise<string> =>
  (await thread.ariaSnapshot()).replace(/\b\d{2}:\d{2}\b/g, "hh:mm").replace(/\b[\d.]+ (ms|s|min)\b/g, "(took)")

/** A list that the computer answers with. */
export const listOf = async (url: string, name: string): Promise<ReadonlyArray<Record<string, unknown>>> => {
  const { [name]: list } = await fieldsOf(url)
  if (!Array.isArray(list)) throw new Error(`No ${name} at ${url}`)
  return list as ReadonlyArray<Record<string, unknown>>
}

/** Holds what the page next asks for at an address, as a slow line does, until it is let go. */
export const holdNext = async (
  page: Page,
  address: string | RegExp
): Promise<{ readonly asked: Promise<void>; readonly letGo: () => void }> => {
  const asked = Promise.withResolvers<void>()
  const gone = Promise.withResolvers<void>()
  const hold = async (route: Route): Promise<void> => {
    asked.resolve()
    await gone.promise
    await route.continue()
  }
  await page.route(address, hold, { times: 1 })
  return { asked: asked.promise, letGo: gone.resolve }
}

/** Lets a test put a page's clock forward, in seconds; called before the page is opened. Its timers go on as they do. */
export const movableClock = async (page: Page): Promise<(seconds: number) => Promise<unknown>> => {
  await page.addInitScript(() => {
    const now = Date.now.bind(Date)
    let ahead = 0
    Date.now = () => now() + ahead
    Object.assign(globalThis, {
      putClockForward: (seconds: number) => {
        ahead += 1_000 * seconds
      }
    })
  })
  return (seconds) => page.evaluate(`putClockForward(${seconds})`)
}

/** Where a run is asked about that was not heard for 30 seconds. */
export const quietHint = (within: Page | Locator): Locator =>
  within.getByRole("status").filter({ hasText: "Nothing was heard for a while" })

/**
 * Puts the page's clock forward until a run is asked about, and answers. What it has said last may still be on its way, and
 * is a sign of life when it comes.
 */
export const answerQuiet = (
  within: Page | Locator,
  putForward: (seconds: number) => Promise<unknown>,
  name: "Nudge" | "Stop"
): Promise<unknown> =>
  expect
    .poll(async () => {
      await putForward(40)
      const button = quietHint(within).getByRole("button", { name })
      return button.click({ timeout: 2_000 }).then(
        () => true,
        () => false
      )
    })
    .toBe(true)
