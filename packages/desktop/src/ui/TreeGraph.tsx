/**
 * A tree as a graph to pan and zoom in: who is above at the left. Loaded when it is first looked at, as its libraries are large.
 *
 * Law: it is walked by arrows, and what has the keyboard is what is selected. When a box comes or goes the whole is shown
 * again; what a person zoomed to stays otherwise.
 */
import { Graph as Layout, layout } from "@dagrejs/dagre"
import {
  Background,
  Controls,
  type Edge,
  type FitViewOptions,
  type NodeTypes,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow
} from "@xyflow/react"
import "@xyflow/react/dist/base.css"
import { type FocusEvent, type KeyboardEvent, type ReactNode, useEffect, useMemo } from "react"
import styles from "./TreeGraph.module.css"

export interface TreeBox<Data> {
  readonly id: string
  readonly above: string | null
  readonly depth: number
  /** What a screen reader says of it. */
  readonly label: string
  readonly data: Data
}

/** Pixels. */
interface Measures {
  readonly width: number
  readonly height: number
  /** Between boxes of one depth, and between depths. */
  readonly gap: number
  readonly step: number
}

interface TreeGraphProps<Data extends Record<string, unknown>> {
  readonly label: string
  readonly boxes: ReadonlyArray<TreeBox<Data>>
  readonly edges: ReadonlyArray<Edge>
  /** One, by the name `box`. */
  readonly nodeTypes: NodeTypes
  readonly measures: Measures
  readonly fit: FitViewOptions
  readonly selected: string | null
  readonly onSelect: (id: string) => void
  readonly onOpen: (id: string) => void
  /** Above the graph. */
  readonly children?: ReactNode
}

export const TreeGraph = <Data extends Record<string, unknown>>(props: TreeGraphProps<Data>) => (
  <ReactFlowProvider>
    <Drawn {...props} />
  </ReactFlowProvider>
)

const Drawn = <Data extends Record<string, unknown>>({
  boxes,
  children,
  edges,
  fit,
  label,
  measures,
  nodeTypes,
  onOpen,
  onSelect,
  selected
}: TreeGraphProps<Data>) => {
  const shape = JSON.stringify(boxes.map(({ above, id }) => [id, above]))
  const places = useMemo(() => placesOf(JSON.parse(shape), measures), [shape, measures])
  const { fitView } = useReactFlow()
  useEffect(() => {
    if (places.size === 0) return
    const frame = requestAnimationFrame(() => void fitView(fit))
    return () => cancelAnimationFrame(frame)
  }, [places, fit, fitView])

  const onFocus = ({ target }: FocusEvent) => {
    const id = boxAt(target)
    if (id !== null && id !== selected) onSelect(id)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const id = boxAt(event.target)
    if (id === null) return
    if (event.key === "Enter") onOpen(id)
    else if (event.key.startsWith("Arrow")) {
      const next = stepTo(boxes, id, event.key)
      if (next === null) return
      for (const node of event.currentTarget.querySelectorAll<HTMLElement>(".react-flow__node")) {
        if (node.dataset.id === next) node.focus()
      }
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <section className={styles.graph} aria-label={label} onFocus={onFocus} onKeyDownCapture={onKeyDown}>
      {children}
      <ReactFlow
        nodes={boxes.map(({ data, id, label }) => ({
          id,
          type: "box",
          position: places.get(id) ?? { x: 0, y: 0 },
          width: measures.width,
          height: measures.height,
          ariaLabel: label,
          data
        }))}
        edges={[...edges]}
        nodeTypes={nodeTypes}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        deleteKeyCode={null}
        minZoom={0.1}
        maxZoom={2}
        fitView
        fitViewOptions={fit}
        onNodeClick={(_, { id }) => onSelect(id)}
        onNodeDoubleClick={(_, { id }) => onOpen(id)}
      >
        <Background gap={20} size={1} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </section>
  )
}

const boxAt = (target: EventTarget): string | null =>
  target instanceof HTMLElement && target.classList.contains("react-flow__node") ? (target.dataset.id ?? null) : null

/** Left to who is above, right to the first below, up and down to the next of the same depth. */
const stepTo = (boxes: ReadonlyArray<TreeBox<unknown>>, from: string, key: string): string | null => {
  const here = boxes.find(({ id }) => id === from)
  if (here === undefined) return null
  if (key === "ArrowLeft") return here.above
  if (key === "ArrowRight") return boxes.find(({ above }) => above === from)?.id ?? null
  const level = boxes.filter(({ depth }) => depth === here.depth)
  return level[level.indexOf(here) + (key === "ArrowDown" ? 1 : -1)]?.id ?? null
}

type Pairs = ReadonlyArray<readonly [id: string, above: string | null]>

const placesOf = (pairs: Pairs, { gap, height, step, width }: Measures) => {
  const graph = new Layout()
  graph.setGraph({ rankdir: "LR", nodesep: gap, ranksep: step })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const [id] of pairs) graph.setNode(id, { width, height })
  for (const [id, above] of pairs) if (above !== null && graph.hasNode(above)) graph.setEdge(above, id)
  layout(graph)
  return new Map(
    graph.nodes().map((id) => {
      const { x = 0, y = 0 } = graph.node(id)
      return [id, { x: x - width / 2, y: y - height / 2 }] as const
    })
  )
}
