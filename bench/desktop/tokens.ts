/**
 * From a key to what it does, and from a token to where it is read.
 *
 * The key is Enter in the prompt; it is through with the frame that shows the line's chip. A token is timed from the message
 * of the socket that brings it to the page to the frame that has it in the conversation; the model says a word every 50 ms.
 */
import { join } from "node:path"
import { launch, openDesktop } from "../support/browser.ts"
import { Calibration } from "../support/calibration.ts"
import { ask } from "../support/choir.ts"
import { openWindow } from "../support/desktopData.ts"
import { median, percentile, setting } from "../support/measure.ts"
import { startScript } from "../support/model.ts"
import { temporaryFolder } from "../support/processes.ts"
import { startServer } from "../support/product.ts"
import { milliseconds, report } from "../support/report.ts"

const rounds = setting("ROUNDS", 20)
const words = setting("WORDS", 200)
const limits = { chip: 50, token: 100 }
const thread = { actor_id: "me", session_id: "bench", thread_id: "talk" }
const wordOf = (index: number): string => `w${String(index).padStart(4, "0")} `

const model = await startScript({
  turns: [
    {
      when: { contains: "count for me" },
      chunks: { size: wordOf(0).length, delay_ms: 50 },
      answer: { text: Array.from({ length: words }, (_, index) => wordOf(index)).join("") }
    }
  ],
  default: { answer: { text: "Done." } }
})
const product = await startServer(model.said, join(temporaryFolder(), "home"))
await openWindow(product, { app_id: "chat", title: "Chat", props: thread, x: 40, y: 40, width: 900, height: 640 })
const browser = await launch()

declare global {
  var benchTokens: Array<number>
}
/** Runs in the page before anything else of it. */
const watch = () => {
  globalThis.benchTokens = []
  const coming = new Map<string, number>()
  let looking = false
  const look = () => {
    const text = document.querySelector("[data-app='chat']")?.textContent ?? ""
    for (const [word, at] of coming) {
      if (!text.includes(word)) continue
      coming.delete(word)
      // Frames begin before they are drawn.
      setTimeout(() => globalThis.benchTokens.push(performance.now() - at))
    }
    looking = coming.size > 0
    if (looking) requestAnimationFrame(look)
  }
  const Socket = globalThis.WebSocket
  globalThis.WebSocket = class extends Socket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args)
      this.addEventListener("message", ({ data }) => {
        if (typeof data !== "string" || !data.includes("chat.delta")) return
        const at = performance.now()
        for (const [word] of data.matchAll(/w\d{4}/g)) coming.set(word, at)
        if (looking) return
        looking = true
        requestAnimationFrame(look)
      })
    }
  }
}

const tab = await openDesktop(browser, product.url, "/", watch)
const { page } = tab
const calibration = new Calibration()

const chips: Array<number> = []
const prompt = page.getByRole("textbox", { name: "Ask, or type a command" })
for (let round = 0; round <= rounds; round++) {
  await prompt.fill(`Say something, number ${round}`)
  const took = page.evaluate(
    (said) =>
      new Promise<number>((resolve) => {
        const pressed = (event: KeyboardEvent) => {
          if (event.key !== "Enter") return
          removeEventListener("keydown", pressed, true)
          const begin = event.timeStamp
          const look = () => {
            const list = document.querySelector("ul[aria-label='What was sent']")
            if (list?.textContent?.includes(said) === true) setTimeout(() => resolve(performance.now() - begin))
            else requestAnimationFrame(look)
          }
          requestAnimationFrame(look)
        }
        addEventListener("keydown", pressed, true)
      }),
    `number ${round}`
  )
  await prompt.press("Enter")
  const one = await took
  if (round > 0) chips.push(one)
  calibration.sample()
}

await ask(product, "/chat/send", { ...thread, user_id: "me", text: "Please count for me" })
await page
  .locator("[data-app='chat']")
  .getByText(wordOf(words - 1).trim())
  .waitFor()
// The ones after the last word that came alone are in the log's own event, too: each is counted once.
const tokens = await page.evaluate(() => globalThis.benchTokens)
if (tokens.length < words / 2) throw new Error(`Only ${tokens.length} of ${words} words were seen as they came`)

const line = (measure: string, all: ReadonlyArray<number>, limit: number) => ({
  measure: `${measure}, ${all.length} of them`,
  measured: `median ${milliseconds(median(all))}, p95 ${milliseconds(percentile(all, 0.95))}, max ${milliseconds(Math.max(...all))}`,
  limits: [[`median ${milliseconds(limit)}`, median(all) < limit]] as const
})
report(
  "What a key does, and where a token is read",
  [line("key to chip", chips, limits.chip), line("token to paint", tokens, limits.token)],
  calibration
)
await tab.close()
await browser.close()
await product.stop()
await model.stop()
