/** The beginning of a file, or all of it. */
import { useCallback, useEffect, useRef, useState } from "react"
import { ApiError, inWords } from "../../client/api.ts"
import { onLive } from "../../client/Connection.ts"
import { type Part, readPart } from "./filesApi.ts"

export type UsedPart =
  | { readonly status: "loading"; readonly loaded: number; readonly total: number }
  | { readonly status: "failed"; readonly error: string; readonly missing: boolean; readonly offline: boolean }
  | { readonly status: "ready"; readonly part: Part }

const loading: UsedPart = { status: "loading", loaded: 0, total: 0 }

/**
 * `version` moves when the file may have changed: what is shown stays until the new content is there. What could not be
 * read is read again when the page is live again, and by `reload`.
 */
export const usePart = (
  path: string,
  limit: number,
  version: number | string
): { readonly used: UsedPart; readonly reload: () => void } => {
  const [times, setTimes] = useState(0)
  const reload = useCallback(() => setTimes((before) => before + 1), [])
  const missed = useRef(false)
  const key = `${limit} ${path}`
  const asked = `${times} ${version} ${key}`
  const [used, setUsed] = useState<{ readonly key: string; readonly part: UsedPart }>({ key, part: loading })
  const latest = useRef(asked)
  useEffect(() => {
    const left = new AbortController()
    let told = 0
    latest.current = asked
    readPart(path, limit, left.signal, (loaded, total) => {
      if (loaded - told < total / 50) return
      told = loaded
      setUsed((before) =>
        before.key === key && before.part.status === "ready"
          ? before
          : { key, part: { status: "loading", loaded, total } }
      )
    }).then(
      (part) => {
        if (latest.current !== asked || left.signal.aborted) return
        missed.current = false
        setUsed({ key, part: { status: "ready", part } })
      },
      (error: unknown) => {
        if (left.signal.aborted) return
        missed.current = true
        const status = error instanceof ApiError ? error.status : -1
        setUsed((before) =>
          before.key === key && before.part.status === "ready" && status === 0
            ? before
            : {
                key,
                part: { status: "failed", error: inWords(error), missing: status === 404, offline: status === 0 }
              }
        )
      }
    )
    return () => left.abort()
  }, [key, path, limit, asked])
  useEffect(
    () =>
      onLive(() => {
        if (missed.current) reload()
      }),
    [reload]
  )
  return { used: used.key === key ? used.part : loading, reload }
}
