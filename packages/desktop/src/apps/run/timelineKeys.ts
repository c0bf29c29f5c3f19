/** The keys of a timeline. Taken up once for all windows: they are for the one that has the front. */
import { ChevronsUpDown, SkipBack, SkipForward, StepBack, StepForward } from "lucide-react"
import { type Doing, takeUp } from "../../actions/appActions.ts"
import { desktopStore } from "../../state/desktop.ts"

export interface TimelineMoves {
  readonly step: (by: -1 | 1) => void
  readonly row: (by: -1 | 1) => void
  readonly toggle: () => void
}

const shown = new Map<string, TimelineMoves>()
let putDown: (() => void) | null = null

const front = (): TimelineMoves | undefined => shown.get(desktopStore.getState().active ?? "")

const doing = (icon: NonNullable<Doing["icon"]>, run: (moves: TimelineMoves) => void): Doing => ({
  icon,
  when: () => front() !== undefined,
  run: () => {
    const moves = front()
    if (moves !== undefined) run(moves)
  }
})

const takeThem = (): (() => void) =>
  takeUp({
    "timeline.previous_step": doing(SkipBack, (moves) => moves.step(-1)),
    "timeline.next_step": doing(SkipForward, (moves) => moves.step(1)),
    "timeline.next_row": doing(StepForward, (moves) => moves.row(1)),
    "timeline.previous_row": doing(StepBack, (moves) => moves.row(-1)),
    "timeline.toggle_row": doing(ChevronsUpDown, (moves) => moves.toggle())
  })

/** For as long as the window shows its timeline; returns the way to end it. */
export const takeTimelineKeys = (window_id: string, moves: TimelineMoves): (() => void) => {
  shown.set(window_id, moves)
  putDown ??= takeThem()
  return () => {
    if (shown.get(window_id) === moves) shown.delete(window_id)
    if (shown.size > 0) return
    putDown?.()
    putDown = null
  }
}
