/** Where the text is: a place that CodeMirror fills. */
import { useEffect, useRef } from "react"
import { Buffer, type Cursor } from "./Buffer.ts"
import styles from "./TextPane.module.css"

interface TextPaneProps {
  readonly first: string
  readonly path: string
  readonly wrap: boolean
  readonly visible: boolean
  readonly onBuffer: (buffer: Buffer | null) => void
  readonly onChange: (byPerson: boolean) => void
  readonly onCursor: (cursor: Cursor) => void
  readonly onLanguage: (name: string) => void
}

export const TextPane = (props: TextPaneProps) => {
  const { visible, wrap } = props
  const host = useRef<HTMLDivElement>(null)
  const buffer = useRef<Buffer | null>(null)
  const current = useRef(props)
  current.current = props

  // The first text is where it begins; what comes later goes through the buffer.
  const { first } = props
  useEffect(() => {
    if (host.current === null) return
    const made = new Buffer({
      parent: host.current,
      text: first,
      path: current.current.path,
      wrap: current.current.wrap,
      onChange: (byPerson) => current.current.onChange(byPerson),
      onCursor: (cursor) => current.current.onCursor(cursor),
      onLanguage: (name) => current.current.onLanguage(name)
    })
    buffer.current = made
    current.current.onBuffer(made)
    return () => {
      current.current.onBuffer(null)
      buffer.current = null
      made.destroy()
    }
  }, [first])
  useEffect(() => buffer.current?.setWrap(wrap), [wrap])
  useEffect(() => {
    if (visible) buffer.current?.measure()
  }, [visible])

  return <div ref={host} className={styles.pane} data-captures-keys />
}
