/** One file's text: written, saved over what was read, and never lost to another's save. */
import { ArrowDownToLine, Eye, FolderOpen, Save, Search, WrapText } from "lucide-react"
import { useCallback, useEffect, useRef, useState } from "react"
import { useStore } from "zustand"
import { type Doing, takeUp } from "../../actions/appActions.ts"
import { awayWords, connectionStore } from "../../client/Connection.ts"
import { plainName } from "../../content/plainText.ts"
import { workspaceRoot } from "../../state/openFile.ts"
import { reconnectNow } from "../../state/sync.ts"
import { closeWindow, openApp, updateWindow } from "../../state/windows.ts"
import { Button } from "../../ui/Button.tsx"
import { Empty } from "../../ui/Empty.tsx"
import { ErrorState } from "../../ui/ErrorState.tsx"
import { IconButton } from "../../ui/IconButton.tsx"
import { late, Waiting } from "../../ui/Late.tsx"
import { Loading } from "../../ui/Loading.tsx"
import { OfflineState } from "../../ui/OfflineState.tsx"
import { Toolbar, ToolbarSpace } from "../../ui/Toolbar.tsx"
import type { AppProps } from "../App.ts"
import { appFor } from "../files/fileKinds.ts"
import { download } from "../files/filesApi.ts"
import { folderOf, nameOf, shownPath } from "../files/paths.ts"
import { followWriters } from "../files/writers.ts"
import { Bars } from "./Bars.tsx"
import type { Buffer, Cursor } from "./Buffer.ts"
import styles from "./EditorApp.module.css"
import { toggleWrap, wrapStore } from "./editorLook.ts"
import { lineEndWords } from "./lineEnds.ts"
import type { Revised } from "./reconcile.ts"
import { TextPane } from "./TextPane.tsx"
import { type Document, useDocument } from "./useDocument.ts"

const Compare = late(async () => ({ default: (await import("./Compare.tsx")).Compare }))

const icon = { size: 16, strokeWidth: 1.75, "aria-hidden": true } as const

const EditorApp = (app: AppProps) => {
  const path = app.props.path
  return typeof path === "string" && path !== "" ? (
    <EditorFile {...app} path={path} />
  ) : (
    <Empty
      icon={<FolderOpen size={24} strokeWidth={1.5} />}
      title="No file is open here"
      action={<Button onClick={() => openApp("files")}>Choose a file</Button>}
    />
  )
}

const EditorFile = ({
  active,
  path: given,
  props,
  setTitle,
  visible,
  window_id
}: AppProps & { readonly path: string }) => {
  const line = typeof props.line === "number" ? props.line : null
  const onPath = useCallback(
    (path: string) => updateWindow(window_id, { props: { path, ...(line === null ? {} : { line }) } }),
    [window_id, line]
  )
  const document = useDocument(given, { active, visible, onPath })
  const { attach, changed, dirty, opened, path, saving } = document
  const away = useStore(connectionStore, (connection) =>
    connection.status === "offline" ? awayWords(connection) : null
  )
  const offline = away !== null
  const wrap = useStore(wrapStore, (look) => look.wrap)
  const [cursor, setCursor] = useState<Cursor>({ line: 1, column: 1, selected: 0 })
  const [language, setLanguage] = useState("Plain text")
  const [comparing, setComparing] = useState<{
    readonly with: string
    readonly title: string
    readonly mine: string
    /** What was agreed on, or is theirs, as it is compared with: a later one is not written over. */
    readonly over: Revised
  } | null>(null)
  const [buffer, setBuffer] = useState<Buffer | null>(null)
  const held = useRef<Buffer | null>(null)

  const [root, setRoot] = useState<string | null>(null)
  useEffect(followWriters, [])
  const isOpen = opened.status === "open"
  useEffect(() => {
    // Without it the whole path is shown.
    if (isOpen) workspaceRoot().then(setRoot, () => undefined)
  }, [isOpen])
  const onBuffer = useCallback(
    (made: Buffer | null) => {
      held.current = made
      attach(made)
      setBuffer(made)
    },
    [attach]
  )

  const name = plainName(nameOf(path))
  useEffect(() => setTitle(dirty ? `• ${name}` : name), [setTitle, dirty, name])

  const { asked } = props
  // Asked for the same line again, it is shown again.
  const wanted = `${String(asked)} ${String(line)}`
  const shown = useRef("")
  useEffect(() => {
    if (buffer === null || shown.current === wanted) return
    shown.current = wanted
    if (line !== null) buffer.showLine(line)
  }, [buffer, line, wanted])

  // The keyboard goes to the text when the window comes to the front, or is given it back.
  useEffect(() => {
    if (!active || buffer === null) return
    const frame = window.document.querySelector(`[data-window="${CSS.escape(window_id)}"]`)
    const take = () => {
      if (window.document.activeElement === frame) buffer.focus()
    }
    const request = requestAnimationFrame(take)
    frame?.addEventListener("focusin", take)
    return () => {
      cancelAnimationFrame(request)
      frame?.removeEventListener("focusin", take)
    }
  }, [active, buffer, window_id])

  const { save } = document
  useEffect(() => {
    if (!active || opened.status !== "open") return
    const inText = (run: (text: Buffer) => void): Doing => ({
      when: () => held.current !== null,
      run: () => {
        if (held.current !== null) run(held.current)
      }
    })
    return takeUp({
      "editor.save": { icon: Save, run: save },
      "editor.find": { icon: Search, ...inText((text) => text.find()) },
      "editor.go_to_line": inText((text) => text.goToLine()),
      "editor.wrap": { run: toggleWrap }
    })
  }, [active, opened.status, save])

  if (opened.status !== "open") return <NotOpen document={document} name={name} />

  const compare = (what: "theirs" | "draft") => {
    const mine = held.current?.text ?? ""
    if (what === "theirs" && document.trouble?._tag === "Conflict") {
      const { theirs } = document.trouble
      setComparing({ with: theirs.text, title: "On the computer", mine, over: theirs })
    } else if (what === "draft" && document.draft !== null) {
      setComparing({ with: document.draft.text, title: "Not saved, from earlier", mine, over: document.base() })
    }
  }

  return (
    <div className={styles.editor}>
      <Toolbar label="Editor" className={styles.bar}>
        <IconButton
          label="Show in its folder"
          icon={<FolderOpen {...icon} />}
          onClick={() => openApp("files", { path: folderOf(path) })}
        />
        <span className={styles.path} title={plainName(path)}>
          {plainName(shownPath(root, path))}
        </span>
        <ToolbarSpace />
        <IconButton
          label="Find"
          keys="Mod+F"
          icon={<Search {...icon} />}
          disabled={buffer === null}
          onClick={() => buffer?.find()}
        />
        <IconButton
          label="Go to a line"
          keys="Mod+Alt+G"
          icon={<ArrowDownToLine {...icon} />}
          disabled={buffer === null}
          onClick={() => buffer?.goToLine()}
        />
        <IconButton
          label="Wrap long lines"
          keys="Alt+Z"
          pressed={wrap}
          icon={<WrapText {...icon} />}
          onClick={toggleWrap}
        />
        {appFor(path) === "viewer" && (
          <IconButton label="Open in the viewer" icon={<Eye {...icon} />} onClick={() => openApp("viewer", { path })} />
        )}
        <Button
          size="s"
          variant={dirty ? "primary" : "secondary"}
          icon={<Save size={14} strokeWidth={1.75} aria-hidden />}
          disabled={!dirty || offline}
          busy={saving}
          onClick={save}
        >
          Save
        </Button>
      </Toolbar>
      <Bars document={document} offline={offline} onCompare={compare} onClose={() => closeWindow(window_id)} />
      <div className={styles.text} hidden={comparing !== null}>
        <TextPane
          first={opened.first}
          path={path}
          wrap={wrap}
          visible={visible && comparing === null}
          onBuffer={onBuffer}
          onChange={changed}
          onCursor={setCursor}
          onLanguage={setLanguage}
        />
      </div>
      {comparing !== null && (
        <div className={styles.text}>
          <Waiting fallback={<Loading label="the two texts" />}>
            <Compare
              path={path}
              mine={comparing.mine}
              theirs={comparing.with}
              theirsTitle={comparing.title}
              wrap={wrap}
              onBack={() => setComparing(null)}
              onUse={(text) => {
                document.settle(text, comparing.over)
                setComparing(null)
              }}
            />
          </Waiting>
        </div>
      )}
      <footer className={styles.status}>
        <span>{`Line ${cursor.line}, column ${cursor.column}${cursor.selected > 0 ? `, ${cursor.selected} selected` : ""}`}</span>
        <span>{language}</span>
        {buffer !== null && <span>{lineEndWords[buffer.lineEnds]}</span>}
        <span className={styles.state} role="status">
          {saveWords(document, away)}
        </span>
      </footer>
    </div>
  )
}

const saveWords = ({ dirty, draftKept, saving }: Document, away: string | null): string => {
  if (saving) return "Saving"
  if (!dirty) return away ?? "Saved"
  if (!draftKept) return "Not saved, and too long to be kept by this browser"
  return away === null ? "Not saved" : `${away}. Not saved: this browser keeps it`
}

const NotOpen = ({ document, name }: { readonly document: Document; readonly name: string }) => {
  const { opened, path, reload } = document
  if (opened.status === "loading") return <Loading label={name} lines={8} />
  if (opened.status === "unfit") {
    return (
      <Empty
        icon={<Eye size={24} strokeWidth={1.5} />}
        title={opened.why === "binary" ? `${name} is no text` : `${name} is too large for the editor`}
        action={
          <>
            <Button variant="primary" onClick={() => openApp("viewer", { path })}>
              Open in the viewer
            </Button>
            <Button onClick={() => download(path)}>Download</Button>
          </>
        }
      >
        {opened.why === "binary"
          ? "An editor would change what it can't show."
          : "It takes at most 1 MB. The viewer shows more, without changing it."}
      </Empty>
    )
  }
  if (opened.status === "failed" && opened.offline) return <OfflineState onRetry={reconnectNow} />
  if (opened.status === "failed") {
    return (
      <ErrorState
        title={opened.missing ? `There is no ${name} here` : `${name} can't be opened`}
        cause={opened.missing ? "It may have been moved or deleted." : opened.error}
        onRetry={reload}
      >
        <Button onClick={() => openApp("files")}>Look in the files</Button>
      </ErrorState>
    )
  }
  return null
}

export default EditorApp
