/** The computer's own actors as they live: who supervises whom, how each is, and what crashed. */
import type { ActorNode } from "@choiros/protocol"
import { ListTree, Network } from "lucide-react"
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react"
import { useStore } from "zustand"
import { connectionStore } from "../../client/Connection.ts"
import { reconnectNow } from "../../state/sync.ts"
import { Button } from "../../ui/Button.tsx"
import { Empty } from "../../ui/Empty.tsx"
import { ErrorState } from "../../ui/ErrorState.tsx"
import { counted } from "../../ui/format.ts"
import { late, Waiting } from "../../ui/Late.tsx"
import { Loading } from "../../ui/Loading.tsx"
import { OfflineState } from "../../ui/OfflineState.tsx"
import { present } from "../../ui/present.ts"
import { SegmentedControl } from "../../ui/SegmentedControl.tsx"
import { TextField } from "../../ui/TextField.tsx"
import type { AppProps } from "../App.ts"
import { OfflineLine } from "../OfflineLine.tsx"
import { ActorDetail, openSubject } from "./ActorDetail.tsx"
import { ActorTree } from "./ActorTree.tsx"
import { foldedAtFirst, rowsOf } from "./actorTree.ts"
import { Crashes } from "./Crashes.tsx"
import type { Crash } from "./crashes.ts"
import { HealthChecks } from "./HealthChecks.tsx"
import styles from "./Supervision.module.css"
import { useSupervision } from "./useSupervision.ts"

const ActorGraph = late(() => import("./ActorGraph.tsx"))

type Form = "tree" | "graph"

const icon = { size: 16, strokeWidth: 1.75, "aria-hidden": true } as const
const forms = [
  { value: "tree", label: "Tree", icon: <ListTree {...icon} /> },
  { value: "graph", label: "Graph", icon: <Network {...icon} /> }
] as const

const SupervisionApp = ({ visible, setTitle }: AppProps): ReactNode => {
  const { actors, crashes, error, health, retry, status } = useSupervision(visible)
  const offline = useStore(connectionStore, (connection) => connection.status === "offline")
  const [form, setForm] = useState<Form>("tree")
  const [text, setText] = useState("")
  const [selected, setSelected] = useState<string | null>(null)
  const [folded, setFolded] = useState<ReadonlySet<string> | null>(null)
  useEffect(() => setTitle("Supervision"), [setTitle])
  const fresh = useFresh(crashes)
  const closed = useMemo(() => folded ?? foldedAtFirst(actors), [folded, actors])
  const rows = useMemo(() => rowsOf(actors, closed, text), [actors, closed, text])

  if (actors.length === 0) {
    if (offline) return <OfflineState onRetry={reconnectNow} />
    return status === "failed" ? (
      <ErrorState title="The tree could not be read" cause={error} onRetry={retry} />
    ) : (
      <Loading label="the tree of actors" lines={8} />
    )
  }
  const fold = (path: string, isFolded: boolean): void => {
    const next = new Set(closed)
    if (isFolded) next.add(path)
    else next.delete(path)
    setFolded(next)
  }
  /** Goes to an actor, whatever it is folded under. */
  const reveal = (path: string): void => {
    const parents = new Map(actors.map((actor) => [actor.path, actor.parent]))
    const next = new Set(closed)
    for (let above = parents.get(path); above !== null && above !== undefined; above = parents.get(above))
      next.delete(above)
    if (next.size < closed.size) setFolded(next)
    setText("")
    setSelected(path)
  }
  const open = (actor: ActorNode): void => {
    if (openSubject(actor)) return
    const row = rows.find((one) => one.actor.path === actor.path)
    if (row !== undefined && row.open !== null) fold(actor.path, row.open)
  }
  const chosen = actors.find(({ path }) => path === selected)
  return (
    <div className={styles.app}>
      {health !== null && <HealthChecks health={health} />}
      <div className={styles.bar}>
        <SegmentedControl label="Form" options={forms} value={form} onChange={setForm} />
        <TextField
          label="Find an actor"
          hideLabel
          type="search"
          placeholder="Find by path, kind or state"
          className={styles.find}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <span className={styles.count}>{counted(actors.length, "actor")}</span>
      </div>
      <OfflineLine />
      {!offline && error !== null && (
        <p className={styles.stale} role="status">
          Not up to date: {error}.
          <Button size="s" variant="ghost" onClick={retry}>
            Try now
          </Button>
        </p>
      )}
      <div className={styles.main}>
        {rows.length === 0 ? (
          <Empty title="No actor fits" action={<Button onClick={() => setText("")}>Show all</Button>} />
        ) : form === "tree" ? (
          <ActorTree rows={rows} selected={selected} fresh={fresh} onSelect={setSelected} onFold={fold} onOpen={open} />
        ) : (
          <Waiting fallback={<Loading label="the graph" />}>
            <ActorGraph rows={rows} selected={selected} onSelect={setSelected} onOpen={open} />
          </Waiting>
        )}
      </div>
      {chosen !== undefined && <ActorDetail actor={chosen} />}
      <Crashes crashes={crashes} onSelect={reveal} />
    </div>
  )
}

export default SupervisionApp

/** Milliseconds in which a crash is news. */
const newsMs = 10_000

/** By path: crashes that happened while this window was there, and just now. */
const useFresh = (crashes: ReadonlyArray<Crash>): ReadonlyMap<string, number> => {
  const opened = useRef(present())
  return useMemo(() => {
    const since = Math.max(opened.current, present() - newsMs)
    return new Map(
      crashes
        .filter(({ at }) => Date.parse(at) > since)
        .toReversed()
        .map(({ path, seq }) => [path, seq])
    )
  }, [crashes])
}
