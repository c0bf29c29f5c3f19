/** Waits for a part of a file, and says what is missing of it. */
import type { ReactNode } from "react"
import { plainName } from "../../content/plainText.ts"
import { Button } from "../../ui/Button.tsx"
import { ErrorState } from "../../ui/ErrorState.tsx"
import { bytes } from "../../ui/format.ts"
import { Loading } from "../../ui/Loading.tsx"
import { Progress } from "../../ui/Progress.tsx"
import { download, type Part } from "../files/filesApi.ts"
import { usePart } from "../files/usePart.ts"
import { Unread } from "../Unread.tsx"
import styles from "./PartOf.module.css"
import { type ViewProps, versionOf } from "./view.ts"

interface PartOfProps {
  readonly entry: ViewProps["entry"]
  readonly limit: number
  readonly children: (part: Part) => ReactNode
  /** What is shown of a file that is longer; absent: what was read. */
  readonly whole?: boolean
}

/** Below this the wait is too short for a bar. */
const worthABar = 512 * 1024

export const PartOf = ({ children, entry, limit, whole = false }: PartOfProps) => {
  const name = plainName(entry.name)
  const { reload, used } = usePart(entry.path, limit, versionOf(entry))
  if (used.status === "loading") {
    return used.total > worthABar ? (
      <div className={styles.wait} role="status">
        <p>{`${bytes(used.loaded)} of ${bytes(used.total)}`}</p>
        <Progress value={used.loaded} max={used.total} label={`Loading ${name}`} />
      </div>
    ) : (
      <Loading label={name} lines={8} />
    )
  }
  if (used.status === "failed") {
    return (
      <Unread title={`${name} can't be shown`} cause={used.error} offline={used.offline} onRetry={reload}>
        <Button onClick={() => download(entry.path)}>Download</Button>
      </Unread>
    )
  }
  const { part } = used
  const cut = part.bytes.length < part.size
  if (cut && whole) return <TooLarge name={name} size={part.size} limit={limit} path={entry.path} />
  return (
    <div className={styles.part}>
      {cut && (
        <div className={styles.cut} role="status">
          <p className={styles.words}>{`The first ${bytes(part.bytes.length)} of ${bytes(part.size)} are shown.`}</p>
          <Button size="s" onClick={() => download(entry.path)}>
            Download all of it
          </Button>
        </div>
      )}
      <div className={styles.content}>{children(part)}</div>
    </div>
  )
}

interface TooLargeProps {
  readonly name: string
  readonly path: string
  readonly size: number
  readonly limit: number
}

export const TooLarge = ({ limit, name, path, size }: TooLargeProps) => (
  <ErrorState
    title={`${name} is too large to be shown`}
    cause={`It has ${bytes(size)}; at most ${bytes(limit)} of its kind can be shown.`}
  >
    <Button onClick={() => download(path)}>Download</Button>
  </ErrorState>
)
