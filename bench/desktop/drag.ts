/**
 * A window dragged over eleven others, while a chat among them streams an answer and a terminal prints without an end.
 *
 * The hand moves 125 times a second, in circles; the chat's model says some 800 characters a second, markdown with code and
 * tables; the terminal runs `yes`. Each round is traced by the browser.
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { launch, openDesktop } from "../support/browser.ts"
import { Calibration } from "../support/calibration.ts"
import { ask, beginRun } from "../support/choir.ts"
import { longAnswer, openWindow } from "../support/desktopData.ts"
import { type Frames, frameLines, joined, traced } from "../support/frames.ts"
import { dragAlong } from "../support/hand.ts"
import { setting } from "../support/measure.ts"
import { startScript } from "../support/model.ts"
import { temporaryFolder } from "../support/processes.ts"
import { startServer } from "../support/product.ts"
import { report } from "../support/report.ts"

const rounds = setting("ROUNDS", 5)
const seconds = setting("DRAG_SECONDS", 6)

const model = await startScript({
  turns: [
    { when: { contains: "at length" }, chunks: { size: 16, delay_ms: 20 }, answer: { text: longAnswer(400_000) } }
  ],
  default: { answer: { text: "Done." } }
})
const home = join(temporaryFolder(), "home")
const product = await startServer(model.said, home)
writeFileSync(join(home, "workspace", "notes.md"), longAnswer(20_000))
writeFileSync(
  join(home, "workspace", "part.ts"),
  "export const part = (index: number): number => index * 2\n".repeat(400)
)
const run_id = await beginRun(product, { objective: "Something short", agent: "chat" })

const flood = "the quick brown fox jumps over the lazy dog"
const apps = [
  { app_id: "logs", title: "Logs" },
  { app_id: "choir", title: "Choir" },
  { app_id: "inbox", title: "Inbox" },
  { app_id: "settings", title: "Settings" },
  { app_id: "supervision", title: "Supervision" },
  { app_id: "editor", title: "Editor", props: { path: "part.ts" } },
  { app_id: "viewer", title: "Viewer", props: { path: "notes.md" } },
  { app_id: "run", title: "Run", props: { run_id } },
  { app_id: "trace", title: "Trace", props: { run_id } },
  { app_id: "chat", title: "Chat", props: { actor_id: "me", session_id: "bench", thread_id: "talk" } },
  { app_id: "terminal", title: "Terminal" },
  { app_id: "files", title: "Files" }
] as const
const browser = await launch()
const tab = await openDesktop(browser, product.url)
const { page } = tab
for (const [index, app] of apps.entries()) {
  const window_id = await openWindow(product, {
    ...app,
    x: (index % 4) * 200,
    y: Math.floor(index / 4) * 90,
    width: 720,
    height: 520
  })
  const window = page.locator(`[data-window="${window_id}"]`)
  await window.waitFor()
  if (app.app_id === "terminal") {
    // Its shell is there.
    await window.locator(".xterm-rows").getByText("$").first().waitFor()
    await window.locator(".xterm-screen").click()
    await page.keyboard.type(`yes ${flood}\n`)
    await window
      .locator(".xterm-rows > div")
      .filter({ hasText: new RegExp(`^${flood}`) })
      .nth(5)
      .waitFor()
  }
}
await ask(product, "/chat/send", {
  actor_id: "me",
  user_id: "me",
  session_id: "bench",
  thread_id: "talk",
  text: "Talk at length"
})
await page.locator("[data-app='chat']").getByText("Part 3: what was found").waitFor()

const calibration = new Calibration()
const all: Array<Frames> = []
const files = page.locator("[data-app='files']")
for (let round = 0; round < rounds; round++) {
  const box = await files.boundingBox()
  if (box === null) throw new Error("The window is not on the screen")
  const from = { x: box.x + 140, y: box.y + 18 }
  const around = { x: 520, y: 300 }
  all.push(
    await traced(browser, page, () =>
      dragAlong(page, from, seconds, (share) => {
        const angle = share * seconds * 2
        const grown = Math.min(1, share * 4)
        return {
          x: from.x + (around.x + Math.cos(angle) * 260 - from.x) * grown,
          y: from.y + (around.y + Math.sin(angle) * 160 - from.y) * grown
        }
      })
    )
  )
  calibration.sample()
}
report(
  `A drag with ${apps.length} windows, one streaming, one flooding; ${rounds} rounds of ${seconds} s`,
  frameLines("drag", joined(all)),
  calibration
)
await tab.close()
await browser.close()
await product.stop()
await model.stop()
