import { startTransition, useEffect, useState } from "react"
import type { CodeLine } from "./highlight.ts"

/** Characters; what is longer stays plain. */
const longest = 100_000
/** Blocks whose colours are kept, so that a list which scrolls does not parse them again. */
const keptBlocks = 40
const kept = new Map<string, ReadonlyArray<CodeLine>>()

/** The coloured lines of a code, or null as long as there are none: it is shown plain until then. */
export const useHighlighted = (code: string, language: string | undefined): ReadonlyArray<CodeLine> | null => {
  const key = `${language ?? ""}\n${code}`
  const [found, setFound] = useState<{ readonly key: string; readonly lines: ReadonlyArray<CodeLine> } | null>(null)
  const lines = kept.get(key) ?? (found?.key === key ? found.lines : null)
  useEffect(() => {
    if (language === undefined || language === "" || code.length > longest || kept.has(key)) return
    const left = new AbortController()
    const load = async (): Promise<void> => {
      const { highlight } = await import("./highlight.ts")
      const coloured = await highlight(code, language, left.signal)
      if (coloured === null || left.signal.aborted) return
      keep(key, coloured)
      startTransition(() => setFound({ key, lines: coloured }))
    }
    // A parser that can't be loaded leaves the code plain, which is how it is shown already.
    load().catch(() => undefined)
    return () => left.abort()
  }, [code, key, language])
  return lines
}

const keep = (key: string, lines: ReadonlyArray<CodeLine>): void => {
  const oldest = kept.size >= keptBlocks ? kept.keys().next().value : undefined
  if (oldest !== undefined) kept.delete(oldest)
  kept.set(key, lines)
}
