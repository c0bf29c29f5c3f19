/** The tree as a graph to pan and zoom in: supervisors above, what they look after below. */
import type { ActorNode } from "@choiros/protocol"
import { type Edge, Handle, type Node, type NodeProps, Position } from "@xyflow/react"
import { memo } from "react"
import { plainName } from "../../content/plainText.ts"
import { classes } from "../../ui/classes.ts"
import { counted } from "../../ui/format.ts"
import { TreeGraph } from "../../ui/TreeGraph.tsx"
import styles from "./ActorGraph.module.css"
import { ActorName } from "./ActorName.tsx"
import { stateLook } from "./actorStates.ts"
import { type ActorRow, plainKey } from "./actorTree.ts"

interface ActorGraphProps {
  readonly rows: ReadonlyArray<ActorRow>
  readonly selected: string | null
  readonly onSelect: (path: string) => void
  readonly onOpen: (actor: ActorNode) => void
}

type Box = Node<{ readonly actor: ActorNode; readonly chosen: boolean; readonly folded: boolean }, "box">

const measures = { width: 172, height: 56, gap: 10, step: 48 } as const
const fit = { padding: 0.1, minZoom: 0.5, maxZoom: 1.1 } as const
/** More boxes than a person can look at, and than can be laid out between two readings. */
const most = 300

const ActorGraph = ({ rows: all, selected, onSelect, onOpen }: ActorGraphProps) => {
  const rows = all.length > most ? all.slice(0, most) : all
  const paths = new Set(rows.map(({ actor }) => actor.path))
  const edges: ReadonlyArray<Edge> = rows.flatMap(({ actor: { parent, path } }) =>
    parent !== null && paths.has(parent) ? [{ id: path, source: parent, target: path, focusable: false }] : []
  )
  const open = (path: string): void => {
    const row = rows.find(({ actor }) => actor.path === path)
    if (row !== undefined) onOpen(row.actor)
  }
  return (
    <TreeGraph
      label="Who supervises whom"
      boxes={rows.map(({ actor, level, open }) => ({
        id: actor.path,
        above: actor.parent,
        depth: level,
        label: `${plainKey(actor.path)}, ${plainName(actor.kind)}, ${stateLook(actor.state).label}`,
        data: { actor, chosen: actor.path === selected, folded: open === false }
      }))}
      edges={edges}
      nodeTypes={nodeTypes}
      measures={measures}
      fit={fit}
      selected={selected}
      onSelect={onSelect}
      onOpen={open}
    >
      {all.length > most && (
        <p className={styles.cut}>
          The first {most} of {counted(all.length, "actor")}: fold a supervisor in the tree, or look for a name.
        </p>
      )}
    </TreeGraph>
  )
}

export default ActorGraph

const ActorBox = memo(({ data: { actor, chosen, folded } }: NodeProps<Box>) => {
  const { children, kind, path, restarts, state } = actor
  const { icon: Icon, label, tone } = stateLook(state)
  return (
    <div className={classes(styles.node, chosen && styles.chosen)} data-tone={tone}>
      <Handle type="target" position={Position.Left} className={styles.handle} isConnectable={false} />
      <p className={styles.name}>
        <Icon size={14} strokeWidth={1.75} role="img" aria-label={label} />
        <span className={styles.text}>
          <ActorName path={path} kind={kind} />
        </span>
      </p>
      <p className={styles.more}>
        {plainName(kind)}
        {children === undefined ? "" : ` · ${children.live} live`}
        {folded ? " · folded" : ""}
        {restarts > 0 ? ` · ${counted(restarts, "restart")}` : ""}
      </p>
      <Handle type="source" position={Position.Right} className={styles.handle} isConnectable={false} />
    </div>
  )
})
ActorBox.displayName = "ActorBox"

const nodeTypes = { box: ActorBox }
