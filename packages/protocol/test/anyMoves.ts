/** Any command to a run, for properties. */
import * as Schema from "effect/Schema"
import type { RunCommand } from "../src/run/decide.ts"
import type { RunState } from "../src/run/RunState.ts"
import {
  answer,
  ask,
  begin,
  beginTool,
  cap,
  close,
  compacted,
  compacting,
  decided,
  end,
  endTool,
  fail,
  handOut,
  part,
  pause,
  plan,
  raise,
  refuse,
  request,
  resume,
  start,
  steer,
  stop,
  taskOver,
  tell
} from "./runFixtures.ts"

/** Mostly about what is there now, so that a list gets somewhere; late and repeated ones come by themselves. */
const moves = {
  begin: (_, which) => begin(`c${which}`),
  end: (state, which) => end(state.call?.call_id ?? `c${which}`),
  tools: (state, which) => end(state.call?.call_id ?? `c${which}`, [`t${state.step}a`, `t${state.step}b`]),
  fail: (state, which) => fail(state.call?.call_id ?? `c${which}`),
  summarize: (_, which) => compacting(`s${which}`),
  summary: (state, which) => compacted(state.call?.call_id ?? `s${which}`, Math.max(0, state.step - 1)),
  beginTool: (state, which) => beginTool(toolOf(state, which)),
  endTool: (state, which) => endTool(toolOf(state, which)),
  refuse: (state, which) => refuse(toolOf(state, which)),
  request: (state, which) => request(toolOf(state, which)),
  again: (state, which) => request(toolOf(state, which), `again-${state.seen_at}-${state.told.length}-${which}`),
  allow: (state, which) => decidedFor(state, which, "once"),
  grant: (state, which) => decidedFor(state, which, "run"),
  deny: (state, which) => decidedFor(state, which, "deny"),
  ask: (state, which) => ask(toolOf(state, which)),
  answer: (state, which) => answer(toolOf(state, which)),
  handOut: (state, which) => handOut(`k${which}-${state.step}`, { call_id: toolOf(state, which) }),
  beginPart: (state, which) => handOut(`p${which}-${state.step}`, { part_id: "abc"[which - 1] ?? "a" }),
  taskDone: (state, which) => taskOver(state, taskOf(state, which)),
  taskFailed: (state, which) => taskOver(state, taskOf(state, which), "failed"),
  plan: (state, which) =>
    plan(
      (state.plan?.revision ?? 0) + (which === 3 ? 2 : 1),
      [part("a"), part("b", ["a"]), part("c")],
      toolOf(state, which)
    ),
  edit: (state) => plan((state.plan?.revision ?? 0) + 1, [part("a"), part("b")]),
  steer: (_, which) => steer(`m${which}`),
  tell: (_, which) => tell(`n${which}`),
  cap: () => cap,
  raise: (_, which) => raise(10 * which),
  stop: () => stop,
  close: () => close,
  pause: () => pause,
  resume: (_, which) => resume(which - 1),
  start: () => start()
} satisfies Record<string, (state: RunState, which: number) => RunCommand>

const toolOf = ({ tools }: RunState, which: number): string =>
  tools[(which - 1) % Math.max(1, tools.length)]?.asked.call_id ?? `t${which}`
const taskOf = ({ tasks }: RunState, which: number): string =>
  tasks.filter((task) => task.status === "open")[which - 1]?.task_id ?? tasks[which - 1]?.task_id ?? "nobody"
const decidedFor = (state: RunState, which: number, decision: "once" | "run" | "deny"): RunCommand => {
  const call_id = toolOf(state, which)
  const asked = state.tools.find((tool) => tool.asked.call_id === call_id)?.approval?.requested
  return decided(
    call_id,
    decision,
    asked === undefined ? {} : { approval_id: asked.approval_id, request_hash: asked.request_hash }
  )
}

const names = Object.keys(moves)
export const Move = Schema.Struct({
  what: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: names.length - 1 })),
  which: Schema.Literals([1, 2, 3])
})

export const commandOf =
  ({ what, which }: typeof Move.Type) =>
  (state: RunState): RunCommand => {
    const name = names[what]
    const made = Object.entries(moves).find(([known]) => known === name)?.[1]
    return made === undefined ? close : made(state, which)
  }
