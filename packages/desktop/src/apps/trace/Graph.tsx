/** Who handed work to whom, and who told whom something: a graph to pan and zoom in. */

import type { ChoirCard } from "@choiros/protocol"
import { type Edge, Handle, MarkerType, type Node, type NodeProps, Position } from "@xyflow/react"
import { memo } from "react"
import { plainName } from "../../content/plainText.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { classes } from "../../ui/classes.ts"
import { duration, tokens } from "../../ui/format.ts"
import { phaseWords } from "../../ui/phaseWords.ts"
import { StateIcon } from "../../ui/StateIcon.tsx"
import { TreeGraph } from "../../ui/TreeGraph.tsx"
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

type RunNode = Node<{ readonly card: ChoirCard; readonly chosen: boolean; readonly now: number }, "box">

/** No smaller than can be read: what does not fit then is panned to. */
const fit = { padding: 0.12, minZoom: 0.6, maxZoom: 1.1 } as const
const measures = { width: 208, height: 76, gap: 20, step: 72 } as const

const Graph = ({ rows, selected, now, onSelect, onOpen }: GraphProps) => {
  const told = useMessages(rows.map(({ card }) => card.run_id).join(" "))
  const ids = new Set(rows.map(({ card }) => card.run_id))
  const edges: ReadonlyArray<Edge> = [
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
  return (
    <TreeGraph
      label="Who handed work to whom"
      boxes={rows.map(({ card, depth }) => ({
        id: card.run_id,
        above: card.parent_run_id,
        depth,
        label: `${card.agent} ${phaseWords[card.phase].verb}: ${card.objective.slice(0, 160)}`,
        data: { card, chosen: card.run_id === selected.run_id, now }
      }))}
      edges={edges}
      nodeTypes={nodeTypes}
      measures={measures}
      fit={fit}
      selected={selected.run_id}
      onSelect={(run_id) => onSelect({ run_id, step: null })}
      onOpen={(run_id) => onOpen({ run_id, step: null })}
    />
  )
}

export default Graph

/** Where a message leaves and arrives: downwards, upwards, or around the side to one of the same depth. */
const portsOf = (rise: number): { readonly sourceHandle: string; readonly targetHandle: string } => ({
  sourceHandle: rise > 0 ? "says_up" : "says_down",
  targetHandle: rise < 0 ? "hears_down" : "hears_up"
})

const depthIn = (rows: ReadonlyArray<TreeRow>, run_id: string): number =>
  rows.find(({ card }) => card.run_id === run_id)?.depth ?? 0

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

const nodeTypes = { box: RunBox }
