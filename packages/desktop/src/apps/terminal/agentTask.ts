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

/** The last command that an agent began here, live; null where there was none. */
export const useAgentTask = (terminal_id: string): AgentTask | null => {
  const [task, setTask] = useState<AgentTask | null>(null)
  useEffect(() => {
    if (!isAgents(terminal_id)) return
    let current: AgentTask | null = null
    const push = (events: ReadonlyArray<Event>) => {
      const before = current
      for (const event of events) current = evolveTask(current, terminal_id, event)
      if (current !== before) setTask(current)
    }
    const abort = new AbortController()
    const read = async () => {
      try {
        const query = { type: "worker.task.*", order: "desc", limit: recent }
        const { events } = await get("/events", EventsReply, query, abort.signal)
        push(events.toReversed())
      } catch {
        // What runs now is told by the next event.
      }
    }
    const ends = [onStream(() => void read()), onEvents(push)]
    return () => {
      abort.abort()
      for (const end of ends) end()
    }
  }, [terminal_id])
  return task
}
