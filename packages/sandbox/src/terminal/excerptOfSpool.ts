/** What is shown of an output: all of a short one, the beginning and the end of a long one. */
import { collapseReturns } from "./cleanText.ts"
import type { Spool } from "./Spool.ts"

/** Bytes of an excerpt's two parts. Together with what is said between them they stay below what a result may show. */
const head = 9000
const tail = 5500
/** Bytes that are shown whole. */
export const shownWhole = 15_000

/** `way` says how to get at what is left out. */
export const excerptOfSpool = async (spool: Spool, way: string): Promise<string> => {
  if (spool.total <= shownWhole) return collapseReturns(await spool.read(0, shownWhole))
  const [first, last] = [await spool.read(0, head), spool.last(tail)]
  const notice = `\n\n[… ${spool.total - head - tail} bytes left out${way} …]\n\n`
  return collapseReturns(first) + notice + collapseReturns(last)
}

/** As much as an event may carry, from both ends. */
export const outputForEvent = async (spool: Spool, limit: number): Promise<string> => {
  if (spool.total <= limit) return spool.read(0, limit)
  const last = spool.last(limit / 2)
  const first = await spool.read(0, limit - last.length)
  return `${first}\n\n[… the middle of ${spool.total} bytes was not kept …]\n\n${last}`
}
