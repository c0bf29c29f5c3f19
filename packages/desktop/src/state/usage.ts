/** What today has cost. The sum is the server's: asked for anew when a model's call has ended, at most every two seconds. */
import { type Event, isEvent, type Tally, UsageReply } from "@choiros/protocol"
import { createStore } from "zustand/vanilla"
import { get } from "../client/api.ts"

const every = 2_000

export const usageStore = createStore<{ readonly today: Tally | null }>(() => ({ today: null }))

export const readUsage = async (): Promise<void> => {
  const { today } = await get("/usage", UsageReply)
  usageStore.setState({ today: today.used })
}

let asked = false

export const usageMayHaveChanged = (events: ReadonlyArray<Event>): void => {
  if (asked || !events.some((event) => isEvent(event, "model.call_ended"))) return
  asked = true
  setTimeout(() => {
    asked = false
    // The next call that ends asks again; until then the last known sum stands.
    readUsage().catch(() => undefined)
  }, every)
}
