/**
 * A document as markdown, however long: drawn part after part, a few each frame, so that nothing else has to wait for it.
 */
import { useEffect, useMemo, useState } from "react"
import { nextFrame } from "../ui/nextFrame.ts"
import styles from "./LongMarkdown.module.css"
import { Markdown } from "./Markdown.tsx"
import type { OpenFile } from "./OpenFile.ts"
import { chunksOf } from "./textChunks.ts"

/** Characters that are drawn in one frame. */
const perFrame = 4_000

/** Footnotes, and addresses that are named at another place: what holds them is one text. */
const refers = /\[\^|^ {0,3}\[[^\]]+\]:/m

interface LongMarkdownProps {
  readonly text: string
  readonly onOpenFile?: OpenFile | undefined
}

export const LongMarkdown = ({ onOpenFile, text }: LongMarkdownProps) => {
  const parts = useMemo(() => partsOf(text), [text])
  const [shown, setShown] = useState({ parts, count: 1 })
  // Of a text that has changed, as much is drawn at once as was before: what is read stays where it is.
  const count = shown.parts === parts ? shown.count : Math.min(parts.length, shown.count)
  const isWhole = count >= parts.length
  useEffect(
    () => (isWhole ? undefined : nextFrame(() => setShown({ parts, count: count + 1 }))),
    [count, isWhole, parts]
  )
  return (
    <div className={styles.long} aria-busy={!isWhole}>
      {parts.slice(0, count).map(({ at, text }) => (
        <Markdown key={at} text={text} onOpenFile={onOpenFile} />
      ))}
    </div>
  )
}

interface Part {
  /** Where it begins, in characters. */
  readonly at: number
  readonly text: string
}

const partsOf = (text: string): ReadonlyArray<Part> => {
  if (refers.test(text)) return [{ at: 0, text }]
  const parts: Array<Part> = []
  let at = 0
  for (const chunk of chunksOf(text)) {
    const last = parts.at(-1)
    if (last !== undefined && last.text.length + chunk.length <= perFrame) {
      parts[parts.length - 1] = { at: last.at, text: last.text + chunk }
    } else parts.push({ at, text: chunk })
    at += chunk.length
  }
  return parts
}
