/** The cards as they are drawn: the HTML that React would make of them. */

import { RunPhase, type TimelineWork } from "@choiros/protocol"
import { createElement } from "react"
import { renderToStaticMarkup } from "react-dom/server"
import { describe, expect, it } from "vitest"
import { ErrorCard } from "./ErrorCard.tsx"
import { MessageCard } from "./MessageCard.tsx"
import { NoteLine } from "./NoteLine.tsx"
import { ToolCard, type ToolCardProps } from "./ToolCard.tsx"
import { asks, choirCard, decides, pageKnows, toolCall } from "./testing.ts"
import { WorkLines } from "./WorkLines.tsx"

const card = (props: Omit<ToolCardProps, "live"> & { live?: boolean }) =>
  renderToStaticMarkup(createElement(ToolCard, { live: false, ...props }))

const evil = '<img src=x onerror="alert(1)">\u202E'

describe("the card of a call", () => {
  it("has the command, the exit code and the time, and its output when it is opened", () => {
    const tool = toolCall(
      "bash",
      { command: "npm test" },
      {
        result: {
          success: false,
          outcome: "failed",
          exit_code: 1,
          error: "\u001B[31mred\u001B[0m",
          duration_ms: 12_400
        }
      }
    )
    const html = card({ tool })
    expect(html).toContain("npm test")
    expect(html).toContain("12 s")
    expect(html).toContain(">red<")
    expect(html).not.toContain("\u001B")
    expect(card({ tool, dense: true })).not.toContain(">red<")
  })

  it("says that nobody knows what a crash came between", () => {
    const html = card({
      tool: toolCall(
        "bash",
        { command: "rm x" },
        { result: { success: false, outcome: "unknown", error: "interrupted: outcome unknown" } }
      )
    })
    expect(html).toContain("Outcome unknown")
    expect(html).toContain("It may have been done")
    expect(html).not.toContain("Ran")
  })

  it("shows a change with its counts and lines", () => {
    const diff = "--- a.ts\n+++ a.ts\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n"
    const html = card({ tool: toolCall("edit_file", { path: "a.ts" }, { result: { diff } }) })
    expect(html).toContain("1 lines added")
    expect(html).toContain("three")
  })

  it("asks for a decision where one is due, and tells what was decided with its note", () => {
    const tool = toolCall("bash", { command: "rm -rf build" })
    const waiting = card({ tool: { ...tool, approval: asks(tool) }, live: true, onOpen: () => undefined })
    expect(waiting).toContain("Delete 14 files in build/")
    expect(waiting).toContain(">Decide<")
    const denied = { ...tool, approval: asks(tool), decided: decides("deny", { note: "keep it" }) }
    expect(card({ tool: denied })).toContain("Denied by you")
    expect(card({ tool: denied })).toContain("keep it")
  })

  it("has no button for what can't be opened", () => {
    const tool = toolCall("read_file", { path: "a.ts" }, { result: {} })
    expect(card({ tool })).not.toContain("Open the file")
    expect(card({ tool, onOpen: () => undefined })).toContain("Open the file")
  })

  it("shows an unknown tool by name, arguments and result", () => {
    const html = card({
      tool: toolCall("crawl", { depth: 2 }, { result: { success: false, outcome: "failed", error: '{"code":7}' } })
    })
    expect(html).toContain("crawl")
    expect(html).toContain("depth")
    expect(html).toContain("code")
  })

  it("is text, whatever is in it", () => {
    const names = [
      "bash",
      "read_file",
      "write_file",
      "edit_file",
      "search_files",
      "delegate",
      "plan",
      "ask_user",
      "message",
      "ui",
      evil
    ]
    for (const name of names) {
      const args = {
        path: evil,
        command: `${evil}\n${evil}`,
        objective: evil,
        question: evil,
        text: evil,
        parts: [{ id: evil, objective: evil }]
      }
      const tool = toolCall(name, args, { result: { success: false, outcome: "failed", error: evil } })
      const html = card({
        tool: {
          ...tool,
          approval: { ...asks(tool), intent: evil },
          decided: decides("deny", { note: evil, pattern: evil })
        }
      })
      expect(html).not.toMatch(/<img/)
      expect(html).not.toContain("\u202E")
    }
  })
})

describe("work that a call has handed out", () => {
  const work = (status: TimelineWork["status"]): TimelineWork => ({
    task_id: "child",
    kind: "agent",
    agent: "code",
    objective: "write it",
    command: null,
    started_at: "2026-01-01T00:00:00.000Z",
    ended_at: null,
    duration_ms: null,
    status,
    exit_code: null,
    output: "",
    output_bytes: null,
    error: null
  })
  const drawn = (status: TimelineWork["status"]) =>
    renderToStaticMarkup(createElement(WorkLines, { work: [work(status)] }))

  it.each(RunPhase.literals)("stands as its run does: %s", (phase) => {
    pageKnows(choirCard("child", phase))
    for (const status of ["running", "failed", "completed"] as const) {
      expect(drawn(status)).toContain(`data-phase="${phase}"`)
    }
  })

  it("stands as it was told where the page does not know the run", () => {
    pageKnows(choirCard("another", "paused"))
    expect(drawn("running")).toContain('data-phase="working"')
    expect(drawn("cancelled")).toContain('data-phase="stopped"')
  })
})

describe("the other cards", () => {
  it("show an event that is not known by its type", () => {
    const note = { seq: 1, at: "2026-01-01T00:00:00.000Z", type: "run.teleported", payload: { to: evil } }
    expect(renderToStaticMarkup(createElement(NoteLine, { note }))).toContain("run.teleported")
  })

  it("tell an error's cause in words", () => {
    const html = renderToStaticMarkup(
      createElement(ErrorCard, { error: { kind: "auth", message: `Check the key. ${evil}` } })
    )
    expect(html).toContain("did not accept the key")
    expect(html).toContain("Check the key.")
    expect(html).not.toMatch(/<img/)
  })

  it("show a person's words as they were typed, and an agent's as markdown", () => {
    const message = (from: string) => renderToStaticMarkup(createElement(MessageCard, { from, text: "a **b**" }))
    expect(message("user")).toContain("a **b**")
    expect(message("code")).toContain("<strong>b</strong>")
  })
})
