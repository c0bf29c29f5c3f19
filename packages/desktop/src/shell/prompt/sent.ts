/**
 * What was sent from the prompt and is not put away: a chip each, there before the computer has answered.
 */
import { type Event, isEvent, Task } from "@choiros/protocol"
import * as Schema from "effect/Schema"
import { createStore } from "zustand/vanilla"
import { get, path } from "../../client/api.ts"
import { connectionStore } from "../../client/Connection.ts"
import { onEvents } from "../../state/listeners.ts"

interface Common {
  readonly id: number
  readonly text: string
}

/** `run_id` is null until the computer has answered, and while it waits behind another run. */
export interface SentRun extends Common {
  readonly kind: "run"
  readonly status: "sending" | "sent" | "queued"
  readonly run_id: string | null
}

export interface SentLine extends Common {
  readonly kind: "shell"
  readonly status: "sending" | "running" | "completed" | "failed" | "cancelled"
  readonly task_id: string | null
  readonly exit_code: number | null
  readonly output: string
  /** Why it has failed, where that is no exit code. */
  readonly error: string | null
}

export type Sent = SentRun | SentLine

const kept = 12

export const sentStore = createStore<{ readonly sent: ReadonlyArray<Sent> }>(() => ({ sent: [] }))

let last = 0

const add = (one: Sent): number => {
  sentStore.setState(({ sent }) => ({ sent: [...sent, one].slice(-kept) }))
  return one.id
}

export const addRun = (text: string): number => {
  last += 1
  return add({ id: last, kind: "run", text, status: "sending", run_id: null })
}

export const addLine = (text: string): number => {
  last += 1
  return add({
    id: last,
    kind: "shell",
    text,
    status: "sending",
    task_id: null,
    exit_code: null,
    output: "",
    error: null
  })
}

export const removeSent = (id: number): void =>
  sentStore.setState(({ sent }) => ({ sent: sent.filter((one) => one.id !== id) }))

/** Another chip of the same run goes: one run, one chip. */
export const sentRun = (id: number, run_id: string | null): void =>
  sentStore.setState(({ sent }) => ({
    sent: sent
      .filter((one) => one.id === id || one.kind !== "run" || run_id === null || one.run_id !== run_id)
      .map((one) =>
        one.id === id && one.kind === "run" ? { ...one, status: run_id === null ? "queued" : "sent", run_id } : one
      )
  }))

const changeLine = (id: number, change: Partial<Omit<SentLine, "id" | "kind">>): void =>
  sentStore.setState(({ sent }) => ({
    sent: sent.map((one) => (one.id === id && one.kind === "shell" ? { ...one, ...change } : one))
  }))

const TaskReply = Schema.Struct({ success: Schema.Literal(true), task: Task })

/** From here on its events tell; what they told before is read once. */
export const sentLine = async (id: number, task_id: string): Promise<void> => {
  changeLine(id, { task_id, status: "running" })
  await readLine(id, task_id)
}

/** What can't be read now is read at the next connection: it was taken, so it must not come back as if it had not been. */

const readLine = async (id: number, task_id: string): Promise<void> => {
  const reply = await get(path`tasks/${task_id}`, TaskReply).catch((): null => null)
  if (reply !== null && reply.task.status !== "running") changeLine(id, endOf(reply.task))
}

type End = Pick<Task, "status" | "exit_code" | "output" | "error">

const endOf = ({ error, exit_code, output, status }: End): Partial<SentLine> => ({
  status,
  exit_code: exit_code ?? null,
  output: output ?? "",
  error: error ?? null
})

const isEnd = (event: Event) =>
  isEvent(event, "worker.task.completed") ||
  isEvent(event, "worker.task.failed") ||
  isEvent(event, "worker.task.cancelled")
    ? event.payload
    : null

const lineOf = (task_id: string): SentLine | undefined =>
  sentStore.getState().sent.find((one): one is SentLine => one.kind === "shell" && one.task_id === task_id)

/** A message that waited has become a run. */
const begunBy = (event: Event): void => {
  if (!isEvent(event, "run.started") || event.run_id === null) return
  const { objective } = event.payload
  const waiting = sentStore
    .getState()
    .sent.find((one) => one.kind === "run" && one.status === "queued" && one.text === objective)
  if (waiting !== undefined) sentRun(waiting.id, event.run_id)
}

export const followSent = (): void => {
  onEvents((batch) => {
    if (sentStore.getState().sent.length === 0) return
    for (const event of batch) {
      const end = isEnd(event)
      const line = end === null ? undefined : lineOf(end.task_id)
      if (end !== null && line !== undefined) {
        changeLine(line.id, endOf({ output: "output" in end ? end.output : undefined, ...end }))
      }
      begunBy(event)
    }
  })
  connectionStore.subscribe(({ status }, before) => {
    if (status !== "live" || before.status === "live") return
    for (const one of sentStore.getState().sent) {
      if (one.kind === "shell" && one.status === "running" && one.task_id !== null) void readLine(one.id, one.task_id)
    }
  })
}
