/** What runs of the tree told one another: how often, from whom to whom. */
import { type Event, EventsReply, isEvent } from "@choiros/protocol"
import { useEffect, useState } from "react"
import { get } from "../../client/api.ts"
import { onEvents } from "../../state/listeners.ts"

export interface Told {
  readonly from: string
  readonly to: string
  readonly times: number
}

const most = 1_000

/** `runs`: their ids, with a blank between them. What can't be read is not drawn; it comes with the next change. */
export const useMessages = (runs: string): ReadonlyArray<Told> => {
  const [told, setTold] = useState<ReadonlyArray<Told>>([])
  useEffect(() => {
    const ids = runs === "" ? [] : runs.split(" ")
    const abort = new AbortController()
    const seen = new Map<number, readonly [from: string, to: string]>()
    const take = (events: ReadonlyArray<Event>) => {
      const before = seen.size
      for (const event of events) {
        if (event.run_id === null || !isEvent(event, "run.told") || !ids.includes(event.run_id)) continue
        const { run_id } = event.payload.from
        if (run_id !== null && ids.includes(run_id)) seen.set(event.seq, [run_id, event.run_id])
      }
      if (seen.size !== before) setTold(counted(seen.values()))
    }
    setTold([])
    const stop = onEvents(take)
    for (const run_id of ids) {
      get("/events", EventsReply, { run_id, type: "run.told", limit: most }, abort.signal).then(
        ({ events }) => take(events),
        () => undefined
      )
    }
    return () => {
      stop()
      abort.abort()
    }
  }, [runs])
  return told
}

const counted = (pairs: Iterable<readonly [from: string, to: string]>): ReadonlyArray<Told> => {
  const byPair = new Map<string, Told>()
  for (const [from, to] of pairs) {
    const key = `${from}>${to}`
    byPair.set(key, { from, to, times: (byPair.get(key)?.times ?? 0) + 1 })
  }
  return [...byPair.values()]
}
