/**
 * What each window is about, for those who ask what is in front: the prompt, the keys, links.
 *
 * Law: what a window was asked to show last stands over what it was opened with; a conversation that moves on to another
 * thread says so in the props of its window, and there alone.
 */
import type { ChoirCard, Props, WindowState } from "@choiros/protocol"
import { findThread } from "@choiros/protocol"
import { choirStore } from "../state/choir.ts"
import { desktopStore } from "../state/desktop.ts"
import { threadsStore } from "../state/threads.ts"
import { askedStore, windowOf, withAsked } from "../state/windows.ts"

export const subjectOf = ({ app_id, id, props }: WindowState): Props =>
  app_id === "chat" ? props : withAsked(props, askedStore.getState().asked.get(id))

const text = (props: Props, name: string): string | null => {
  const value = props[name]
  return typeof value === "string" ? value : null
}

export interface FrontThread {
  readonly actor_id: string
  readonly session_id: string
  readonly thread_id: string
}

const frontWindow = (): WindowState | undefined => {
  const { active } = desktopStore.getState()
  return active === null ? undefined : windowOf(active)
}

/** The thread of the window in front. */
export const frontThread = (): FrontThread | null => {
  const window = frontWindow()
  if (window?.app_id !== "chat") return null
  const props = subjectOf(window)
  const [actor_id, session_id, thread_id] = [
    text(props, "actor_id") ?? "me",
    text(props, "session_id"),
    text(props, "thread_id")
  ]
  return session_id === null || thread_id === null ? null : { actor_id, session_id, thread_id }
}

/** The run that the window in front shows: the one at work in its thread, else the thread's last. */
export const frontRun = (): ChoirCard | null => {
  const window = frontWindow()
  if (window === undefined) return null
  const { cards } = choirStore.getState().choir
  const run_id = window.app_id === "run" || window.app_id === "trace" ? text(subjectOf(window), "run_id") : null
  if (run_id !== null) return cards.get(run_id) ?? null
  const scope = frontThread()
  if (scope === null) return null
  const thread = findThread(threadsStore.getState().threads, scope.actor_id, scope.session_id, scope.thread_id)
  const working = thread?.active_run_id ?? null
  if (working !== null) return cards.get(working) ?? null
  let last: ChoirCard | null = null
  for (const card of cards.values()) {
    const isHere =
      card.thread_id === scope.thread_id && card.session_id === scope.session_id && card.actor_id === scope.actor_id
    if (isHere && (last === null || card.last_seq > last.last_seq)) last = card
  }
  return last
}

/** Calls back when what is in front may be another thing now. */
export const onFront = (listener: () => void): (() => void) => {
  const stops = [
    desktopStore.subscribe(({ active, state }, before) => {
      if (active !== before.active || state.windows !== before.state.windows) listener()
    }),
    choirStore.subscribe(listener),
    threadsStore.subscribe(listener),
    askedStore.subscribe(listener)
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
