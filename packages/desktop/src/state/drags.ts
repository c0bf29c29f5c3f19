/** Windows that another screen is dragging right now. */
import { WindowDraggedFrame } from "@choiros/protocol"
import * as Schema from "effect/Schema"
import { createStore } from "zustand/vanilla"
import { DesktopLink } from "../client/DesktopLink.ts"
import { onEphemeral, onEvents } from "./listeners.ts"
import { desktopId } from "./session.ts"

type Dragged = typeof WindowDraggedFrame.Type

export const link = new DesktopLink(desktopId)

/** Gestures of this page, whose frames come back to it. */
export const ownDrags = new Set<string>()

export const dragsStore = createStore<{ readonly drags: ReadonlyMap<string, Dragged> }>(() => ({ drags: new Map() }))

const dragTopic = "desktop.window_dragged"
/** Milliseconds without a frame after which a drag was left. */
const leftAfter = 2_000

const isDrag = Schema.is(Schema.Struct({ frame: WindowDraggedFrame }))

const without = (window_id: string): void =>
  dragsStore.setState(({ drags }) => {
    if (!drags.has(window_id)) return { drags }
    const left = new Map(drags)
    left.delete(window_id)
    return { drags: left }
  })

const isOfWindow = Schema.is(Schema.Struct({ window_id: Schema.String }))
const timers = new Map<string, ReturnType<typeof setTimeout>>()

export const followDrags = (): void => {
  onEphemeral((topic, payload) => {
    if (topic !== dragTopic || !isDrag(payload)) return
    const { frame } = payload
    if (frame.op_id !== undefined && ownDrags.has(frame.op_id)) return
    dragsStore.setState(({ drags }) => ({ drags: new Map(drags).set(frame.window_id, frame) }))
    clearTimeout(timers.get(frame.window_id))
    timers.set(
      frame.window_id,
      setTimeout(() => without(frame.window_id), leftAfter)
    )
  })
  onEvents((batch) => {
    for (const { event_type, payload } of batch) {
      if (event_type.startsWith("desktop.window_") && isOfWindow(payload)) without(payload.window_id)
    }
  })
}
