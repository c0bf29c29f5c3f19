/** Who handed work to whom, and who told whom something: a graph to pan and zoom in. */

import type { ChoirCard } from "@choiros/protocol"
import { Graph as Layout, layout } from "@dagrejs/dagre"
import {
  Background,
  Controls,
  type Edge,
  Handle,
  MarkerType,
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
import { AgentMark } from "../../ui/AgentMark.tsx"
import { classes } from "../../ui/classes.ts"
import { duration, tokens } from "../../ui/format.ts"
import { phaseWords } from "../../ui/phaseWords.ts"
import { StateIcon } from "../../ui/StateIcon.tsx"
import { elapsed } from "../choir/room.ts"
import styles from "./Graph.module.css"
import type { Selection } from "./selection.ts"
import type { TreeRow } from "./tree.ts"
import { useMessages } from "./useMessages.ts"

interface GraphProps {
  readonly rows: ReadonlyArray<TreeRow>
  readonly selected: Selection
  readonly now: number
  readonly onSelect: (selection: Selection) => void
  readonly onOpen: (selection: Selection) => void
}

type RunNode = Node<{ readonly card: ChoirCard; readonly chosen: boolean; readonly now: number }, "run">

/** No smaller than can be read: what does not fit then is panned to. */
const fit = { padding: 0.12, minZoom: 0.6, maxZoom: 1.1 } as const
const size = { width: 208, height: 76 } as const

const Graph = (props: GraphProps) => (
  <ReactFlowProvider>
    <Drawn {...props} />
  </ReactFlowProvider>
)

export default Graph

const Drawn = ({ rows, selected, now, onSelect, onOpen }: GraphProps) => {
  const shape = rows.map(({ card }) => `${card.run_id}<${card.parent_run_id ?? ""}`).join(" ")
  const places = useMemo(() => placesOf(shape), [shape])
  const told = useMessages(rows.map(({ card }) => card.run_id).join(" "))
  const { fitView } = useReactFlow()
  // When a run is added the whole is shown again; what a person zoomed to stays otherwise.
  useEffect(() => {
    if (shape === "") return
    const frame = requestAnimationFrame(() => void fitView(fit))
    return () => cancelAnimationFrame(frame)
  }, [shape, fitView])

  const nodes: Array<RunNode> = rows.map(({ card }) => ({
    id: card.run_id,
    type: "run",
    position: places.get(card.run_id) ?? { x: 0, y: 0 },
    width: size.width,
    height: size.height,
    ariaLabel: `${card.agent} ${phaseWords[card.phase].verb}: ${card.objective.slice(0, 160)}`,
    data: { card, chosen: card.run_id === selected.run_id, now }
  }))
  const ids = new Set(rows.map(({ card }) => card.run_id))
  const edges: Array<Edge> = [
    ...rows.flatMap(({ card }): ReadonlyArray<Edge> => {
      const { parent_run_id, run_id } = card
      if (parent_run_id === null || !ids.has(parent_run_id)) return []
      const isOpen = card.ended_at === null
      return [
        {
          id: `hand ${run_id}`,
          source: parent_run_id,
          sourceHandle: "hands",
          target: run_id,
          targetHandle: "takes",
          className: isOpen ? (styles.open ?? "") : "",
          focusable: false,
          markerEnd: { type: MarkerType.ArrowClosed }
        }
      ]
    }),
    ...told.map(
      ({ from, times, to }): Edge => ({
        id: `told ${from} ${to}`,
        source: from,
        ...portsOf(depthIn(rows, from) - depthIn(rows, to)),
        target: to,
        className: styles.told ?? "",
        focusable: false,
        ...(times === 1 ? {} : { label: `${times} messages` })
      })
    )
  ]

  const onFocus = (event: FocusEvent) => {
    const run_id = nodeAt(event.target)
    if (run_id !== null && run_id !== selected.run_id) onSelect({ run_id, step: null })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const run_id = nodeAt(event.target)
    if (run_id === null) return
    if (event.key === "Enter") onOpen({ run_id, step: null })
    else if (event.key.startsWith("Arrow")) {
      const next = stepTo(rows, run_id, event.key)
      if (next === null) return
      for (const node of event.currentTarget.querySelectorAll<HTMLElement>(".react-flow__node")) {
        if (node.dataset["id"] === next) node.focus()
      }
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <section
      className={styles.graph}
      aria-label="Who handed work to whom"
      onFocus={onFocus}
      onKeyDownCapture={onKeyDown}
    >
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
        fitViewOptions={fit}
        onNodeClick={(_, { id }) => onSelect({ run_id: id, step: null })}
        onNodeDoubleClick={(_, { id }) => onOpen({ run_id: id, step: null })}
      >
        <Background gap={20} size={1} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </section>
  )
}

/** Where a message leaves and arrives: downwards, upwards, or around the side to one of the same depth. */
const portsOf = (rise: number): { readonly sourceHandle: string; readonly targetHandle: string } => ({
  sourceHandle: rise > 0 ? "says_up" : "says_down",
  targetHandle: rise < 0 ? "hears_down" : "hears_up"
})

const depthIn = (rows: ReadonlyArray<TreeRow>, run_id: string): number =>
  rows.find(({ card }) => card.run_id === run_id)?.depth ?? 0

const nodeAt = (target: EventTarget): string | null =>
  target instanceof HTMLElement && target.classList.contains("react-flow__node") ? (target.dataset["id"] ?? null) : null

/** Left to who handed it out, right to what it handed out first, up and down to the next of the same depth. */
const stepTo = (rows: ReadonlyArray<TreeRow>, from: string, key: string): string | null => {
  const here = rows.find(({ card }) => card.run_id === from)
  if (here === undefined) return null
  if (key === "ArrowLeft") return here.card.parent_run_id
  if (key === "ArrowRight") return rows.find(({ card }) => card.parent_run_id === from)?.card.run_id ?? null
  const level = rows.filter(({ depth }) => depth === here.depth)
  return level[level.indexOf(here) + (key === "ArrowDown" ? 1 : -1)]?.card.run_id ?? null
}

/** `shape` names each run and who is above it. */
const placesOf = (shape: string): ReadonlyMap<string, { readonly x: number; readonly y: number }> => {
  const graph = new Layout()
  graph.setGraph({ rankdir: "LR", nodesep: 20, ranksep: 72 })
  graph.setDefaultEdgeLabel(() => ({}))
  const pairs = shape === "" ? [] : shape.split(" ").map((pair) => pair.split("<"))
  for (const [run_id = ""] of pairs) graph.setNode(run_id, { ...size })
  for (const [run_id = "", parent = ""] of pairs) if (graph.hasNode(parent)) graph.setEdge(parent, run_id)
  layout(graph)
  return new Map(
    graph.nodes().map((id) => {
      const { x = 0, y = 0 } = graph.node(id)
      return [id, { x: x - size.width / 2, y: y - size.height / 2 }]
    })
  )
}

const RunBox = memo(({ data: { card, chosen, now } }: NodeProps<RunNode>) => (
  <div className={classes(styles.node, chosen && styles.chosen)} data-phase={card.phase}>
    <Port id="takes" type="target" position={Position.Left} top="50%" />
    <Port id="hears_down" type="target" position={Position.Left} top="75%" />
    <Port id="says_up" type="source" position={Position.Left} top="75%" />
    <div className={styles.head}>
      <AgentMark name={card.agent} size={14} />
      <span className={styles.agent}>{plainName(card.agent)}</span>
      <StateIcon phase={card.phase} size={14} decorative />
    </div>
    <p className={styles.objective}>{plainName(card.objective)}</p>
    <p className={styles.numbers}>
      <span>{duration(elapsed(card, now))}</span>
      <span>{tokens(card.spent.tokens)} tokens</span>
    </p>
    <Port id="hands" type="source" position={Position.Right} top="50%" />
    <Port id="says_down" type="source" position={Position.Right} top="75%" />
    <Port id="hears_up" type="target" position={Position.Right} top="75%" />
  </div>
))

interface PortProps {
  readonly id: string
  readonly type: "source" | "target"
  readonly position: Position
  readonly top: string
}

const Port = ({ id, type, position, top }: PortProps) => (
  <Handle id={id} type={type} position={position} style={{ top }} className={styles.handle} isConnectable={false} />
)

const nodeTypes = { run: RunBox }
