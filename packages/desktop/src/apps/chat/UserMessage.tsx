import { Copy, Ellipsis, Pencil, TextCursorInput } from "lucide-react"
import { useStore } from "zustand"
import { connectionStore } from "../../client/Connection.ts"
import { Button } from "../../ui/Button.tsx"
import { clockTime } from "../../ui/format.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { Menu, type MenuItem } from "../../ui/Menu.tsx"
import { useActs } from "./conversationContext.ts"
import type { UserItem } from "./items.ts"
import styles from "./RowView.module.css"
import { Typed } from "./Typed.tsx"

/** What a person said, as it was typed; or what another agent asked for. */
export const UserMessage = ({ began, item }: { readonly item: UserItem; readonly began: string | null }) => {
  const acts = useActs()
  const offline = useStore(connectionStore, ({ status }) => status === "offline")
  const mine = item.from === "person"
  const copy = (): void => acts.copy(item.text, "The message")
  const items: ReadonlyArray<MenuItem> = [
    { id: "copy", label: "Copy", icon: <Copy size={16} strokeWidth={1.75} />, onSelect: copy },
    {
      id: "again",
      label: "Write it again",
      icon: <TextCursorInput size={16} strokeWidth={1.75} />,
      onSelect: () => acts.writeAgain(item.text)
    },
    ...(began === null
      ? []
      : [
          {
            id: "edit",
            label: "Edit and resend",
            icon: <Pencil size={16} strokeWidth={1.75} />,
            disabled: offline,
            onSelect: () => acts.edit(item, began)
          }
        ])
  ]
  return (
    <article className={styles.message} aria-label={mine ? "Your message" : "Asked by another agent"}>
      <div className={styles.mine} data-from={item.from}>
        {mine ? null : <p className={styles.who}>Asked by another agent</p>}
        <Typed text={item.text} />
        <State item={item} />
      </div>
      <div className={styles.acts}>
        {began === null ? null : (
          <IconButton
            size="s"
            label="Edit and resend"
            disabled={offline}
            icon={<Pencil size={14} strokeWidth={1.75} />}
            onClick={() => acts.edit(item, began)}
          />
        )}
        <IconButton size="s" label="Copy the message" icon={<Copy size={14} strokeWidth={1.75} />} onClick={copy} />
        <Menu
          trigger={
            <IconButton size="s" label="More for the message" icon={<Ellipsis size={14} strokeWidth={1.75} />} />
          }
          align="end"
          items={items}
        />
        <time dateTime={item.at}>{clockTime(item.at)}</time>
      </div>
    </article>
  )
}

const State = ({ item: { edited_from, mode, run_id, state } }: { readonly item: UserItem }) => {
  const { openSettings } = useActs()
  if (state === "queued") return <p className={styles.under}>Waits for the run before it to end</p>
  if (state === "unanswered") {
    return (
      <p className={styles.under}>
        No model is in use, so nobody answers this.
        <Button size="s" variant="ghost" onClick={openSettings}>
          Choose a model
        </Button>
      </p>
    )
  }
  if (edited_from !== null) return <p className={styles.under}>In place of what was asked before</p>
  if (mode === "replace" && run_id !== null) return <p className={styles.under}>Stopped the run before it</p>
  return null
}
