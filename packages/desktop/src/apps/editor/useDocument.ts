/**
 * A file and its text here: read, saved over what was read, and looked at again when it may have changed.
 *
 * Law: a save goes over what its author has seen, or nowhere; what was typed survives a reload of the page.
 */
import { FileConflict, fileLimits } from "@choiros/protocol"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { useCallback, useEffect, useRef, useState } from "react"
import { useStore } from "zustand"
import { ApiError, inWords } from "../../client/api.ts"
import { connectionStore } from "../../client/Connection.ts"
import { plainName } from "../../content/plainText.ts"
import { notify } from "../../state/notices.ts"
import { present } from "../../ui/present.ts"
import { readText, writeText } from "../files/filesApi.ts"
import { folderOf, freeName, inFolder, isWithin, nameOf } from "../files/paths.ts"
import { useFileWatch } from "../files/watchFiles.ts"
import { type FileChange, writerName } from "../files/writers.ts"
import type { Buffer } from "./Buffer.ts"
import { type Draft, dropDraft, keepDraft, readDraft } from "./drafts.ts"
import { type Revised, reconcile } from "./reconcile.ts"

export type Opened =
  | { readonly status: "loading" }
  | { readonly status: "failed"; readonly error: string; readonly missing: boolean; readonly offline: boolean }
  | { readonly status: "unfit"; readonly why: "binary" | "too_large" }
  | { readonly status: "open"; readonly first: string }

/** What the person has to decide about, if anything. */
export type Trouble =
  | { readonly _tag: "Conflict"; readonly theirs: Revised; readonly by: string | null }
  | { readonly _tag: "Gone"; readonly by: string | null }
  | { readonly _tag: "SaveFailed"; readonly error: string }
  | null

export interface Document {
  readonly path: string
  readonly opened: Opened
  readonly trouble: Trouble
  readonly draft: Draft | null
  readonly dirty: boolean
  /** The text here is also in this browser, for the case that the page goes. */
  readonly draftKept: boolean
  readonly saving: boolean
  readonly attach: (buffer: Buffer | null) => void
  readonly changed: (byPerson: boolean) => void
  readonly reload: () => void
  readonly save: () => void
  readonly keepMine: () => void
  readonly takeTheirs: () => void
  readonly keepBoth: () => void
  /** Mine is being saved as a copy. */
  readonly copying: boolean
  /** What a text that is compared now is based on. */
  readonly base: () => Revised
  /** What came out of comparing, over what was compared with. */
  readonly settle: (text: string, over: Revised) => void
  readonly restoreDraft: () => void
  readonly discardDraft: () => void
}

const decodeConflict = Schema.decodeUnknownOption(FileConflict)
/** Milliseconds after the last key until the draft is kept. */
const draftPause = 400

export const useDocument = (
  given: string,
  {
    active,
    onPath,
    visible
  }: { readonly active: boolean; readonly visible: boolean; readonly onPath: (path: string) => void }
): Document => {
  const [path, setPath] = useState(given)
  const [opened, setOpened] = useState<Opened>({ status: "loading" })
  const [trouble, setTrouble] = useState<Trouble>(null)
  const [draft, setDraft] = useState<Draft | null>(null)
  const [dirty, setDirty] = useState(false)
  const [draftKept, setDraftKept] = useState(true)
  const [saving, setSaving] = useState(false)
  const [copying, setCopying] = useState(false)
  const live = useStore(connectionStore, ({ status }) => status === "live")
  const buffer = useRef<Buffer | null>(null)
  const now = useRef({
    path,
    base: { text: "", rev: 0 },
    /** The save that is under way. */
    saving: null as Promise<boolean> | null,
    /** Counts the looks and the saves: an answer to what is not the last of them may be about an older text. */
    asked: 0,
    by: null as string | null,
    look: false,
    offered: false
  })
  now.current.path = path
  now.current.offered = draft !== null
  const draftTimer = useRef<ReturnType<typeof setTimeout> | null>(null)

  const rebase = useCallback((base: Revised) => {
    now.current.base = base
    buffer.current?.basedOn(base.text)
    setDirty(buffer.current?.dirty ?? false)
  }, [])

  const load = useCallback(
    (wanted: string) => {
      setOpened({ status: "loading" })
      setTrouble(null)
      readText(wanted).then(
        ({ bytes, content, encoding, path: real, revision }) => {
          if (encoding === "base64") return setOpened({ status: "unfit", why: "binary" })
          if (bytes > fileLimits.text) return setOpened({ status: "unfit", why: "too_large" })
          now.current.base = { text: content, rev: revision.rev }
          now.current.path = real
          setPath(real)
          if (real !== wanted) onPath(real)
          const kept = readDraft(real)
          if (kept !== null && kept.text === content) dropDraft(real)
          setDraft(kept === null || kept.text === content ? null : kept)
          setOpened({ status: "open", first: content })
        },
        (error: unknown) => {
          const status = error instanceof ApiError ? error.status : -1
          if (status === 413) setOpened({ status: "unfit", why: "too_large" })
          else setOpened({ status: "failed", error: inWords(error), missing: status === 404, offline: status === 0 })
        }
      )
    },
    [onPath]
  )

  // Another path is another file, unless this one was moved there or is called so by the computer.
  const loaded = useRef<string | null>(null)
  useEffect(() => {
    const known = loaded.current !== null && given === now.current.path
    if (loaded.current === given || known) return
    loaded.current = given
    load(given)
  }, [given, load])
  const failedOffline = opened.status === "failed" && opened.offline
  useEffect(() => {
    if (live && failedOffline) load(now.current.path)
  }, [live, failedOffline, load])

  const check = useCallback(async () => {
    const text = buffer.current
    if (text === null) return
    if (now.current.saving !== null) {
      now.current.look = true
      return
    }
    const wanted = now.current.path
    now.current.asked += 1
    const { asked } = now.current
    const there = await readText(wanted).then(
      ({ content, encoding, revision }) => (encoding === "utf8" ? { text: content, rev: revision.rev } : undefined),
      (error: unknown) => (error instanceof ApiError && error.status === 404 ? null : undefined)
    )
    // A save began after it, and says itself what it met; or a later look did.
    if (now.current.asked !== asked) return
    // What can't be known now is looked at another time.
    if (there === undefined || buffer.current !== text || now.current.path !== wanted) return
    const outcome = reconcile(now.current.base, text.text, there)
    switch (outcome._tag) {
      case "Same":
        rebase(outcome.base)
        return setTrouble((before) => (before?._tag === "SaveFailed" ? before : null))
      case "Take":
        text.take(outcome.base.text, true)
        rebase(outcome.base)
        return setTrouble(null)
      case "Conflict":
        return setTrouble({ _tag: "Conflict", theirs: outcome.theirs, by: now.current.by })
      case "Gone":
        return setTrouble({ _tag: "Gone", by: now.current.by })
    }
  }, [rebase])

  const follow = useCallback(
    (change: FileChange) => {
      now.current.by = change.by === null ? null : writerName(change.by)
      const { left, made } = change
      if (left === null || made === null || !isWithin(left, now.current.path)) return
      const to = made + now.current.path.slice(left.length)
      moveDraft(now.current.path, to)
      now.current.path = to
      setPath(to)
      onPath(to)
      buffer.current?.setPath(to)
      notify(`${plainName(nameOf(to))} was moved, and is followed`)
    },
    [onPath]
  )
  useFileWatch(
    {
      concerns: ({ left, made }) => made === now.current.path || (left !== null && isWithin(left, now.current.path)),
      changed: follow,
      look: () => void check()
    },
    visible,
    active
  )

  const flush = useCallback(() => {
    if (draftTimer.current !== null) clearTimeout(draftTimer.current)
    draftTimer.current = null
    const text = buffer.current
    if (text === null) return
    if (!text.dirty) {
      // One that is offered stays until it is taken or given up.
      if (!now.current.offered) dropDraft(now.current.path)
    } else {
      setDraftKept(
        keepDraft(now.current.path, {
          text: text.text,
          base_rev: now.current.base.rev,
          at: new Date(present()).toISOString()
        })
      )
    }
  }, [])
  useEffect(() => {
    window.addEventListener("pagehide", flush)
    return () => {
      window.removeEventListener("pagehide", flush)
      flush()
    }
  }, [flush])

  const changed = useCallback(
    (byPerson: boolean) => {
      setDirty(buffer.current?.dirty ?? false)
      if (!byPerson) return
      if (draftTimer.current !== null) clearTimeout(draftTimer.current)
      draftTimer.current = setTimeout(flush, draftPause)
    },
    [flush]
  )

  const write = useCallback(
    async (text: Buffer, base_rev: number): Promise<boolean> => {
      const { mark } = text
      const content = text.text
      try {
        const { revision } = await writeText(now.current.path, content, base_rev)
        now.current.base = { text: content, rev: revision.rev }
        if (buffer.current === text) text.savedAt(mark)
        setTrouble(null)
        setDraft(null)
        now.current.offered = false
        setDirty(text.dirty)
        flush()
        text.focus()
        return true
      } catch (error) {
        setTrouble(refusalOf(error))
        return false
      }
    },
    [flush]
  )

  /** One save at a time, in the order in which they were asked for. `baseOf` is what it goes over; null: there is no need any more. */
  const send = useCallback(
    async (baseOf: () => number | null): Promise<boolean> => {
      while (now.current.saving !== null) await now.current.saving
      const text = buffer.current
      const base_rev = baseOf()
      if (text === null || base_rev === null) return false
      now.current.asked += 1
      now.current.saving = write(text, base_rev)
      setSaving(true)
      const saved = await now.current.saving
      now.current.saving = null
      setSaving(false)
      if (now.current.look) {
        now.current.look = false
        void check()
      }
      return saved
    },
    [check, write]
  )

  const save = useCallback(() => {
    const isGone = trouble?._tag === "Gone"
    // Over what was agreed on: whoever wrote meanwhile is not written over.
    void send(() => (isGone ? 0 : buffer.current?.dirty === true ? now.current.base.rev : null))
  }, [send, trouble])

  const keepMine = useCallback(() => {
    if (trouble?._tag !== "Conflict") return
    const { theirs } = trouble
    void send(() => theirs.rev).then((saved) => {
      if (!saved) return
      notify("Yours was saved in place of theirs", {
        action: { label: "Show theirs", run: () => buffer.current?.take(theirs.text, false) }
      })
    })
  }, [send, trouble])

  const takeTheirs = useCallback(() => {
    if (trouble?._tag !== "Conflict" || buffer.current === null) return
    const mine = buffer.current.text
    buffer.current.take(trouble.theirs.text, true)
    rebase(trouble.theirs)
    setTrouble(null)
    setDirty(false)
    buffer.current.focus()
    notify("Theirs is shown", {
      text: "Yours comes back with undo",
      action: { label: "Show mine", run: () => buffer.current?.take(mine, false) }
    })
  }, [rebase, trouble])

  const keepBoth = useCallback(() => {
    if (copying || trouble?._tag !== "Conflict" || buffer.current === null) return
    const { theirs } = trouble
    const text = buffer.current
    const copied = text.text
    const { base, path: place } = now.current
    setCopying(true)
    void saveCopy(place, copied)
      .then(
        (copy) => {
          notify(`Yours was saved as ${plainName(nameOf(copy))}`)
          // What was written since is in no copy, and what was agreed on since is later: that stays to be decided.
          if (buffer.current !== text || text.text !== copied || now.current.base !== base) return
          text.take(theirs.text, true)
          rebase(theirs)
          setTrouble(null)
          dropDraft(place)
          text.focus()
          void check()
        },
        (error: unknown) => setTrouble({ _tag: "SaveFailed", error: inWords(error) })
      )
      .finally(() => setCopying(false))
  }, [check, copying, rebase, trouble])

  const settle = useCallback(
    (text: string, over: Revised) => {
      rebase(over)
      setTrouble(null)
      setDraft(null)
      buffer.current?.take(text, false)
      setDirty(buffer.current?.dirty ?? false)
      flush()
      // What was written while the two were compared has been seen by nobody.
      void check()
    },
    [check, flush, rebase]
  )

  const restoreDraft = useCallback(() => {
    if (draft === null || buffer.current === null) return
    const { base } = now.current
    buffer.current.take(draft.text, false)
    setDraft(null)
    setDirty(buffer.current.dirty)
    buffer.current.focus()
    // It was written over another text than the one that is there now.
    if (draft.base_rev !== base.rev) setTrouble({ _tag: "Conflict", theirs: base, by: null })
  }, [draft])

  return {
    path,
    opened,
    trouble,
    draft,
    dirty,
    draftKept,
    saving,
    copying,
    base: useCallback(() => now.current.base, []),
    attach: useCallback((attached: Buffer | null) => {
      buffer.current = attached
      if (attached !== null) setDirty(attached.dirty)
    }, []),
    changed,
    reload: useCallback(() => load(now.current.path), [load]),
    save,
    keepMine,
    takeTheirs,
    keepBoth,
    settle,
    restoreDraft,
    discardDraft: useCallback(() => {
      dropDraft(now.current.path)
      setDraft(null)
    }, [])
  }
}

const refusalOf = (error: unknown): Trouble => {
  const conflict = error instanceof ApiError ? Option.getOrNull(decodeConflict(error.body)) : null
  if (conflict === null) return { _tag: "SaveFailed", error: inWords(error) }
  const { latest } = conflict
  if (latest === null) return { _tag: "Gone", by: null }
  if (latest.encoding === "base64") {
    return { _tag: "SaveFailed", error: "The file is no longer text. What you wrote is still here." }
  }
  return { _tag: "Conflict", theirs: { text: latest.content, rev: latest.revision.rev }, by: null }
}

/** Beside the file, under a name that is free. */
const saveCopy = async (path: string, text: string): Promise<string> => {
  const taken = new Set([nameOf(path)])
  for (;;) {
    const name = freeName(nameOf(path), taken)
    try {
      return (await writeText(inFolder(folderOf(path), name), text, 0)).path
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409 || taken.size > 50) throw error
      taken.add(name)
    }
  }
}

const moveDraft = (from: string, to: string): void => {
  const draft = readDraft(from)
  if (draft === null) return
  keepDraft(to, draft)
  dropDraft(from)
}
