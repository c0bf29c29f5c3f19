/** Which agent's command runs in a terminal: from the events of the work that was handed to it. */
import { type Event, EventsReply, isEvent } from "@choiros/protocol"
import { useEffect, useState } from "react"
import { get } from "../../client/api.ts"
import { onEvents, onStream } from "../../state/listeners.ts"
import { isAgents } from "./shellList.ts"

export interface AgentTask {
  readonly task_id: string
  readonly run_id: string | null
  readonly command: string
  readonly runs: boolean
}

const recent = 200

/** The task of this terminal after one more event; one that runs gives way to a newer one only. */
const evolveTask = (task: AgentTask | null, terminal_id: string, event: Event): AgentTask | null => {
  if (isEvent(event, "worker.task.started")) {
    const { command = "", task_id, terminal_id: at } = event.payload
    return at === terminal_id ? { task_id, run_id: event.run_id, command, runs: true } : task
  }
  if (
    isEvent(event, "worker.task.completed") ||
    isEvent(event, "worker.task.failed") ||
    isEvent(event, "worker.task.cancelled")
  ) {
    return task !== null && event.payload.task_id === task.task_id ? { ...task, runs: false } : task
  }
  return task
}

/** Tells the last command that an agent began here, whenever it is another one; returns the way to stop. */
export const followTask = (terminal_id: string, tell: (task: AgentTask | null) => void): (() => void) => {
  let current: AgentTask | null = null
  /** What has happened since the reading that is under way was asked for; its answer may come after it. */
  let meanwhile: ReadonlyArray<Event> | null = null
  let reading = new AbortController()

  const fold = (from: AgentTask | null, events: ReadonlyArray<Event>): void => {
    const before = current
    current = events.reduce((task, event) => evolveTask(task, terminal_id, event), from)
    if (current !== before) tell(current)
  }
  const live = (events: ReadonlyArray<Event>): void => {
    if (meanwhile !== null)
      meanwhile = [...meanwhile, ...events.filter(({ event_type }) => event_type.startsWith("worker.task."))]
    fold(current, events)
  }
  const read = async (): Promise<void> => {
    reading.abort()
    reading = new AbortController()
    const { signal } = reading
    const before = current
    meanwhile = []
    let known: ReadonlyArray<Event> = []
    try {
      const query = { type: "worker.task.*", order: "desc", limit: recent }
      known = (await get("/events", EventsReply, query, signal)).events.toReversed()
    } catch {
      // What runs now is told by the next event.
    }
    if (signal.aborted) return
    const upTo = known.at(-1)?.seq ?? 0
    const since = meanwhile.filter(({ seq }) => seq > upTo)
    meanwhile = null
    if (known.length > 0) fold(before, [...known, ...since])
  }

  const ends = [onStream(() => void read()), onEvents(live)]
  return () => {
    reading.abort()
    for (const end of ends) end()
  }
}

/** The last command that an agent began here, live; null where there was none. */
export const useAgentTask = (terminal_id: string): AgentTask | null => {
  const [task, setTask] = useState<AgentTask | null>(null)
  useEffect(() => (isAgents(terminal_id) ? followTask(terminal_id, setTask) : undefined), [terminal_id])
  return task
}
