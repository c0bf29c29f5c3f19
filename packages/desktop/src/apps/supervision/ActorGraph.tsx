/** The tree as a graph to pan and zoom in: supervisors above, what they look after below. */
import type { ActorNode } from "@choiros/protocol"
import { Graph as Layout, layout } from "@dagrejs/dagre"
import {
  Background,
  Controls,
  type Edge,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow
} from "@xyflow/react"
import "@xyflow/react/dist/base.css"
import { type FocusEvent, type KeyboardEvent, memo, useEffect, useMemo } from "react"
import { plainName } from "../../content/plainText.ts"
import { classes } from "../../ui/classes.ts"
import { counted } from "../../ui/format.ts"
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

type Box = Node<{ readonly actor: ActorNode; readonly chosen: boolean; readonly folded: boolean }, "actor">

const size = { width: 172, height: 56 } as const
/** More boxes than a person can look at, and than can be laid out between two readings. */
const most = 300

const ActorGraph = (props: ActorGraphProps) => (
  <ReactFlowProvider>
    <Drawn {...props} />
  </ReactFlowProvider>
)

export default ActorGraph

const Drawn = ({ rows: all, selected, onSelect, onOpen }: ActorGraphProps) => {
  const rows = all.length > most ? all.slice(0, most) : all
  const shape = rows.map(({ actor }) => `${actor.path}<${actor.parent ?? ""}`).join(" ")
  const places = useMemo(() => placesOf(shape), [shape])
  const { fitView } = useReactFlow()
  useEffect(() => {
    if (shape === "") return
    const frame = requestAnimationFrame(() => void fitView({ padding: 0.1, minZoom: 0.5, maxZoom: 1.1 }))
    return () => cancelAnimationFrame(frame)
  }, [shape, fitView])

  const paths = new Set(rows.map(({ actor }) => actor.path))
  const nodes: Array<Box> = rows.map(({ actor, open }) => ({
    id: actor.path,
    type: "actor",
    position: places.get(actor.path) ?? { x: 0, y: 0 },
    width: size.width,
    height: size.height,
    ariaLabel: `${plainKey(actor.path)}, ${plainName(actor.kind)}, ${stateLook(actor.state).label}`,
    data: { actor, chosen: actor.path === selected, folded: open === false }
  }))
  const edges: Array<Edge> = rows.flatMap(({ actor: { parent, path } }) =>
    parent !== null && paths.has(parent) ? [{ id: path, source: parent, target: path, focusable: false }] : []
  )

  const onFocus = ({ target }: FocusEvent) => {
    const path = nodeAt(target)
    if (path !== null && path !== selected) onSelect(path)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const path = nodeAt(event.target)
    if (path === null) return
    const row = rows.find(({ actor }) => actor.path === path)
    if (event.key === "Enter" && row !== undefined) onOpen(row.actor)
    else if (event.key.startsWith("Arrow")) {
      const next = stepTo(rows, path, event.key)
      if (next === null) return
      for (const node of event.currentTarget.querySelectorAll<HTMLElement>(".react-flow__node")) {
        if (node.dataset.id === next) node.focus()
      }
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  const open = (path: string): void => {
    const row = rows.find(({ actor }) => actor.path === path)
    if (row !== undefined) onOpen(row.actor)
  }

  return (
    <section className={styles.graph} aria-label="Who supervises whom" onFocus={onFocus} onKeyDownCapture={onKeyDown}>
      {all.length > most && (
        <p className={styles.cut}>
          The first {most} of {counted(all.length, "actor")}: fold a supervisor in the tree, or look for a name.
        </p>
      )}
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        deleteKeyCode={null}
        minZoom={0.1}
        maxZoom={2}
        fitView
        fitViewOptions={{ padding: 0.1, minZoom: 0.5, maxZoom: 1.1 }}
        onNodeClick={(_, { id }) => onSelect(id)}
        onNodeDoubleClick={(_, { id }) => open(id)}
      >
        <Background gap={20} size={1} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </section>
  )
}

const nodeAt = (target: EventTarget): string | null =>
  target instanceof HTMLElement && target.classList.contains("react-flow__node") ? (target.dataset.id ?? null) : null

/** Left to the supervisor, right to the first child, up and down to the next of the same depth. */
const stepTo = (rows: ReadonlyArray<ActorRow>, from: string, key: string): string | null => {
  const here = rows.find(({ actor }) => actor.path === from)
  if (here === undefined) return null
  if (key === "ArrowLeft") return here.actor.parent
  if (key === "ArrowRight") return rows.find(({ actor }) => actor.parent === from)?.actor.path ?? null
  const depth = rows.filter(({ level }) => level === here.level)
  return depth[depth.indexOf(here) + (key === "ArrowDown" ? 1 : -1)]?.actor.path ?? null
}

/** `shape` names each actor and who is above it; paths hold neither space nor "<". */
const placesOf = (shape: string): ReadonlyMap<string, { readonly x: number; readonly y: number }> => {
  const graph = new Layout()
  graph.setGraph({ rankdir: "LR", nodesep: 10, ranksep: 48 })
  graph.setDefaultEdgeLabel(() => ({}))
  const pairs = shape === "" ? [] : shape.split(" ").map((pair) => pair.split("<"))
  for (const [path = ""] of pairs) graph.setNode(path, { ...size })
  for (const [path = "", parent = ""] of pairs) if (graph.hasNode(parent)) graph.setEdge(parent, path)
  layout(graph)
  return new Map(
    graph.nodes().map((id) => {
      const { x = 0, y = 0 } = graph.node(id)
      return [id, { x: x - size.width / 2, y: y - size.height / 2 }]
    })
  )
}

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

const nodeTypes = { actor: ActorBox }
