import type { ReactNode } from "react"
import { tryNow } from "../../state/sync.ts"
import { Loading } from "../../ui/Loading.tsx"
import { OfflineState } from "../../ui/OfflineState.tsx"
import { OfflineLine } from "../OfflineLine.tsx"
import { Unread } from "../Unread.tsx"
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
  const { offline, words } = state
  return (
    <Unread title={`This page could not read ${what}`} cause={words} offline={offline} onRetry={() => void reload()} />
  )
}

interface WholeProps {
  /** All that it shows of the computer. */
  readonly of: ReadonlyArray<Pick<Loaded<unknown>, "state" | "reload">>
  readonly children: ReactNode
}

/** A section of several parts: that the computer is away is said once, and not by each of them. */
export const Whole = ({ children, of }: WholeProps) => {
  const away = of.find(({ state }) => state.status === "failed" && state.offline)
  if (away !== undefined) return <OfflineState onRetry={() => tryNow(() => void away.reload())} />
  return (
    <>
      {of.some(({ state }) => state.status === "ready") ? <OfflineLine /> : null}
      {children}
    </>
  )
}
