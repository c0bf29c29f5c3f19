/** What an actor is called: the thread of a chat, the objective of a run, its own key otherwise. */
import { findThread } from "@choiros/protocol"
import { useStore } from "zustand"
import { plainName, shortened } from "../../content/plainText.ts"
import { choirStore } from "../../state/choir.ts"
import { threadsStore } from "../../state/threads.ts"
import { keyOf, plainKey, threadOfKey } from "./actorTree.ts"

const longest = 60

export const useActorName = (path: string, kind: string): string => {
  const run = useStore(choirStore, ({ choir }) => {
    const card = kind === "run" ? choir.cards.get(keyOf(path)) : undefined
    return card === undefined ? null : `${plainName(card.agent)}: ${shortened(plainName(card.objective), longest)}`
  })
  const thread = useStore(threadsStore, ({ threads }) => {
    const of = kind === "chat" ? threadOfKey(keyOf(path)) : null
    const known = of === null ? undefined : findThread(threads, of.actor_id, of.session_id, of.thread_id)
    return known === undefined ? null : shortened(plainName(known.title), longest)
  })
  return run ?? thread ?? plainKey(path)
}

export const ActorName = ({ path, kind }: { readonly path: string; readonly kind: string }) => useActorName(path, kind)
