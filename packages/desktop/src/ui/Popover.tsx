import { Popover as RadixPopover } from "radix-ui"
import type { ReactElement, ReactNode } from "react"
import { classes } from "./classes.ts"
import { overlays } from "./overlays.ts"
import styles from "./Popover.module.css"

type PopoverProps = {
  /** A button that takes native props and a ref. */
  readonly trigger: ReactElement
  readonly children: ReactNode
  /** Names what opens, to a screen reader. */
  readonly label: string
  readonly align?: "start" | "center" | "end" | undefined
  readonly side?: "top" | "right" | "bottom" | "left" | undefined
  readonly open?: boolean | undefined
  readonly onOpenChange?: ((open: boolean) => void) | undefined
  readonly className?: string | undefined
}

export const Popover = ({
  trigger,
  children,
  label,
  align = "center",
  side = "bottom",
  open,
  onOpenChange,
  className
}: PopoverProps) => (
  <RadixPopover.Root open={open} onOpenChange={onOpenChange}>
    <RadixPopover.Trigger asChild>{trigger}</RadixPopover.Trigger>
    <RadixPopover.Portal container={overlays()}>
      <RadixPopover.Content
        className={classes(styles.content, className)}
        aria-label={label}
        align={align}
        side={side}
        sideOffset={6}
        collisionPadding={8}
        onCloseAutoFocus={(event) => {
          // What was opened from it has taken the keyboard, and keeps it.
          if (document.activeElement !== null && document.activeElement !== document.body) event.preventDefault()
        }}
      >
        {children}
      </RadixPopover.Content>
    </RadixPopover.Portal>
  </RadixPopover.Root>
)
