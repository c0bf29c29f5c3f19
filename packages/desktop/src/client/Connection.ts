/**
 * How the page stands with the computer, as it is shown: never "live" unless it is.
 *
 *   connecting ── socket open ──▶ catching_up ── caught_up ──▶ live
 *        │ no answer                  ▲ socket open             │ socket closed, or what is stored can't be read
 *        └───────────▶ offline ───────┘ ◀───────────────────────┘
 *
 * Law: while there is a problem the status is "offline" until the page is live again, and not "catching_up" between.
 */
import { createStore } from "zustand/vanilla"

export interface Connection {
  readonly status: "connecting" | "catching_up" | "live" | "offline"
  /** When the next attempt is made, as `present()` tells time; null while one is under way. */
  readonly retryAt: number | null
  /** Events that the last reconnect brought; null before there was one. */
  readonly replayed: number | null
  readonly attempts: number
  /** The computer answers, but not with what this page needs: why, in words. Null where it does not answer, or all is well. */
  readonly problem: string | null
}

export const connectionStore = createStore<Connection>(() => ({
  status: "connecting",
  retryAt: null,
  replayed: null,
  attempts: 0,
  problem: null
}))

/** Why nothing can be asked of a computer that is away: the beginning of a sentence. */
export const awayWords = ({ problem }: Connection): string =>
  problem === null ? "The computer does not answer" : "The computer answers with an error"

/** Calls back each time that the page is live again: what could not be read can be read now. Returns the way to stop. */
export const onLive = (listener: () => void): (() => void) =>
  connectionStore.subscribe(({ status }, before) => {
    if (status === "live" && before.status !== "live") listener()
  })
