import type { Approval } from "@choiros/protocol"
import { expect, it } from "vitest"
import { groupApprovals } from "./groups.ts"

const thread = { actor_id: "me", session_id: null, thread_id: null }

const approval = (approval_id: string, over: Partial<Approval> = {}): Approval => ({
  approval_id,
  call_id: `call-${approval_id}`,
  agent: "code",
  run_id: "run",
  root_run_id: "root",
  thread,
  root_thread: thread,
  since: `2026-01-01T00:00:0${approval_id.length}.000Z`,
  tool_name: "bash",
  tool_args: "{}",
  request_hash: approval_id,
  intent: approval_id,
  effect: null,
  dangerous: [],
  tiers: ["shell"],
  pattern: "npm *",
  rule: null,
  reason: null,
  decided: null,
  ...over
})

const ids = (approvals: ReadonlyArray<Approval>) =>
  groupApprovals(approvals).map((group) => group.approvals.map(({ approval_id }) => approval_id))

it("puts together what is of the same kind, in the order of the oldest", () => {
  expect(
    ids([
      approval("ccc"),
      approval("bb", { tool_name: "write_file", tiers: ["write"], pattern: "src/*" }),
      approval("a"),
      approval("dddd", { agent: "research", run_id: "child" })
    ])
  ).toEqual([["a", "ccc", "dddd"], ["bb"]])
})

it("keeps apart what would be allowed by another pattern, reaches further, or is other work", () => {
  expect(
    ids([
      approval("a"),
      approval("bb", { pattern: "git *" }),
      approval("ccc", { tiers: ["shell", "network"] }),
      approval("dddd", { root_run_id: "elsewhere" }),
      approval("eeeee", { pattern: null })
    ])
  ).toHaveLength(5)
})

it("has the tiers as a set", () => {
  expect(
    ids([approval("a", { tiers: ["shell", "network"] }), approval("bb", { tiers: ["network", "shell"] })])
  ).toEqual([["a", "bb"]])
})

it("leaves a decided one for itself", () => {
  const decided = { decision: "once", pattern: null, tool_args: null, note: null, by: "user", at: "" } as const
  expect(ids([approval("a"), approval("bb", { decided }), approval("ccc")])).toEqual([["a", "ccc"], ["bb"]])
})
