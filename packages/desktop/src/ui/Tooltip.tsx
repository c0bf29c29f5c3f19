import { Slot } from "radix-ui"
import type { ReactElement } from "react"
import { useTooltip } from "./tooltipLayer.ts"

/** More words for a control that has its own name; they are its description for a screen reader. */
export const Tooltip = ({
  label,
  keys,
  children
}: {
  readonly label: string
  readonly keys?: string | undefined
  readonly children: ReactElement
}) => {
  const tooltip = useTooltip(label, keys)
  return (
    <Slot.Root {...tooltip} aria-description={label}>
      {children}
    </Slot.Root>
  )
}
