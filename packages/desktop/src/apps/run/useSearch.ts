import { useEffect, useMemo, useState } from "react"
import type { Row } from "./timelineRows.ts"
import { searchRows } from "./timelineSearch.ts"

interface Search {
  readonly words: string
  readonly setWords: (words: string) => void
  /** Keys of the rows that have it, in their order; null while it is looked for. */
  readonly hits: ReadonlyArray<string> | null
  /** Index into the hits. */
  readonly at: number
  /** To the next one or the one before; at an end it goes round. */
  readonly go: (by: -1 | 1) => void
}

/** Milliseconds after the last key. */
const pause = 120

export const useSearch = (rows: ReadonlyArray<Row>, onFound: (key: string) => void): Search => {
  const [words, setWords] = useState("")
  const [found, setFound] = useState<{ readonly words: string; readonly hits: ReadonlyArray<string> } | null>(null)
  const [at, setAt] = useState(0)

  useEffect(() => {
    if (words.trim() === "") {
      setFound(null)
      return
    }
    const abort = new AbortController()
    const timer = setTimeout(async () => {
      const indices = await searchRows(rows, words, abort.signal)
      if (indices !== null) setFound({ words, hits: indices.flatMap((index) => rows[index]?.key ?? []) })
    }, pause)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [rows, words])

  const hits = found?.words === words ? found.hits : null
  const firstHit = hits?.[0]
  useEffect(() => {
    if (firstHit !== undefined) onFound(firstHit)
  }, [firstHit, onFound])

  return useMemo(() => {
    const go = (by: -1 | 1) => {
      if (hits === null || hits.length === 0) return
      const next = (at + by + hits.length) % hits.length
      setAt(next)
      const key = hits[next]
      if (key !== undefined) onFound(key)
    }
    // New words begin at their first hit; what comes while the run goes on moves nobody.
    const search = (next: string) => {
      setWords(next)
      setAt(0)
    }
    return { words, setWords: search, hits, at, go }
  }, [words, hits, at, onFound])
}
