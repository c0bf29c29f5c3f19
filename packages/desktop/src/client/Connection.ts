/**
 * How the page stands with the computer, as it is shown: never "live" unless it is.
 *
 *   connecting ── socket open ──▶ catching_up ── caught_up ──▶ live
 *        │ no answer                  ▲ socket open             │ socket closed
 *        └───────────▶ offline ───────┘ ◀───────────────────────┘
 */
import { createStore } from "zustand/vanilla"

export interface Connection {
  readonly status: "connecting" | "catching_up" | "live" | "offline"
  /** When the next attempt is made, as `present()` tells time; null while one is under way. */
  readonly retryAt: number | null
  /** Events that the last reconnect brought; null before there was one. */
  readonly replayed: number | null
  readonly attempts: number
}

export const connectionStore = createStore<Connection>(() => ({
  status: "connecting",
  retryAt: null,
  replayed: null,
  attempts: 0
}))
