/** The latest notices, for a moment: three at most, held while the pointer or the keyboard is on them; failures stay. */
import { X } from "lucide-react"
import { useCallback, useEffect, useState } from "react"
import { useStore } from "zustand"
import { plainName, visibleText } from "../content/plainText.ts"
import { type Notice, noticesStore } from "../state/notices.ts"
import { Button } from "../ui/Button.tsx"
import { IconButton } from "../ui/IconButton.tsx"
import { NoticeIcon } from "./NoticeIcon.tsx"
import { overlayStore } from "./overlay.ts"
import styles from "./Toasts.module.css"

const most = 3
/** Milliseconds. */
const shownFor = 6_000

export const Toasts = () => {
  const notices = useStore(noticesStore, (store) => store.notices)
  const isListed = useStore(overlayStore, ({ status }) => status === "notices")
  const [gone, setGone] = useState<ReadonlySet<number>>(new Set())
  const [held, setHeld] = useState(false)
  const shown = isListed ? [] : notices.filter(({ id }) => !gone.has(id)).slice(-most)
  // A button that goes with its toast takes the keyboard along, and nobody hears that it has left.
  useEffect(() => {
    if (shown.length === 0) setHeld(false)
  }, [shown.length])
  const put = useCallback((id: number) => setGone((before) => new Set(before).add(id)), [])
  return (
    <div
      className={styles.toasts}
      role="status"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {shown.map((notice) => (
        <Toast key={notice.id} notice={notice} held={held} onGone={put} />
      ))}
    </div>
  )
}

interface ToastProps {
  readonly notice: Notice
  readonly held: boolean
  readonly onGone: (id: number) => void
}

const Toast = ({ held, notice, onGone }: ToastProps) => {
  const { action, by, id, level, text, title } = notice
  const stays = level === "error"
  useEffect(() => {
    if (held || stays) return
    const timer = setTimeout(() => onGone(id), shownFor)
    return () => clearTimeout(timer)
  }, [held, stays, id, onGone])
  return (
    <div className={styles.toast} data-level={level}>
      <NoticeIcon level={level} />
      <div className={styles.words}>
        <p className={styles.title}>{plainName(title)}</p>
        {text !== null && text !== "" && <p className={styles.text}>{visibleText(text)}</p>}
        {by !== null && <p className={styles.text}>from {plainName(by)}</p>}
        {action !== null && (
          <Button
            size="s"
            onClick={() => {
              onGone(id)
              action.run()
            }}
          >
            {action.label}
          </Button>
        )}
      </div>
      <IconButton size="s" label={`Close ${plainName(title)}`} icon={<X size={14} />} onClick={() => onGone(id)} />
    </div>
  )
}
