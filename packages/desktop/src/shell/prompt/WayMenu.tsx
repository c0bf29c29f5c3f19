import { ChevronUp } from "lucide-react"
import { hasEnded, type PromptContext } from "../../prompt/context.ts"
import { type Way, wayWords } from "../../prompt/describe.ts"
import type { Reading } from "../../prompt/read.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { LateMenu } from "../LateMenu.tsx"
import { setWay } from "./promptStore.ts"

interface WayMenuProps {
  readonly context: PromptContext
  readonly reading: Reading
  readonly way: Way
}

const ways: ReadonlyArray<Way> = ["steer", "queue", "replace", "new"]

/** While a run is in front: what becomes of the words. */
export const WayMenu = ({ context, reading, way }: WayMenuProps) => {
  const front = context.focused !== null && !hasEnded(context.focused.phase) ? context.focused : null
  const run = reading.kind === "objective" ? reading.run : front
  if (run === null) return null
  return (
    <LateMenu
      align="end"
      items={ways.map((one) => ({
        id: one,
        label: `${wayWords[one].label}: ${wayWords[one].does.charAt(0).toLowerCase()}${wayWords[one].does.slice(1)}`,
        checked: one === way,
        onSelect: () => setWay(one)
      }))}
      trigger={
        <IconButton variant="primary" label="How it is sent" icon={<ChevronUp size={14} strokeWidth={1.75} />} />
      }
    />
  )
}
