/** One segment an agent at work, in the colour of its state. */
import { memo } from "react"
import { useStore } from "zustand"
import { plainName } from "../content/plainText.ts"
import type { RunRef } from "../prompt/context.ts"
import { short } from "../prompt/describe.ts"
import { phaseWords } from "../ui/phaseWords.ts"
import { useTooltip } from "../ui/tooltipLayer.ts"
import styles from "./ChoirLine.module.css"
import { openRun } from "./runCommands.ts"
import { runsNowStore, tintOf } from "./runsNow.ts"

/** Agents up to which the line breathes: each more is one more layer to blend in every frame. */
const few = 8

export const ChoirLine = () => {
  const open = useStore(runsNowStore, (store) => store.open)
  return (
    <div className={styles.line} role="group" aria-label="Agents at work" data-many={open.length > few}>
      {open.map((run) => (
        <Segment key={run.run_id} run={run} />
      ))}
    </div>
  )
}

const Segment = memo(({ run: { agent, objective, phase, run_id } }: { readonly run: RunRef }) => {
  const words = `${agent} ${phaseWords[phase].verb}: ${plainName(short(objective))}`
  const tooltip = useTooltip(words)
  return (
    <button
      {...tooltip}
      type="button"
      className={styles.segment}
      data-tint={tintOf(phase)}
      aria-label={words}
      onClick={() => openRun(run_id)}
    />
  )
})
