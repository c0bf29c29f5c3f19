/**
 * What a person has begun on a card, kept apart from it: alone and in a group it is another element, and in a window that
 * is put away there is none.
 *
 * Law: it is there as long as its request or question waits, and no longer.
 */
import type { WaitingState } from "@choiros/protocol"
import { useStore } from "zustand"
import { createStore } from "zustand/vanilla"
import { waitingStore } from "../../state/waiting.ts"
import type { Draft } from "./callArguments.ts"
import type { Answer } from "./decide.ts"

interface BegunRequest {
  readonly form: "pattern" | "note" | null
  /** Null: as it is offered. */
  readonly pattern: string | null
  readonly note: string
  /** Changed arguments are of the request as it was then. */
  readonly changed: { readonly request_hash: string; readonly draft: Draft } | null
  readonly busy: Answer["decision"] | null
  readonly problem: string | null
}

interface BegunAnswer {
  readonly text: string
  readonly busy: boolean
  readonly problem: string | null
}

const makeKept = <A extends object>(none: A, waitingOf: (waiting: WaitingState) => ReadonlyMap<string, unknown>) => {
  const store = createStore<{ readonly begun: ReadonlyMap<string, A> }>(() => ({ begun: new Map() }))
  waitingStore.subscribe(({ waiting }, before) => {
    const waits = waitingOf(waiting)
    const { begun } = store.getState()
    if (begun.size === 0 || waits === waitingOf(before.waiting)) return
    store.setState({ begun: new Map([...begun].filter(([id]) => waits.has(id))) })
  })
  return {
    use: (id: string): A => useStore(store, ({ begun }) => begun.get(id) ?? none),
    change: (id: string, changes: Partial<A>): void => {
      if (!waitingOf(waitingStore.getState().waiting).has(id)) return
      store.setState(({ begun }) => ({ begun: new Map(begun).set(id, { ...none, ...begun.get(id), ...changes }) }))
    }
  }
}

export const { change: changeRequest, use: useBegunRequest } = makeKept<BegunRequest>(
  { form: null, pattern: null, note: "", changed: null, busy: null, problem: null },
  ({ approvals }) => approvals
)

export const { change: changeAnswer, use: useBegunAnswer } = makeKept<BegunAnswer>(
  { text: "", busy: false, problem: null },
  ({ questions }) => questions
)
