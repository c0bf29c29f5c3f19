/** The keys of a timeline. Registered once for all windows: they are for the one that has the front. */
import { ChevronsUpDown, SkipBack, SkipForward, StepBack, StepForward } from "lucide-react"
import { type Action, registerActions } from "../../actions/Action.ts"
import { desktopStore } from "../../state/desktop.ts"

export interface TimelineMoves {
  readonly step: (by: -1 | 1) => void
  readonly row: (by: -1 | 1) => void
  readonly toggle: () => void
}

const shown = new Map<string, TimelineMoves>()
let remove: (() => void) | null = null

const front = (): TimelineMoves | undefined => shown.get(desktopStore.getState().active ?? "")

const action = (
  id: string,
  title: string,
  key: string,
  icon: NonNullable<Action["icon"]>,
  run: (moves: TimelineMoves) => void
): Action => ({
  id: `timeline.${id}`,
  title,
  group: "Timeline",
  icon,
  keys: [key],
  when: () => front() !== undefined,
  run: () => {
    const moves = front()
    if (moves !== undefined) run(moves)
  }
})

const actions: ReadonlyArray<Action> = [
  action("previous_step", "Go to the previous step", "[", SkipBack, (moves) => moves.step(-1)),
  action("next_step", "Go to the next step", "]", SkipForward, (moves) => moves.step(1)),
  action("next_row", "Go to the next row", "J", StepForward, (moves) => moves.row(1)),
  action("previous_row", "Go to the previous row", "K", StepBack, (moves) => moves.row(-1)),
  action("toggle_row", "Open or close the row", "O", ChevronsUpDown, (moves) => moves.toggle())
]

/** For as long as the window shows its timeline; returns the way to end it. */
export const takeTimelineKeys = (window_id: string, moves: TimelineMoves): (() => void) => {
  shown.set(window_id, moves)
  remove ??= registerActions(actions)
  return () => {
    if (shown.get(window_id) === moves) shown.delete(window_id)
    if (shown.size > 0) return
    remove?.()
    remove = null
  }
}
