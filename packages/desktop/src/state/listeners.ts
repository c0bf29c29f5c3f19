/** Who wants to hear of events as they come, beside the stores: logs, notices, views of one run. */
import type { Event } from "@choiros/protocol"

type OnEvents = (batch: ReadonlyArray<Event>) => void
type OnEphemeral = (topic: string, payload: unknown) => void

const eventListeners = new Set<OnEvents>()
const ephemeralListeners = new Set<OnEphemeral>()

/** Calls back with each batch, in `seq` order; returns the way to stop it. */
export const onEvents = (listener: OnEvents): (() => void) => {
  eventListeners.add(listener)
  return () => eventListeners.delete(listener)
}

export const onEphemeral = (listener: OnEphemeral): (() => void) => {
  ephemeralListeners.add(listener)
  return () => ephemeralListeners.delete(listener)
}

/** One that fails takes nothing from the others. */
const told = (tell: () => void): void => {
  try {
    tell()
  } catch (error) {
    console.error("A listener failed", error)
  }
}

export const tellEvents: OnEvents = (batch) => {
  for (const listener of eventListeners) told(() => listener(batch))
}

export const tellEphemeral: OnEphemeral = (topic, payload) => {
  for (const listener of ephemeralListeners) told(() => listener(topic, payload))
}

const resetListeners = new Set<() => void>()
let streaming = false

/** Calls back when the stream has begun anew, and what was read before it may miss something; at once if it streams already. */
export const onStream = (listener: () => void): (() => void) => {
  resetListeners.add(listener)
  if (streaming) listener()
  return () => resetListeners.delete(listener)
}

export const tellStream = (): void => {
  streaming = true
  for (const listener of resetListeners) told(listener)
}
