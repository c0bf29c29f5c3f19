import type { ReactNode } from "react"
import { tryNow } from "../state/sync.ts"
import { ErrorState } from "../ui/ErrorState.tsx"
import { OfflineState } from "../ui/OfflineState.tsx"

interface UnreadProps {
  /** What failed, in words. */
  readonly title: string
  /** Why, in words. */
  readonly cause: string
  /** It failed because the computer could not be reached. */
  readonly offline: boolean
  /** Reads again. */
  readonly onRetry: () => void
  /** Other ways out, where it is the computer that refuses. */
  readonly children?: ReactNode
}

/** What stands in the place of what could not be read. Who draws it reads again when the page is live again (`onLive`). */
export const Unread = ({ cause, children, offline, onRetry, title }: UnreadProps) =>
  offline ? (
    <OfflineState onRetry={() => tryNow(onRetry)} />
  ) : (
    <ErrorState title={title} cause={cause} onRetry={onRetry}>
      {children}
    </ErrorState>
  )
