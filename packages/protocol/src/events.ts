/**
 * Every event type that ChoirOS knows, as values and as types.
 *
 * Law: one type, one definition; what is not in the catalog is kept and shown, and never taken for something known.
 */
import type { Catalog, Event, EventDefinition } from "./Event.ts"
import { agentEvents } from "./events/agent.ts"
import { chatEvents } from "./events/chat.ts"
import { desktopEvents } from "./events/desktop.ts"
import { fileEvents, viewerEvents } from "./events/file.ts"
import { modelEvents } from "./events/model.ts"
import { oversightEvents } from "./events/oversight.ts"
import { runEvents } from "./events/run.ts"
import { systemEvents } from "./events/system.ts"
import { terminalEvents } from "./events/terminal.ts"
import { toolEvents } from "./events/tool.ts"
import { userEvents } from "./events/user.ts"
import { workerEvents } from "./events/worker.ts"

const definitions = [
  ...systemEvents,
  ...chatEvents,
  ...runEvents,
  ...modelEvents,
  ...toolEvents,
  ...workerEvents,
  ...oversightEvents,
  ...agentEvents,
  ...terminalEvents,
  ...fileEvents,
  ...desktopEvents,
  ...viewerEvents,
  ...userEvents
] as const

type Definition = (typeof definitions)[number]

export const catalog: Catalog = new Map(
  definitions.map((definition): [string, EventDefinition] => [definition.type, definition])
)

/** The payload of each event type, at its current version. */
export type EventPayloads = {
  readonly [D in Definition as D["type"]]: D["payload"]["Type"]
}

export type EventType = keyof EventPayloads

/** An event whose type is known, and whose payload therefore is. */
export type EventOf<Type extends EventType> = {
  [T in Type]: Omit<Event, "event_type" | "payload"> & { readonly event_type: T; readonly payload: EventPayloads[T] }
}[Type]

/** Who and what an event is about, beside its type and payload. Null and absent mean the same. */
export interface EventContext {
  readonly actor_id: string
  readonly user_id?: string | null | undefined
  readonly session_id?: string | null | undefined
  readonly thread_id?: string | null | undefined
  readonly run_id?: string | null | undefined
  readonly correlation_id?: string | null | undefined
  readonly causation_id?: string | null | undefined
  /** Made by the log unless given. */
  readonly event_id?: string | undefined
}

/** A change without its envelope: what a decider returns. */
export type Change<Type extends EventType = EventType> = {
  [T in Type]: { readonly event_type: T; readonly payload: EventPayloads[T] }
}[Type]

/** An event that the log is asked to append. */
export type NewEvent<Type extends EventType = EventType> = {
  [T in Type]: EventContext & { readonly event_type: T; readonly payload: EventPayloads[T] }
}[Type]

/**
 * Tells an event's type. It holds for events as the log gives them (decoded, upcast); one that was written by a newer
 * version, or whose payload was erased, is of no known type.
 */
export const isEvent = <Type extends EventType>(event: Event, type: Type): event is EventOf<Type> =>
  event.event_type === type &&
  event.version === catalog.get(type)?.version &&
  typeof event.payload === "object" &&
  event.payload !== null &&
  !("erased" in event.payload)
