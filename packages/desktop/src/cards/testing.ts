/** Calls and runs as the tests of what shows them need them. */
import type { ChoirCard, RunPhase, TimelineTool } from "@choiros/protocol"
import { choirStore } from "../state/choir.ts"

const scope = { session_id: "s", thread_id: "t" }

export const toolCall = (
  tool_name: string,
  args: unknown,
  more: Partial<Omit<TimelineTool, "result">> & { readonly result?: Partial<NonNullable<TimelineTool["result"]>> } = {}
): TimelineTool => {
  const call_id = `${tool_name} ${JSON.stringify(args)}`
  const { result, ...rest } = more
  return {
    asked: {
      call_id,
      step: 1,
      tool_name,
      tool_args: typeof args === "string" ? args : JSON.stringify(args),
      reasoning: null,
      scope
    },
    asked_at: "2026-01-01T00:00:00.000Z",
    approval: null,
    decided: null,
    question: null,
    answered: null,
    started: null,
    started_at: null,
    ended_at: null,
    work: [],
    task_id: null,
    ...rest,
    result:
      result === undefined
        ? null
        : {
            call_id,
            tool_name,
            success: true,
            output: "",
            truncated: false,
            duration_ms: 1_000,
            outcome: "ok",
            scope,
            ...result
          }
  }
}

export const asks = (tool: TimelineTool): NonNullable<TimelineTool["approval"]> => ({
  approval_id: "a1",
  call_id: tool.asked.call_id,
  agent: "code",
  tool_name: tool.asked.tool_name,
  tool_args: tool.asked.tool_args,
  request_hash: "h",
  intent: "Delete 14 files in build/",
  effect: null,
  dangerous: [],
  tiers: ["destructive"],
  pattern: null,
  rule: null,
  reason: null
})

export const decides = (
  decision: NonNullable<TimelineTool["decided"]>["decision"],
  more: Partial<NonNullable<TimelineTool["decided"]>> = {}
): NonNullable<TimelineTool["decided"]> => ({
  approval_id: "a1",
  call_id: "c",
  decision,
  request_hash: "h",
  pattern: null,
  tool_args: null,
  note: null,
  by: "user",
  ...more
})

const position: ChoirCard["position"] = {
  status: "working",
  outcome: null,
  call: null,
  failed: false,
  turn_over: false,
  tools: [],
  tasks: [],
  parts: null,
  planned_in: null,
  tail: null
}

/** A run that began at the first moment of 2026. */
export const choirCard = (run_id: string, phase: RunPhase, more: Partial<ChoirCard> = {}): ChoirCard => ({
  run_id,
  parent_run_id: null,
  actor_id: "me",
  session_id: null,
  thread_id: null,
  objective: `do ${run_id}`,
  agent: "code",
  model: "demo",
  phase,
  reason: null,
  started_at: "2026-01-01T00:00:00.000Z",
  ended_at: null,
  steps: 1,
  spent: { calls: 1, tokens: 100, cost: 0 },
  budget: {},
  doing: null,
  lines: [],
  waiting: phase === "waiting_for_you" ? ["call"] : [],
  tasks: [],
  plan: null,
  last_seq: 1,
  last_at: "2026-01-01T00:00:00.000Z",
  position,
  ...more
})

/** The page knows these runs, also where it is drawn without a browser. */
export const pageKnows = (...cards: ReadonlyArray<ChoirCard>): void => {
  const { choir } = choirStore.getState()
  choirStore.setState({ choir: { ...choir, cards: new Map(cards.map((card) => [card.run_id, card])) }, known: true })
  Object.assign(choirStore, { getInitialState: choirStore.getState })
}
