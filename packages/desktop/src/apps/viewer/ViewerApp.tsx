/** A file as it is meant to be seen. Whatever is in it, it runs nothing here. */
import type { FileEntry } from "@choiros/protocol"
import { ArrowLeft, ArrowRight, Download, FolderOpen, SquarePen } from "lucide-react"
import { useEffect } from "react"
import { useStore } from "zustand"
import { connectionStore } from "../../client/Connection.ts"
import { plainName } from "../../content/plainText.ts"
import { openApp, updateWindow } from "../../state/windows.ts"
import { Button } from "../../ui/Button.tsx"
import { Empty } from "../../ui/Empty.tsx"
import { ErrorState } from "../../ui/ErrorState.tsx"
import { bytes } from "../../ui/format.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { late, Waiting } from "../../ui/Late.tsx"
import { Loading } from "../../ui/Loading.tsx"
import { Toolbar, ToolbarSpace } from "../../ui/Toolbar.tsx"
import type { AppProps } from "../App.ts"
import { isEditable, viewKindOf } from "../files/fileKinds.ts"
import { download } from "../files/filesApi.ts"
import { folderOf, nameOf } from "../files/paths.ts"
import { OfflineLine } from "../OfflineLine.tsx"
import { Unread } from "../Unread.tsx"
import { BytesView } from "./BytesView.tsx"
import { HtmlView } from "./HtmlView.tsx"
import { ImageView } from "./ImageView.tsx"
import { JsonFileView } from "./JsonFileView.tsx"
import { MarkdownView } from "./MarkdownView.tsx"
import { TextView } from "./TextView.tsx"
import { useFileEntry } from "./useFileEntry.ts"
import styles from "./ViewerApp.module.css"
import type { ViewProps } from "./view.ts"

const TableView = late(async () => ({ default: (await import("./TableView.tsx")).TableView }))
const PdfView = late(async () => ({ default: (await import("./PdfView.tsx")).PdfView }))

const icon = { size: 16, strokeWidth: 1.75, "aria-hidden": true } as const

const ViewerApp = (app: AppProps) => {
  const { path } = app.props
  return typeof path === "string" && path !== "" ? (
    <ViewedFile {...app} path={path} />
  ) : (
    <Empty
      icon={<FolderOpen size={24} strokeWidth={1.5} />}
      title="No file is shown here"
      action={<Button onClick={() => openApp("files")}>Choose a file</Button>}
    />
  )
}

const ViewedFile = ({ active, path, setTitle, visible, window_id }: AppProps & { readonly path: string }) => {
  const { found, reload } = useFileEntry(path, visible, active)
  const offline = useStore(connectionStore, ({ status }) => status === "offline")
  const name = plainName(nameOf(path))
  useEffect(() => setTitle(name), [setTitle, name])

  if (found.status === "loading") return <Loading label={name} lines={8} />
  if (found.status === "failed") {
    return <Unread title={`${name} can't be shown`} cause={found.error} offline={found.offline} onRetry={reload} />
  }
  if (found.status === "missing") {
    return (
      <ErrorState title={`There is no ${name} here`} cause="It may have been moved or deleted." onRetry={reload}>
        <Button onClick={() => openApp("files", { path: folderOf(path) === "" ? "." : folderOf(path) })}>
          Look in its folder
        </Button>
      </ErrorState>
    )
  }
  const { entry, files, place } = found
  const turn = (to: FileEntry | undefined) => {
    if (to !== undefined) updateWindow(window_id, { title: plainName(to.name), props: { path: to.path } })
  }
  return (
    <div className={styles.viewer}>
      <Toolbar label="Viewer" className={styles.bar}>
        <IconButton
          label="Previous file"
          icon={<ArrowLeft {...icon} />}
          disabled={place === 0}
          onClick={() => turn(files[place - 1])}
        />
        <IconButton
          label="Next file"
          icon={<ArrowRight {...icon} />}
          disabled={place === files.length - 1}
          onClick={() => turn(files[place + 1])}
        />
        <span className={styles.facts}>{`${place + 1} of ${files.length}, ${bytes(entry.bytes)}`}</span>
        <ToolbarSpace />
        <IconButton
          label="Show in its folder"
          icon={<FolderOpen {...icon} />}
          onClick={() => openApp("files", { path: folderOf(entry.path) })}
        />
        {isEditable(entry.path) && (
          <IconButton
            label="Open in the editor"
            icon={<SquarePen {...icon} />}
            onClick={() => openApp("editor", { path: entry.path })}
          />
        )}
        <IconButton
          label="Download"
          icon={<Download {...icon} />}
          disabled={offline}
          onClick={() => download(entry.path)}
        />
      </Toolbar>
      <OfflineLine />
      <div className={styles.view}>
        <Waiting fallback={<Loading label={name} lines={8} />}>
          <View key={entry.path} entry={entry} visible={visible} />
        </Waiting>
      </div>
    </div>
  )
}

const View = (props: ViewProps) => {
  const { entry } = props
  if (entry.kind === "other") {
    return <Empty title={`${plainName(entry.name)} is no regular file`}>It may wait for someone for ever.</Empty>
  }
  switch (viewKindOf(entry.path)) {
    case "markdown":
      return <MarkdownView {...props} />
    case "image":
      return <ImageView {...props} />
    case "table":
      return <TableView {...props} />
    case "json":
      return <JsonFileView {...props} />
    case "pdf":
      return <PdfView {...props} />
    case "html":
      return <HtmlView {...props} />
    case "bytes":
      return <BytesView {...props} />
    case "text":
    case "unknown":
      return <TextView {...props} />
  }
}

export default ViewerApp
