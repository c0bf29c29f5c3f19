/**
 * A text that is read and not written: with its lines, its colours, and a way to find something.
 *
 * Law: where the file changes, what has changed is changed: what is read, what is chosen and what is looked for stay.
 */
import { Compartment, EditorState } from "@codemirror/state"
import { EditorView } from "@codemirror/view"
import { useEffect, useRef, useState } from "react"
import { useStore } from "zustand"
import { changeBetween } from "../editor/change.ts"
import { loadLanguage, readingKeys, showing, wrapping } from "../editor/codemirror.ts"
import { wrapStore } from "../editor/editorLook.ts"
import styles from "./ShownText.module.css"

/** Characters up to which a text is coloured. */
const longestColoured = 1024 * 1024

export const ShownText = ({ path, text }: { readonly path: string; readonly text: string }) => {
  const host = useRef<HTMLDivElement>(null)
  const wrap = useStore(wrapStore, (look) => look.wrap)
  const view = useRef<EditorView | null>(null)
  const [wraps] = useState(() => new Compartment())
  const now = useRef({ text, wrap })
  now.current = { text, wrap }
  useEffect(() => {
    if (host.current === null) return
    const language = new Compartment()
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: now.current.text,
        extensions: [
          showing,
          readingKeys,
          wraps.of(wrapping(now.current.wrap)),
          language.of([]),
          EditorState.readOnly.of(true),
          EditorView.contentAttributes.of({ "aria-label": "Text of the file", "aria-readonly": "true" })
        ]
      })
    })
    view.current = made
    if (now.current.text.length <= longestColoured) {
      // A language that can't be loaded leaves the text plain.
      loadLanguage(made, language, path).catch(() => undefined)
    }
    return () => {
      view.current = null
      made.destroy()
    }
  }, [path, wraps])
  useEffect(() => {
    const shown = view.current
    if (shown === null) return
    const change = changeBetween(shown.state.doc.toString(), shown.state.toText(text).toString())
    if (change !== null) shown.dispatch({ changes: change })
  }, [text])
  useEffect(() => view.current?.dispatch({ effects: wraps.reconfigure(wrapping(wrap)) }), [wrap, wraps])
  return <div ref={host} className={styles.text} data-captures-keys />
}
