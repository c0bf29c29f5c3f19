import { createElement } from "react"
import { renderToStaticMarkup } from "react-dom/server"
import { expect, it } from "vitest"
import { choirCard, pageKnows } from "../../cards/testing.ts"
import { type ConversationActs, ConversationContext } from "./conversationContext.ts"
import type { HandedOut } from "./handedOut.ts"
import { TaskLine } from "./TaskLine.tsx"

const nothing = () => undefined
const acts: ConversationActs = {
  openTarget: nothing,
  openFile: nothing,
  openRun: nothing,
  openSettings: nothing,
  stop: nothing,
  pause: nothing,
  resume: nothing,
  nudge: nothing,
  retry: nothing,
  fork: nothing,
  goOn: nothing,
  edit: nothing,
  writeAgain: nothing,
  copy: nothing
}

const drawn = (status: HandedOut["status"]): string => {
  const task: HandedOut = {
    task_id: "child",
    agent: "code",
    objective: "write it",
    status,
    started_at: "2026-01-01T00:00:00.000Z",
    ended_at: status === "running" ? null : "2026-01-01T00:00:09.000Z",
    error: null
  }
  const line = createElement(TaskLine, { task })
  return renderToStaticMarkup(createElement(ConversationContext, { value: acts }, line))
}

it.each([
  ["running", "waiting_for_you"],
  ["running", "queued"],
  ["completed", "done_with_warnings"],
  ["failed", "interrupted"]
] as const)("work that is told as %s is shown as its run is: %s", (status, phase) => {
  pageKnows(choirCard("child", phase))
  expect(drawn(status)).toContain(`data-phase="${phase}"`)
})

it("work whose run the page does not know is shown as it is told", () => {
  pageKnows()
  expect(drawn("running")).toContain('data-phase="working"')
  expect(drawn("failed")).toContain('data-phase="failed"')
})
