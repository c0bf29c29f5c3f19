/** What is selected, at a glance. */
import type { FileEntry } from "@choiros/protocol"
import { Download, ExternalLink } from "lucide-react"
import { CodeBlock } from "../../content/CodeBlock.tsx"
import { plainName } from "../../content/plainText.ts"
import { scrollable } from "../../content/scrollable.ts"
import { tryNow } from "../../state/sync.ts"
import { Button } from "../../ui/Button.tsx"
import { bytes, counted } from "../../ui/format.ts"
import { Waiting } from "../../ui/Late.tsx"
import { Loading } from "../../ui/Loading.tsx"
import { Changed } from "./FileRow.tsx"
import { endingOf, iconOf, imageType, kindWords, viewKindOf } from "./fileKinds.ts"
import { download } from "./filesApi.ts"
import { LazyMarkdown } from "./LazyMarkdown.ts"
import styles from "./Preview.module.css"
import { textOf } from "./textOf.ts"
import { useBlobUrl } from "./useBlobUrl.ts"
import { usePart } from "./usePart.ts"

/** Bytes of text that a glance shows, and of the largest image. */
const excerpt = 16 * 1024
const largestImage = 8 * 1024 * 1024

interface PreviewProps {
  readonly entries: ReadonlyArray<FileEntry>
  readonly onOpen: (entry: FileEntry) => void
  readonly offline: boolean
}

export const Preview = ({ entries, offline, onOpen }: PreviewProps) => {
  const [entry] = entries
  if (entry === undefined) return <p className={styles.none}>Select a file to see it here.</p>
  if (entries.length > 1) {
    const size = entries.reduce((sum, one) => sum + (one.kind === "file" ? one.bytes : 0), 0)
    return (
      <div className={styles.none}>
        <p>{counted(entries.length, "item")} selected</p>
        <p>{bytes(size)} in files</p>
      </div>
    )
  }
  const Icon = iconOf(entry)
  return (
    <div className={styles.preview} {...scrollable} role="group" aria-label={`Preview of ${plainName(entry.name)}`}>
      <header className={styles.head}>
        <Icon size={20} strokeWidth={1.5} aria-hidden />
        <h3 className={styles.name}>{plainName(entry.name)}</h3>
      </header>
      <dl className={styles.facts}>
        <dt>Kind</dt>
        <dd>{kindWords(entry)}</dd>
        {entry.kind === "file" && (
          <>
            <dt>Size</dt>
            <dd>{bytes(entry.bytes)}</dd>
          </>
        )}
        <dt>Changed</dt>
        <dd>
          <Changed path={entry.path} at={entry.modified_at} />
        </dd>
      </dl>
      <div className={styles.verbs}>
        <Button size="s" icon={<ExternalLink size={14} strokeWidth={1.75} aria-hidden />} onClick={() => onOpen(entry)}>
          Open
        </Button>
        {entry.kind === "file" && (
          <Button
            size="s"
            icon={<Download size={14} strokeWidth={1.75} aria-hidden />}
            disabled={offline}
            onClick={() => download(entry.path)}
          >
            Download
          </Button>
        )}
      </div>
      {entry.kind === "file" && <Glance key={entry.path} entry={entry} />}
    </div>
  )
}

const Glance = ({ entry }: { readonly entry: FileEntry }) => {
  const kind = viewKindOf(entry.path)
  if (kind === "image") return entry.bytes > largestImage ? null : <ImageGlance entry={entry} />
  if (kind === "pdf" || kind === "bytes" || entry.bytes === 0) return null
  return <TextGlance entry={entry} markdown={kind === "markdown"} />
}

const NoGlance = ({ error, onRetry }: { readonly error: string; readonly onRetry: () => void }) => (
  <p className={styles.words} role="status">
    It can't be shown: {error}.{" "}
    <Button size="s" variant="ghost" onClick={() => tryNow(onRetry)}>
      Try again
    </Button>
  </p>
)

const ImageGlance = ({ entry }: { readonly entry: FileEntry }) => {
  const { reload, used } = usePart(entry.path, largestImage, entry.modified_at)
  const url = useBlobUrl(used.status === "ready" ? used.part.bytes : null, imageType(entry.path))
  if (used.status === "failed") return <NoGlance error={used.error} onRetry={reload} />
  return url === null ? null : <img className={styles.image} src={url} alt={plainName(entry.name)} />
}

const TextGlance = ({ entry, markdown }: { readonly entry: FileEntry; readonly markdown: boolean }) => {
  const { reload, used } = usePart(entry.path, excerpt, entry.modified_at)
  if (used.status === "loading") return <Loading label={plainName(entry.name)} />
  if (used.status === "failed") return <NoGlance error={used.error} onRetry={reload} />
  const { bytes: content, size } = used.part
  const text = textOf(content, content.length === size)
  if (text === null) return <p className={styles.words}>It is no text.</p>
  return (
    <>
      {markdown ? (
        <Waiting fallback={<Loading label={plainName(entry.name)} />}>
          <LazyMarkdown text={text} />
        </Waiting>
      ) : (
        <CodeBlock code={text} language={endingOf(entry.path)} />
      )}
      {content.length < size && (
        <p className={styles.words}>{`The first ${bytes(content.length)} of ${bytes(size)}.`}</p>
      )}
    </>
  )
}
