/**
 * The runs of one tree, live.
 *
 * Law: what the computer tells of the tree is read once, from its top down; the choir's cards go on from there. A run that
 * ended long ago is in it like any other.
 */
import { type ChoirCard, initialChoir, RunReply, RunsReply, seedChoir } from "@choiros/protocol"
import { useCallback, useEffect, useMemo, useState } from "react"
import { ApiError, get, inWords, path } from "../../client/api.ts"
import { onLive } from "../../client/Connection.ts"
import { choirStore } from "../../state/choir.ts"
import { useChoir } from "../choir/useChoir.ts"
import { further, rootOf, type TreeRow, treeOf } from "./tree.ts"

export interface Tree {
  readonly status: "loading" | "ready" | "missing" | "failed"
  readonly error: string | null
  /** It failed because the computer could not be reached. */
  readonly offline: boolean
  readonly rows: ReadonlyArray<TreeRow>
  readonly retry: () => void
}

type Cards = ReadonlyMap<string, ChoirCard>
type Read = Pick<Tree, "status" | "error" | "offline"> & { readonly cards: Cards }

const none: Cards = new Map()
const loading: Read = { status: "loading", error: null, offline: false, cards: none }

export const useTree = (run_id: string, visible: boolean): Tree => {
  const [read, setRead] = useState(loading)
  const [times, setTimes] = useState(0)
  const retry = useCallback(() => setTimes((before) => before + 1), [])
  useEffect(() => {
    const abort = new AbortController()
    // Another run, or another try: each begins anew. What says that the computer is away stands until it has answered.
    setRead((before) => (times > 0 && (before.status === "ready" || before.offline) ? before : loading))
    readTree(run_id, abort.signal).then(
      (cards) => setRead({ status: "ready", error: null, offline: false, cards }),
      (error: unknown) => {
        if (abort.signal.aborted) return
        const status = error instanceof ApiError ? error.status : -1
        setRead({
          status: status === 404 ? "missing" : "failed",
          error: inWords(error),
          offline: status === 0,
          cards: none
        })
      }
    )
    return () => abort.abort()
  }, [run_id, times])
  const unread = read.status === "failed"
  useEffect(() => (unread ? onLive(retry) : undefined), [unread, retry])
  const { cards: live } = useChoir(visible)
  const rows = useMemo(() => {
    const cards = further(read.cards, live)
    return treeOf(rootOf(run_id, cards), cards)
  }, [read, live, run_id])
  return { status: read.status, error: read.error, offline: read.offline, rows, retry }
}

const most = 500

const readTree = async (run_id: string, signal: AbortSignal): Promise<Cards> => {
  let choir = initialChoir
  const known = choirStore.getState().choir.cards
  let top: string | null = run_id
  const above = new Set<string>()
  while (top !== null && !above.has(top)) {
    above.add(top)
    const card: ChoirCard | undefined = known.get(top)
    if (card === undefined) {
      const { run }: typeof RunReply.Type = await get(path`runs/${top}`, RunReply, {}, signal)
      choir = seedChoir(choir, [run])
      top = run.parent_run_id
    } else {
      choir = { cards: new Map(choir.cards).set(top, card) }
      top = card.parent_run_id
    }
  }
  let level = [...above].slice(-1)
  const asked = new Set<string>()
  while (level.length > 0) {
    const replies = await Promise.all(
      level.map((parent_run_id) => get("/runs", RunsReply, { parent_run_id, limit: most }, signal))
    )
    for (const id of level) asked.add(id)
    const runs = replies.flatMap((reply) => reply.runs)
    choir = seedChoir(choir, runs)
    level = runs.map((run) => run.run_id).filter((id) => !asked.has(id))
  }
  return choir.cards
}
