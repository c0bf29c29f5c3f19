/** The steps of every run in the tree, shown at most four times a second whatever comes. */
import type { TimelineStep } from "@choiros/protocol"
import { createStore, type StoreApi } from "zustand/vanilla"

export interface RunSteps {
  readonly status: "loading" | "ready" | "failed"
  readonly error: string | null
  readonly steps: ReadonlyArray<TimelineStep>
  readonly retry: () => void
}

export interface TraceSteps {
  readonly runs: ReadonlyMap<string, RunSteps>
}

export interface TraceStore {
  readonly store: StoreApi<TraceSteps>
  readonly put: (run_id: string, steps: RunSteps) => void
  readonly stop: () => void
}

const every = 250

export const makeTraceStore = (): TraceStore => {
  const store = createStore<TraceSteps>(() => ({ runs: new Map() }))
  const pending = new Map<string, RunSteps>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = () => {
    timer = undefined
    store.setState(({ runs }) => ({ runs: new Map([...runs, ...pending]) }))
    pending.clear()
  }
  return {
    store,
    put: (run_id, steps) => {
      pending.set(run_id, steps)
      timer ??= setTimeout(flush, store.getState().runs.size === 0 ? 30 : every)
    },
    stop: () => {
      clearTimeout(timer)
      timer = undefined
    }
  }
}
