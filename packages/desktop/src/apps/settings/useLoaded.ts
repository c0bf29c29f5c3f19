/** What a section shows of the computer: read when it is opened, each time that the page is live again, and when asked to. */
import { useCallback, useEffect, useRef, useState } from "react"
import { ApiError, inWords } from "../../client/api.ts"
import { onLive } from "../../client/Connection.ts"
import { onEvents } from "../../state/listeners.ts"

export type LoadedState<A> =
  | { readonly status: "loading" }
  | { readonly status: "ready"; readonly value: A }
  | { readonly status: "failed"; readonly words: string; readonly offline: boolean }

export interface Loaded<A> {
  readonly state: LoadedState<A>
  readonly reload: () => Promise<void>
  /** What a change has answered with stands at once. */
  readonly put: (value: A) => void
}

/** `read` and `changedBy` are the same ones at each drawing. */
export const useLoaded = <A>(read: () => Promise<A>, changedBy?: (event_type: string) => boolean): Loaded<A> => {
  const [state, setState] = useState<LoadedState<A>>({ status: "loading" })
  const latest = useRef(0)

  const reload = useCallback(async () => {
    latest.current += 1
    const mine = latest.current
    try {
      const value = await read()
      if (mine === latest.current) setState({ status: "ready", value })
    } catch (error) {
      if (mine !== latest.current) return
      const offline = error instanceof ApiError && error.status === 0
      // What was read before stays; the page says by itself that there is no connection.
      setState((before) =>
        before.status === "ready" && offline ? before : { status: "failed", words: inWords(error), offline }
      )
    }
  }, [read])

  const put = useCallback((value: A) => {
    latest.current += 1
    setState({ status: "ready", value })
  }, [])

  useEffect(() => {
    void reload()
    const stops = [
      // It may have been started anew, with other settings.
      onLive(() => void reload()),
      onEvents((batch) => {
        if (changedBy !== undefined && batch.some(({ event_type }) => changedBy(event_type))) void reload()
      })
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [reload, changedBy])
  return { state, reload, put }
}
