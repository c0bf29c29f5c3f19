/** The log of one window, connected: it begins with the stream, and hears of all that happens. */
import { useEffect, useState } from "react"
import { useStore } from "zustand"
import { onLive } from "../../client/Connection.ts"
import { onEvents, onStream } from "../../state/listeners.ts"
import { LogStore } from "./LogStore.ts"
import type { LogFilter } from "./logFilter.ts"
import { readPage } from "./requests.ts"

export const useLog = (first: () => LogFilter) => {
  const [log] = useState(() => new LogStore(readPage, first()))
  useEffect(() => {
    const stops = [
      // What was read before the stream began anew may miss something.
      onStream(() => void log.toEnd()),
      onEvents((batch) => log.push(batch)),
      onLive(() => log.retry())
    ]
    return () => {
      for (const stop of stops) stop()
      log.stop()
    }
  }, [log])
  return [log, useStore(log.store)] as const
}
