/** What today has cost. The sum is the server's: asked for anew when a model's call has ended, at most every two seconds, and when the day is over. */
import { type Event, isEvent, type Tally, UsageReply } from "@choiros/protocol"
import { createStore } from "zustand/vanilla"
import { get } from "../client/api.ts"
import { present } from "../ui/present.ts"

const every = 2_000

export const usageStore = createStore<{ readonly today: Tally | null }>(() => ({ today: null }))

export const readUsage = async (): Promise<void> => {
  const { today } = await get("/usage", UsageReply)
  usageStore.setState({ today: today.used })
  followDay(today.day)
}

const dayLong = 86_400_000
let nextDay: ReturnType<typeof setTimeout> | undefined

/** The sum of a day that is over is no sum of today. Days are those of UTC. */
const followDay = (day: string): void => {
  const rest = Date.parse(`${day}T00:00:00Z`) + dayLong - present()
  clearTimeout(nextDay)
  nextDay = setTimeout(() => void readUsage().catch(() => undefined), Math.min(dayLong, Math.max(60_000, rest + every)))
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
