import { createContext, useCallback, useContext, useEffect, useState } from "react"
import { onLive } from "../../client/Connection.ts"
import { ImageFileContext } from "../../content/OpenFile.ts"
import { plainName } from "../../content/plainText.ts"
import { scrollable } from "../../content/scrollable.ts"
import { workspaceRoot } from "../../state/openFile.ts"
import { openApp } from "../../state/windows.ts"
import { Waiting } from "../../ui/Late.tsx"
import { Loading } from "../../ui/Loading.tsx"
import { SegmentedControl } from "../../ui/SegmentedControl.tsx"
import { appFor, imageType, viewKindOf } from "../files/fileKinds.ts"
import { readPart } from "../files/filesApi.ts"
import { LazyMarkdown } from "../files/LazyMarkdown.ts"
import { folderOf, resolvedPath } from "../files/paths.ts"
import { textOf } from "../files/textOf.ts"
import { LazyText } from "./LazyText.ts"
import styles from "./MarkdownView.module.css"
import { PartOf } from "./PartOf.tsx"
import type { ViewProps } from "./view.ts"

/** Bytes of a text, and of an image in it. */
const longest = 1024 * 1024
const largestImage = 16 * 1024 * 1024

const ways = [
  { value: "read", label: "Read" },
  { value: "source", label: "Source" }
] as const

export const MarkdownView = ({ entry }: ViewProps) => {
  const [way, setWay] = useState<"read" | "source">("read")
  return (
    <PartOf entry={entry} limit={longest}>
      {(part) => (
        <div className={styles.view}>
          <header className={styles.bar}>
            <SegmentedControl label="How it is shown" options={ways} value={way} onChange={setWay} />
          </header>
          <div className={styles.content}>
            <MarkdownText
              text={textOf(part.bytes, part.bytes.length === part.size) ?? "It is no text."}
              path={entry.path}
              source={way === "source"}
            />
          </div>
        </div>
      )}
    </PartOf>
  )
}

/** The folder that the paths of a text begin in. */
const FolderContext = createContext("")

interface MarkdownTextProps {
  readonly text: string
  readonly path: string
  readonly source: boolean
}

const MarkdownText = ({ path, source, text }: MarkdownTextProps) => {
  const folder = folderOf(path)
  const onOpenFile = useCallback(
    (said: string, line?: number) => {
      void resolvedIn(folder, said).then((to) => {
        if (to === null) return
        if (line === undefined) openApp(appFor(to), { path: to })
        else openApp("editor", { path: to, line })
      })
    },
    [folder]
  )
  if (source) return <LazyText text={text} path={path} />
  return (
    <div className={styles.page} {...scrollable} role="document" aria-label={plainName(path)}>
      <Waiting fallback={<Loading label="the text" lines={8} />}>
        <FolderContext value={folder}>
          <ImageFileContext value={ImageFile}>
            <LazyMarkdown text={text} onOpenFile={onOpenFile} />
          </ImageFileContext>
        </FolderContext>
      </Waiting>
    </div>
  )
}

const resolvedIn = async (folder: string, said: string): Promise<string | null> =>
  resolvedPath(await workspaceRoot(), folder, said.replace(/[?#].*$/, ""))

/** Images of the workspace alone, each as an address of this page: no server is told that they are looked at. */
const ImageFile = ({ alt, src }: { readonly src: string; readonly alt: string }) => {
  const folder = useContext(FolderContext)
  const [url, setUrl] = useState<string | null>(null)
  const [why, setWhy] = useState<string | null>(null)
  const [times, setTimes] = useState(0)
  const unread = why !== null
  useEffect(() => (unread ? onLive(() => setTimes((before) => before + 1)) : undefined), [unread])
  useEffect(() => {
    const left = new AbortController()
    let made: string | null = null
    const load = async () => {
      const path = await resolvedIn(folder, src)
      if (path === null || viewKindOf(path) !== "image") throw new Error("it is no image of the workspace")
      const { bytes, size } = await readPart(path, largestImage, left.signal)
      if (bytes.length < size) throw new Error("it is too large")
      made = URL.createObjectURL(new Blob([bytes], { type: imageType(path) }))
      if (left.signal.aborted) return URL.revokeObjectURL(made)
      setUrl(made)
      setWhy(null)
    }
    if (times >= 0)
      load().catch((error: unknown) => {
        if (!left.signal.aborted) setWhy(error instanceof Error ? error.message : String(error))
      })
    return () => {
      left.abort()
      if (made !== null) URL.revokeObjectURL(made)
    }
  }, [folder, src, times])
  if (why !== null) return <span className={styles.missing}>{`Image ${alt} can't be shown: ${why}`}</span>
  return url === null ? (
    <span className={styles.missing}>{`Image: ${alt}`}</span>
  ) : (
    <img className={styles.image} src={url} alt={alt} />
  )
}
