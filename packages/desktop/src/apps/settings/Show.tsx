import type { ReactNode } from "react"
import { reconnectNow } from "../../state/sync.ts"
import { ErrorState } from "../../ui/ErrorState.tsx"
import { Loading } from "../../ui/Loading.tsx"
import { OfflineState } from "../../ui/OfflineState.tsx"
import type { Loaded } from "./useLoaded.ts"

interface ShowProps<A> {
  readonly of: Loaded<A>
  /** As "the models". */
  readonly what: string
  readonly children: (value: A) => ReactNode
}

/** What was read, or why it is not there. */
export const Show = <A,>({ children, of, what }: ShowProps<A>) => {
  const { reload, state } = of
  if (state.status === "ready") return children(state.value)
  if (state.status === "loading") return <Loading label={what} />
  if (state.offline) return <OfflineState onRetry={reconnectNow} />
  return <ErrorState title={`This page could not read ${what}`} cause={state.words} onRetry={() => void reload()} />
}
