/** The one look of a menu: under a button (`Menu`) or at the pointer (`ContextMenu`), from the same list of items. */
import { Check, ChevronRight } from "lucide-react"
import { ContextMenu as RadixContext, DropdownMenu as RadixDropdown } from "radix-ui"
import { type ComponentProps, cloneElement, type ReactElement, type ReactNode, useState } from "react"
import { classes } from "./classes.ts"
import { Kbd } from "./Kbd.tsx"
import styles from "./Menu.module.css"
import { overlays } from "./overlays.ts"

export type MenuAction = {
  readonly id: string
  readonly label: string
  readonly icon?: ReactNode
  readonly keys?: string | undefined
  readonly danger?: boolean | undefined
  readonly disabled?: boolean | undefined
  /** For what is on or off. */
  readonly checked?: boolean | undefined
  readonly onSelect: () => void
}

export type MenuItem =
  | MenuAction
  | "separator"
  | {
      readonly id: string
      readonly label: string
      readonly icon?: ReactNode
      readonly items: ReadonlyArray<MenuItem>
    }

type MenuProps = {
  /** A button that takes native props and a ref. */
  readonly trigger: ReactElement
  readonly items: ReadonlyArray<MenuItem>
  readonly align?: "start" | "center" | "end" | undefined
  readonly side?: "top" | "right" | "bottom" | "left" | undefined
  readonly open?: boolean | undefined
  readonly onOpenChange?: ((open: boolean) => void) | undefined
}

export const Menu = ({ trigger, items, align = "start", side = "bottom", open, onOpenChange }: MenuProps) => (
  <RadixDropdown.Root modal={false} open={open} onOpenChange={onOpenChange}>
    <RadixDropdown.Trigger asChild>{trigger}</RadixDropdown.Trigger>
    <RadixDropdown.Portal container={overlays()}>
      <RadixDropdown.Content className={styles.menu} align={align} side={side} sideOffset={4} collisionPadding={8} loop>
        <Items items={items} parts={RadixDropdown} />
      </RadixDropdown.Content>
    </RadixDropdown.Portal>
  </RadixDropdown.Root>
)

/** A menu that many rows have, and few are opened of: it is made when it is first opened. */
export const LazyMenu = ({
  items,
  trigger,
  ...rest
}: Pick<MenuProps, "align" | "side"> & {
  readonly items: () => ReadonlyArray<MenuItem>
  readonly trigger: ReactElement<ComponentProps<"button">>
}) => {
  const [wasOpened, setOpened] = useState(false)
  const [open, setOpen] = useState(false)
  if (wasOpened) return <Menu {...rest} items={items()} trigger={trigger} open={open} onOpenChange={setOpen} />
  const show = () => {
    setOpened(true)
    setOpen(true)
  }
  return cloneElement(trigger, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onClick: show,
    onKeyDown: (event) => {
      if (event.key === "ArrowDown") show()
    }
  })
}

type ContextMenuProps = {
  /** One element that takes native props and a ref. */
  readonly children: ReactElement
  readonly items: ReadonlyArray<MenuItem>
  readonly disabled?: boolean | undefined
  readonly onOpenChange?: ((open: boolean) => void) | undefined
}

export const ContextMenu = ({ children, items, disabled, onOpenChange }: ContextMenuProps) => (
  <RadixContext.Root modal={false} onOpenChange={onOpenChange}>
    <RadixContext.Trigger asChild disabled={disabled}>
      {children}
    </RadixContext.Trigger>
    <RadixContext.Portal container={overlays()}>
      <RadixContext.Content className={styles.menu} collisionPadding={8} loop>
        <Items items={items} parts={RadixContext} />
      </RadixContext.Content>
    </RadixContext.Portal>
  </RadixContext.Root>
)

type Parts = Pick<
  typeof RadixDropdown,
  | "Group"
  | "Label"
  | "Item"
  | "CheckboxItem"
  | "ItemIndicator"
  | "Separator"
  | "Sub"
  | "SubTrigger"
  | "SubContent"
  | "Portal"
>

const Items = ({ items, parts }: { readonly items: ReadonlyArray<MenuItem>; readonly parts: Parts }) => {
  // Labels stand in one line where only some items have an icon.
  const indent = items.some((item) => item !== "separator" && item.icon !== undefined)
  return items.map((item, index) => {
    // A separator has no name of its own: it is known by what it follows.
    if (item === "separator") {
      const previous = items[index - 1]
      const after = previous === undefined || previous === "separator" ? index : previous.id
      return <parts.Separator key={`after ${after}`} className={styles.separator} />
    }
    if ("items" in item && isNarrow()) {
      return (
        <parts.Group key={item.id}>
          <parts.Label className={styles.heading}>{item.label}</parts.Label>
          <Items items={item.items} parts={parts} />
        </parts.Group>
      )
    }
    if ("items" in item) {
      return (
        <parts.Sub key={item.id}>
          <parts.SubTrigger className={styles.item}>
            <Face indent={indent} icon={item.icon} label={item.label} />
            <ChevronRight size={14} strokeWidth={1.75} aria-hidden="true" className={styles.more} />
          </parts.SubTrigger>
          <parts.Portal container={overlays()}>
            <parts.SubContent className={styles.menu} collisionPadding={8} sideOffset={2} alignOffset={-5} loop>
              <Items items={item.items} parts={parts} />
            </parts.SubContent>
          </parts.Portal>
        </parts.Sub>
      )
    }
    const look = classes(styles.item, item.danger === true && styles.danger)
    const face = (
      <>
        <Face indent={indent} icon={item.icon} label={item.label} />
        {item.keys !== undefined && <Kbd keys={item.keys} />}
      </>
    )
    return item.checked === undefined ? (
      <parts.Item key={item.id} className={look} disabled={item.disabled} onSelect={item.onSelect}>
        {face}
      </parts.Item>
    ) : (
      <parts.CheckboxItem
        key={item.id}
        className={look}
        disabled={item.disabled}
        checked={item.checked}
        onSelect={item.onSelect}
      >
        {face}
        <span className={styles.check}>
          <parts.ItemIndicator>
            <Check size={14} strokeWidth={2} aria-hidden="true" />
          </parts.ItemIndicator>
        </span>
      </parts.CheckboxItem>
    )
  })
}

/** There is no room beside a menu for another one: its items stand below its name. */
const isNarrow = () => window.matchMedia("(max-width: 639px)").matches

type FaceProps = { readonly indent: boolean; readonly icon: ReactNode; readonly label: string }

const Face = ({ indent, icon, label }: FaceProps) => (
  <>
    {indent && <span className={styles.icon}>{icon}</span>}
    <span className={styles.label}>{label}</span>
  </>
)
