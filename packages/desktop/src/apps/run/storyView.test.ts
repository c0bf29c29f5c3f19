import { createElement } from "react"
import { renderToStaticMarkup } from "react-dom/server"
import { expect, it, vi } from "vitest"
import { choirCard, pageKnows } from "../../cards/testing.ts"
import { StoryView } from "./StoryView.tsx"
import type { StoryOf } from "./story.ts"
import { note, step } from "./testing.ts"

vi.hoisted(() => vi.stubGlobal("window", { innerWidth: 1440, innerHeight: 900 }))

type Part = NonNullable<StoryOf["plan"]>["parts"][number]

const drawn = (status: Part["status"], ended_at: string | null = null): string => {
  const part: Part = {
    id: "a",
    objective: "Build it",
    agent: "code",
    capability: null,
    context: null,
    after: [],
    status,
    task_id: "child"
  }
  const facts: StoryOf = {
    phase: ended_at === null ? "waiting_on_agent" : "stopped",
    ended_at,
    plan: { plan_id: "p", parts: [part] },
    tasks: [],
    evidence: null
  }
  const steps = [step(1, { notes: [note(1, "run.plan_set", { parts: [part] })] })]
  const run = { run_id: "root", agent: "conductor", live: ended_at === null, steps }
  const html = renderToStaticMarkup(createElement(StoryView, { run, facts, onStep: () => undefined }))
  return html.slice(html.lastIndexOf("<li ", html.indexOf("Build it")))
}

it.each([
  ["open", "waiting_for_you"],
  ["open", "paused"],
  ["open", "queued"],
  ["completed", "done_with_warnings"],
  ["failed", "interrupted"]
] as const)("a part of the plan that is %s stands as its run does: %s", (status, phase) => {
  pageKnows(choirCard("child", phase))
  expect(drawn(status)).toContain(`data-phase="${phase}"`)
})

it("a part stands as the plan has it where the page does not know its run", () => {
  pageKnows()
  expect(drawn("open")).toContain('data-phase="working"')
  expect(drawn("open", "2026-01-01T00:00:09.000Z")).toContain('data-phase="stopped"')
})
