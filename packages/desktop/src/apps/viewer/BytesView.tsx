/** The beginning of a file that is no text. */
import { useMemo } from "react"
import { plainName } from "../../content/plainText.ts"
import { scrollable } from "../../content/scrollable.ts"
import { bytes } from "../../ui/format.ts"
import { Loading } from "../../ui/Loading.tsx"
import type { Part } from "../files/filesApi.ts"
import { usePart } from "../files/usePart.ts"
import { Unread } from "../Unread.tsx"
import styles from "./BytesView.module.css"
import { hexLines } from "./hex.ts"
import { type ViewProps, versionOf } from "./view.ts"

const head = 4 * 1024

export const BytesView = ({ entry }: ViewProps) => {
  const { reload, used } = usePart(entry.path, head, versionOf(entry))
  if (used.status === "loading") return <Loading label="the first bytes" />
  if (used.status === "failed") {
    const title = `${plainName(entry.name)} can't be shown`
    return <Unread title={title} cause={used.error} offline={used.offline} onRetry={reload} />
  }
  return <Bytes part={used.part} />
}

export const Bytes = ({ part }: { readonly part: Part }) => {
  const lines = useMemo(() => hexLines(part.bytes.subarray(0, head)), [part])
  const shown = Math.min(head, part.bytes.length)
  return (
    <div className={styles.bytes} {...scrollable} role="group" aria-label="Bytes of the file">
      <p className={styles.words}>
        {part.size === 0
          ? "This file is empty."
          : `This is no text. ${shown < part.size ? `The first ${bytes(shown)} of ${bytes(part.size)}` : `All ${bytes(part.size)}`}, as bytes:`}
      </p>
      <pre className={styles.hex}>
        {lines.map(({ hex, offset, text }) => (
          <div key={offset}>
            <span className={styles.offset}>{offset}</span>
            {`  ${hex}  `}
            <span className={styles.text}>{text}</span>
          </div>
        ))}
      </pre>
    </div>
  )
}
