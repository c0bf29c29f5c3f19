/** One run as the server tells it, read again when its events say that something has changed. */
import { type Event, type RunDetail, RunReply } from "@choiros/protocol"
import { useEffect, useMemo } from "react"
import { useStore } from "zustand"
import { createStore } from "zustand/vanilla"
import { ApiError, get, inWords, path } from "../../client/api.ts"
import { onLive } from "../../client/Connection.ts"
import { onEvents } from "../../state/listeners.ts"

interface DetailState {
  readonly detail: RunDetail | null
  /** Why it could not be read; what was read before stands. */
  readonly error: { readonly text: string; readonly gone: boolean; readonly offline: boolean } | null
}

/** Milliseconds between two readings. */
const every = 800

const changing = /^(run\.|worker\.task\.(started|completed|failed|cancelled)|budget\.|approval\.|question\.)/

class DetailReader {
  readonly store = createStore<DetailState>(() => ({ detail: null, error: null }))
  readonly #run_id: string
  #abort = new AbortController()
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(run_id: string) {
    this.#run_id = run_id
  }

  /** Reads, and follows the run's events; returns the way to stop it. */
  open(): () => void {
    const isOurs = ({ event_type, run_id }: Event) => run_id === this.#run_id && changing.test(event_type)
    const stops = [
      onEvents((batch) => {
        if (batch.some(isOurs)) this.#soon()
      }),
      // What could not be read while the computer was away; of what changed then its events tell.
      onLive(() => {
        if (this.store.getState().error !== null) this.read()
      })
    ]
    this.read()
    return () => {
      this.#abort.abort()
      if (this.#timer !== null) clearTimeout(this.#timer)
      this.#timer = null
      for (const stop of stops) stop()
    }
  }

  readonly read = (): void => {
    this.#abort.abort()
    this.#abort = new AbortController()
    const { signal } = this.#abort
    get(path`runs/${this.#run_id}`, RunReply, {}, signal)
      .then(({ run }) => this.store.setState({ detail: run, error: null }))
      .catch((error: unknown) => {
        if (signal.aborted) return
        const status = error instanceof ApiError ? error.status : -1
        this.store.setState({ error: { text: inWords(error), gone: status === 404, offline: status === 0 } })
      })
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.read()
    }, every)
  }
}

export const useRunDetail = (run_id: string): DetailState & { readonly read: () => void } => {
  const reader = useMemo(() => new DetailReader(run_id), [run_id])
  useEffect(() => reader.open(), [reader])
  const state = useStore(reader.store)
  return useMemo(() => ({ ...state, read: reader.read }), [state, reader])
}
