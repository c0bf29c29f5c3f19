/** The workspace's files: a folder at a time, what is found in it, and what was deleted. */
import type { FileEntry } from "@choiros/protocol"
import { FolderOpen, FolderPlus, Search, Upload } from "lucide-react"
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react"
import { useStore } from "zustand"
import { takeUp } from "../../actions/appActions.ts"
import { connectionStore } from "../../client/Connection.ts"
import { plainName } from "../../content/plainText.ts"
import { notify } from "../../state/notices.ts"
import { workspaceRoot } from "../../state/openFile.ts"
import { openApp, updateWindow } from "../../state/windows.ts"
import { Button } from "../../ui/Button.tsx"
import { isKeyboardFree } from "../../ui/dialogs.ts"
import { Empty } from "../../ui/Empty.tsx"
import { count, counted } from "../../ui/format.ts"
import { Loading } from "../../ui/Loading.tsx"
import { ContextMenu } from "../../ui/Menu.tsx"
import { SplitPane } from "../../ui/SplitPane.tsx"
import type { AppProps } from "../App.ts"
import { OfflineLine } from "../OfflineLine.tsx"
import { Unread } from "../Unread.tsx"
import { cut, cutStore } from "./cut.ts"
import { asDropped, droppedFiles } from "./dropped.ts"
import { FileList } from "./FileList.tsx"
import styles from "./FilesApp.module.css"
import { FilesBar, type Searching } from "./FilesBar.tsx"
import { type FileVerbs, fileMenu } from "./fileMenu.tsx"
import { makeFolder, moveFile, writeText } from "./filesApi.ts"
import { moveInto, openFile, trashAll } from "./fileVerbs.ts"
import { NameDialog, type NameQuestion } from "./NameDialog.tsx"
import { sorted } from "./order.ts"
import { Preview } from "./Preview.tsx"
import { folderOf, freeName, inFolder, nameOf } from "./paths.ts"
import { filesLookStore, setFilesLook } from "./preferences.ts"
import { SearchResults } from "./SearchResults.tsx"
import { kept, nothing, only, type Selection } from "./selection.ts"
import { type Taken, TakenDialog } from "./TakenDialog.tsx"
import { TrashView } from "./TrashView.tsx"
import { UploadList } from "./UploadList.tsx"
import { type Dropped, uploadInto } from "./uploads.ts"
import { useFolder } from "./useFolder.ts"
import { useHistory } from "./useHistory.ts"
import { useWidth } from "./useWidth.ts"
import { followWriters } from "./writers.ts"

const icon = { size: 16, strokeWidth: 1.75, "aria-hidden": true } as const
/** Pixels below which the preview has no room. */
const roomForPreview = 640
const noEntries: ReadonlyArray<FileEntry> = []

const FilesApp = ({ active, props, setTitle, visible, window_id }: AppProps) => {
  const given = props.path
  const history = useHistory(typeof given === "string" && given !== "" ? given : ".")
  const { folder, reload } = useFolder(history.place, visible, active)
  const offline = useStore(connectionStore, ({ status }) => status === "offline")
  const look = useStore(filesLookStore)
  const waiting = useStore(cutStore, ({ paths }) => paths)
  const [root, setRoot] = useState<string | null>(null)
  const [searching, setSearching] = useState<Searching | null>(null)
  const [trash, setTrash] = useState(false)
  const [selection, setSelection] = useState<Selection>(nothing)
  const [question, setQuestion] = useState<NameQuestion | null>(null)
  const [taken, setTaken] = useState<Taken | null>(null)
  const body = useRef<HTMLDivElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const width = useWidth(body)

  useEffect(followWriters, [])
  const ready = folder.status === "ready"
  useEffect(() => {
    if (root !== null || !ready) return
    workspaceRoot().then(setRoot, () => undefined)
  }, [root, ready])

  const path = folder.status === "ready" ? folder.path : history.place
  const all = folder.status === "ready" ? folder.entries : noEntries
  const entries = useMemo(
    () => sorted(look.hidden ? all : all.filter(({ name }) => !name.startsWith(".")), look.sorting),
    [all, look.hidden, look.sorting]
  )
  const names = useMemo(() => new Set(all.map(({ name }) => name)), [all])

  // What is selected goes with what is shown; a new folder begins with nothing, or with the folder that one came from.
  const before = useRef<{ readonly path: string; readonly order: ReadonlyArray<string> }>({ path, order: [] })
  const order = useMemo(() => entries.map((entry) => entry.path), [entries])
  useEffect(() => {
    if (!ready) return
    const last = before.current
    before.current = { path, order }
    if (last.path === path) setSelection((selection) => kept(selection, last.order, order))
    else setSelection(folderOf(last.path) === path && order.includes(last.path) ? only(last.path) : nothing)
  }, [ready, path, order])

  const title = trash ? "Trash" : path === root || path === "." ? "Files" : plainName(nameOf(path))
  useEffect(() => setTitle(title), [setTitle, title])
  // The window opens here again.
  useEffect(() => {
    if (ready && root !== null && given !== path && !(given === undefined && path === root)) {
      updateWindow(window_id, { props: { path } })
    }
  }, [ready, root, given, path, window_id])

  // The frame has the focus when the window comes to the front: its keys are the list's.
  useEffect(() => {
    if (!active || !ready) return
    const frame = requestAnimationFrame(() => {
      const focused = document.activeElement
      if (focused === list.current?.closest("[data-window]")) list.current?.focus({ preventScroll: true })
    })
    return () => cancelAnimationFrame(frame)
  }, [active, ready])

  // Who goes to another folder goes on there.
  const wantsFocus = useRef(false)
  useEffect(() => {
    if (!ready || !wantsFocus.current || path === "") return
    wantsFocus.current = false
    // Who types elsewhere by now goes on there.
    const focused = document.activeElement
    const isHere = list.current?.closest("[data-window]")?.contains(focused) === true
    if (isKeyboardFree() || (isHere && !(focused instanceof HTMLInputElement))) {
      list.current?.focus({ preventScroll: true })
    }
  }, [ready, path])
  const go = useCallback(
    (to: string) => {
      setSearching(null)
      setTrash(false)
      wantsFocus.current = true
      history.go(to)
    },
    [history.go]
  )
  const visiting = (step: (() => void) | null) =>
    step === null
      ? null
      : () => {
          wantsFocus.current = true
          step()
        }
  const onUp = root !== null && path !== root && path !== "." ? () => go(folderOf(path)) : null
  const open = useCallback(
    (entry: FileEntry) => {
      if (entry.kind === "folder") go(entry.path)
      else if (entry.kind === "other") notify(`${plainName(entry.name)} can't be opened: it is no regular file`)
      else openFile(entry.path)
    },
    [go]
  )

  const move = async (paths: ReadonlyArray<string>, to: string) => {
    const left = await moveInto(paths, to)
    if (left.length > 0) setTaken({ paths: left, folder: to })
    reload()
  }
  const upload = (to: string, dropped: ReadonlyArray<Dropped>, cut = false) => {
    if (dropped.length > 0) uploadInto(window_id, to, dropped)
    if (cut) notify("Only the first 1,000 files are uploaded", { level: "warning" })
  }

  const newFolder = useCallback(
    () =>
      setQuestion({
        title: "New folder",
        verb: "Make the folder",
        name: freeName("New folder", names),
        run: async (name) => {
          const made = await makeFolder(inFolder(path, name))
          reload()
          setSelection(only(made.path))
        }
      }),
    [names, path, reload]
  )
  const newFile = useCallback(
    () =>
      setQuestion({
        title: "New file",
        verb: "Make the file",
        name: freeName("untitled.txt", names),
        run: async (name) => {
          const made = await writeText(inFolder(path, name), "", 0)
          reload()
          void openApp("editor", { path: made.path })
        }
      }),
    [names, path, reload]
  )
  const rename = (entry: FileEntry) =>
    setQuestion({
      title: `Rename ${plainName(entry.name)}`,
      verb: "Rename",
      name: entry.name,
      run: async (name) => {
        if (name === entry.name) return
        const renamed = await moveFile(entry.path, inFolder(folderOf(entry.path), name))
        reload()
        setSelection(only(renamed.path))
      }
    })

  const verbs: FileVerbs = {
    folder: path,
    offline,
    canPaste: waiting.size > 0,
    open,
    rename,
    cut,
    paste: () => {
      void move([...waiting], path)
      cut([])
    },
    trash: (paths) => void trashAll(paths).then(reload),
    newFolder,
    newFile
  }
  const selected = entries.filter((entry) => selection.paths.has(entry.path))

  const startSearch = useCallback(() => {
    setTrash(false)
    setSearching((now) => now ?? { query: "", where: "names" })
  }, [])
  const leaveSearch = () => {
    setSearching(null)
    requestAnimationFrame(() => list.current?.focus({ preventScroll: true }))
  }

  const onKey = (event: KeyboardEvent): boolean => {
    const mod = event.ctrlKey || event.metaKey
    const [entry] = selected
    if (mod && event.key.toLowerCase() === "f") startSearch()
    else if (event.key === "Backspace" && !mod) onUp?.()
    else if (event.altKey && event.key === "ArrowLeft") visiting(history.back)?.()
    else if (event.altKey && event.key === "ArrowRight") visiting(history.forward)?.()
    else if (event.altKey && event.key === "ArrowUp") onUp?.()
    else if (offline) return false
    else if (event.key === "F2" && entry !== undefined && selected.length === 1) rename(entry)
    else if (event.key === "Delete" && selected.length > 0) verbs.trash(selected.map((one) => one.path))
    else if (mod && event.key.toLowerCase() === "x" && selected.length > 0) cut(selected.map((one) => one.path))
    else if (mod && event.key.toLowerCase() === "v" && waiting.size > 0) verbs.paste()
    else return false
    return true
  }

  useEffect(() => {
    if (!active) return
    return takeUp({
      "files.search": { icon: Search, run: startSearch },
      "files.new_folder": { icon: FolderPlus, when: () => !offline, run: newFolder },
      "files.new_file": { when: () => !offline, run: newFile },
      "files.hidden": { run: () => setFilesLook({ hidden: !filesLookStore.getState().hidden }) },
      "files.trash": { run: () => setTrash(true) }
    })
  }, [active, offline, newFile, newFolder, startSearch])

  const files = (
    <ContextMenu items={fileMenu(selected, verbs)}>
      <div
        className={styles.files}
        onContextMenuCapture={(event) => {
          const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-path]") : null
          const pressed = row?.dataset.path
          if (pressed === undefined) {
            if (
              event.target instanceof Element &&
              event.target.closest("[role='listbox']") !== null &&
              event.button === 2
            )
              setSelection(nothing)
          } else if (!selection.paths.has(pressed)) setSelection(only(pressed))
        }}
      >
        <FileList
          key={look.view}
          label={`Files of ${title}`}
          listRef={list}
          entries={entries}
          view={look.view}
          sorting={look.sorting}
          onSort={(sorting) => setFilesLook({ sorting })}
          selection={selection}
          onSelect={setSelection}
          cut={waiting}
          onOpen={open}
          onKey={onKey}
          onMove={(paths, to) => void move(paths, to)}
          onUpload={(data, to) =>
            void droppedFiles(data).then((dropped) => upload(to ?? path, dropped.files, dropped.cut))
          }
        />
        {entries.length === 0 && (
          <div className={styles.nothing}>
            <Empty
              icon={<FolderOpen size={24} strokeWidth={1.5} />}
              title={all.length === 0 ? "This folder is empty" : "There are only hidden files here"}
              action={
                all.length === 0 ? (
                  <>
                    <Button icon={<FolderPlus {...icon} />} disabled={offline} onClick={newFolder}>
                      New folder
                    </Button>
                    <Button disabled={offline} onClick={newFile}>
                      New file
                    </Button>
                  </>
                ) : (
                  <Button onClick={() => setFilesLook({ hidden: true })}>Show hidden files</Button>
                )
              }
            >
              {all.length === 0 && (
                <span className={styles.hint}>
                  <Upload size={14} strokeWidth={1.75} aria-hidden /> Drop files here to upload them.
                </span>
              )}
            </Empty>
          </div>
        )}
      </div>
    </ContextMenu>
  )

  const main = () => {
    if (trash && root !== null) return <TrashView root={root} visible={visible} active={active} offline={offline} />
    if (searching !== null && searching.query !== "" && root !== null) {
      return <SearchResults query={searching.query} where={searching.where} folder={path} root={root} onFolder={go} />
    }
    if (folder.status === "loading") return <Loading label="the files" lines={6} />
    if (folder.status === "failed") {
      const { error, offline } = folder
      return (
        <Unread title="This folder can't be shown" cause={error} offline={offline} onRetry={reload}>
          {history.place !== "." && <Button onClick={() => go(root ?? ".")}>Go to the workspace</Button>}
        </Unread>
      )
    }
    return look.preview && width >= roomForPreview ? (
      <SplitPane
        storageKey="files.preview"
        label="Resize the preview"
        first={files}
        second={<Preview entries={selected} onOpen={open} offline={offline} />}
        initial={Math.max(360, width - 280)}
        min={220}
      />
    ) : (
      files
    )
  }

  const hiddenCount = all.length - entries.length
  return (
    <div ref={body} className={styles.app}>
      <FilesBar
        root={root}
        path={path}
        history={{
          place: history.place,
          go,
          back: visiting(history.back),
          forward: visiting(history.forward)
        }}
        onUp={onUp}
        onMove={(paths, to) => void move(paths, to)}
        searching={searching}
        onSearch={setSearching}
        trash={trash}
        onTrash={setTrash}
        offline={offline}
        onNewFolder={newFolder}
        onNewFile={newFile}
        onUpload={(chosen) => upload(path, chosen.map(asDropped))}
        onLeaveSearch={leaveSearch}
      />
      {ready ? <OfflineLine /> : null}
      <div className={styles.main}>{main()}</div>
      <UploadList window_id={window_id} taken={names} />
      {ready && !trash && searching === null && (
        <footer className={styles.status}>
          <span role="status">
            {selected.length > 0
              ? `${count(selected.length)} of ${counted(entries.length, "item")} selected`
              : counted(entries.length, "item")}
            {hiddenCount > 0 ? `, ${count(hiddenCount)} hidden` : ""}
          </span>
          {folder.truncated && <span>The folder has more than can be listed; a search finds the rest.</span>}
        </footer>
      )}
      <NameDialog
        question={question}
        // The answer to one closes no other that was opened since.
        onClose={() => setQuestion((now) => (now === question ? null : now))}
      />
      <TakenDialog
        taken={taken}
        onClose={() => {
          setTaken(null)
          setTimeout(reload, 300)
        }}
      />
    </div>
  )
}

export default FilesApp
