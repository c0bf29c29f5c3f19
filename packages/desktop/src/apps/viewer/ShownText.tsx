/** A text that is read and not written: with its lines, its colours, and a way to find something. */
import { Compartment, EditorState } from "@codemirror/state"
import { EditorView } from "@codemirror/view"
import { useEffect, useRef } from "react"
import { useStore } from "zustand"
import { loadLanguage, readingKeys, showing, wrapping } from "../editor/codemirror.ts"
import { wrapStore } from "../editor/editorLook.ts"
import styles from "./ShownText.module.css"

/** Characters up to which a text is coloured. */
const longestColoured = 1024 * 1024

export const ShownText = ({ path, text }: { readonly path: string; readonly text: string }) => {
  const host = useRef<HTMLDivElement>(null)
  const wrap = useStore(wrapStore, (look) => look.wrap)
  useEffect(() => {
    if (host.current === null) return
    const language = new Compartment()
    const view = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: text,
        extensions: [
          showing,
          readingKeys,
          wrapping(wrap),
          language.of([]),
          EditorState.readOnly.of(true),
          EditorView.contentAttributes.of({ "aria-label": "Text of the file", "aria-readonly": "true" })
        ]
      })
    })
    if (text.length <= longestColoured) {
      // A language that can't be loaded leaves the text plain.
      loadLanguage(view, language, path).catch(() => undefined)
    }
    return () => view.destroy()
  }, [path, text, wrap])
  return <div ref={host} className={styles.text} data-captures-keys />
}
