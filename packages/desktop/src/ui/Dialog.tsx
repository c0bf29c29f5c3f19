import { X } from "lucide-react"
import { Dialog as RadixDialog } from "radix-ui"
import type { ReactNode } from "react"
import { classes } from "./classes.ts"
import styles from "./Dialog.module.css"
import { DialogPanel } from "./DialogPanel.tsx"
import { IconButton } from "./IconButton.tsx"
import { overlays } from "./overlays.ts"

type DialogProps = {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  readonly title: string
  readonly description?: ReactNode
  readonly children?: ReactNode
  /** The buttons, the one that goes on last. */
  readonly footer?: ReactNode
  readonly size?: "s" | "m" | "l" | undefined
}

export const Dialog = ({ open, onOpenChange, title, description, children, footer, size = "m" }: DialogProps) => (
  <RadixDialog.Root open={open} onOpenChange={onOpenChange}>
    <RadixDialog.Portal container={overlays()}>
      {/* Not Radix's own overlay: that one locks the scrolling of the page by a style element, and our page never scrolls. */}
      <div className={styles.scrim}>
        <DialogPanel
          className={classes(styles.dialog, styles[size])}
          {...(description === undefined ? { "aria-describedby": undefined } : {})}
        >
          <header className={styles.header}>
            <div className={styles.words}>
              <RadixDialog.Title className={styles.title}>{title}</RadixDialog.Title>
              {description !== undefined && (
                <RadixDialog.Description className={styles.description}>{description}</RadixDialog.Description>
              )}
            </div>
            <RadixDialog.Close asChild>
              <IconButton label="Close" icon={<X size={16} strokeWidth={1.75} />} size="s" />
            </RadixDialog.Close>
          </header>
          {children !== undefined && <div className={styles.body}>{children}</div>}
          {footer !== undefined && <footer className={styles.footer}>{footer}</footer>}
        </DialogPanel>
      </div>
    </RadixDialog.Portal>
  </RadixDialog.Root>
)
