import { useEffect } from "react"
import { useStore } from "zustand"
import { choirStore } from "../../state/choir.ts"
import { useRunView } from "../../state/runs.ts"
import type { ShownRun } from "./timelineRows.ts"

export interface LoadedChild {
  readonly run: ShownRun
  /** That it is being read, or why it can't be; null when it is there. */
  readonly notice: string | null
}

/** Follows a run below the one that is shown, for as long as it is mounted. It draws nothing: its steps are rows of the list. */
export const ChildRun = ({
  run_id,
  agent,
  onLoaded
}: {
  readonly run_id: string
  readonly agent: string
  /** Null when it is followed no more. */
  readonly onLoaded: (run_id: string, child: LoadedChild | null) => void
}) => {
  const { error, shown, status } = useRunView(run_id)
  const live = useStore(choirStore, ({ choir }) => choir.cards.get(run_id)?.ended_at === null)
  useEffect(() => {
    const notice =
      status === "loading" && shown.length === 0 ? "Loading" : status === "failed" ? (error ?? "Failed") : null
    onLoaded(run_id, { run: { run_id, agent, live, steps: shown }, notice })
  }, [run_id, agent, live, shown, status, error, onLoaded])
  useEffect(() => () => onLoaded(run_id, null), [run_id, onLoaded])
  return null
}
