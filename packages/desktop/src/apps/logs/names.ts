/** What ids of the log are called, where the desktop knows. */
import { findThread } from "@choiros/protocol"
import { useStore } from "zustand"
import { plainName, shortened } from "../../content/plainText.ts"
import { choirStore } from "../../state/choir.ts"
import { threadsStore } from "../../state/threads.ts"
import type { ThreadOf } from "./logFilter.ts"

const longest = 60

/** "code: fix the tests"; null for a run that ended long ago. */
export const useRunName = (run_id: string | null): string | null =>
  useStore(choirStore, ({ choir }) => {
    const card = run_id === null ? undefined : choir.cards.get(run_id)
    return card === undefined ? null : `${plainName(card.agent)}: ${shortened(plainName(card.objective), longest)}`
  })

export const useAgentOf = (run_id: string | null): string | null =>
  useStore(choirStore, ({ choir }) => (run_id === null ? null : (choir.cards.get(run_id)?.agent ?? null)))

export const useThreadName = (thread: ThreadOf | null): string | null =>
  useStore(threadsStore, ({ threads }) => {
    const known =
      thread === null ? undefined : findThread(threads, thread.actor_id, thread.session_id, thread.thread_id)
    return known === undefined ? null : shortened(plainName(known.title), longest)
  })
