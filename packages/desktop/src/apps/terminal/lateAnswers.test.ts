import type { Event } from "@choiros/protocol"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { tellEvents, tellStream } from "../../state/listeners.ts"
import { type AgentTask, followTask } from "./agentTask.ts"
import { readShells, shellsStore } from "./shellList.ts"

let answers: Array<(body: object) => void> = []

beforeEach(() => {
  answers = []
  vi.stubGlobal("fetch", () => new Promise<Response>((resolve) => answers.push((body) => resolve(Response.json(body)))))
})
afterEach(() => vi.unstubAllGlobals())

const at = "2026-01-01T00:00:00.000Z"

const event = (seq: number, event_type: string, task_id: string): Event => ({
  seq,
  event_id: `event ${seq}`,
  timestamp: at,
  event_type,
  version: 1,
  actor_id: "main",
  user_id: null,
  session_id: null,
  thread_id: null,
  run_id: "run",
  correlation_id: null,
  causation_id: null,
  payload: {
    task_id,
    correlation_id: "c",
    kind: "terminal_command",
    command: task_id,
    terminal_id: "agent:1",
    started_at: at,
    attempt: 1,
    ...(event_type === "worker.task.started"
      ? { status: "running" }
      : { status: "completed", finished_at: at, duration_ms: 1 })
  }
})

const started = (seq: number, task_id: string): Event => event(seq, "worker.task.started", task_id)
const completed = (seq: number, task_id: string): Event => event(seq, "worker.task.completed", task_id)

describe("an agent's task", () => {
  const told: Array<AgentTask | null> = []
  const answered = (index: number, events: ReadonlyArray<Event>): void =>
    answers[index]?.({ success: true, events: events.toReversed(), next_seq: null, head: 9, log_id: "log" })
  let stop: () => void = () => undefined

  beforeEach(() => {
    told.length = 0
    stop = followTask("agent:1", (task) => told.push(task))
    tellStream()
  })
  afterEach(() => stop())

  it("that began while the older ones were read is not taken back by their answer", async () => {
    tellEvents([started(5, "new")])
    answered(answers.length - 1, [started(1, "old"), completed(2, "old")])
    await vi.waitFor(() => expect(told).toHaveLength(2))
    expect(told.at(-1)).toMatchObject({ task_id: "new", runs: true })
  })

  it("that ended while it was read has ended", async () => {
    tellEvents([completed(2, "one")])
    answered(answers.length - 1, [started(1, "one")])
    await vi.waitFor(() => expect(told).toHaveLength(1))
    expect(told.at(-1)).toMatchObject({ task_id: "one", runs: false })
  })

  it("that the answer knows is not counted again", async () => {
    tellEvents([started(1, "one")])
    answered(answers.length - 1, [started(1, "one"), completed(2, "one")])
    await vi.waitFor(() => expect(told).toHaveLength(2))
    expect(told.at(-1)).toMatchObject({ task_id: "one", runs: false })
  })
})

describe("the shells", () => {
  const shell = (terminal_id: string) => ({
    terminal_id,
    user_id: "me",
    shell: "bash",
    working_dir: "/",
    is_running: true,
    exit_code: null,
    process_id: 1,
    rows: 24,
    cols: 80,
    title: null,
    folder: null
  })
  const shown = (): ReadonlyArray<string> => shellsStore.getState().shells.map(({ terminal_id }) => terminal_id)

  it("are those of the latest reading, whichever is answered last", async () => {
    const first = readShells()
    const second = readShells()
    answers[1]?.({ terminals: [] })
    await second
    answers[0]?.({ terminals: [shell("ended")] })
    await first
    expect(shown()).toEqual([])
  })
})
