/**
 * How work that was handed out stands.
 *
 * Law: it stands here as it does everywhere, by its run's own card; what who handed it out was told is for runs that the
 * page does not know.
 */
import type { RunPhase, TimelineWork } from "@choiros/protocol"
import { useStore } from "zustand"
import { choirStore } from "../state/choir.ts"

/** By what who handed it out was told. */
export const toldPhases: Readonly<Record<TimelineWork["status"], RunPhase>> = {
  running: "working",
  completed: "done",
  failed: "failed",
  cancelled: "stopped"
}

/** `run_id` null: no run does it yet. */
export const useWorkPhase = (run_id: string | null, otherwise: RunPhase): RunPhase =>
  useStore(choirStore, ({ choir }) => (run_id === null ? undefined : choir.cards.get(run_id)?.phase)) ?? otherwise
