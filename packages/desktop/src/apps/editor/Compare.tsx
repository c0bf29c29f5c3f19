/** Two texts side by side; what is on the right is what will be kept. */

import { MergeView } from "@codemirror/merge"
import { EditorState, type Extension } from "@codemirror/state"
import { EditorView } from "@codemirror/view"
import { useEffect, useRef } from "react"
import { Button } from "../../ui/Button.tsx"
import styles from "./Compare.module.css"
import { languageOf, showing, writing } from "./codemirror.ts"

interface CompareProps {
  readonly path: string
  readonly mine: string
  readonly theirs: string
  readonly theirsTitle: string
  readonly wrap: boolean
  readonly onUse: (text: string) => void
  readonly onBack: () => void
}

export const Compare = ({ mine, onBack, onUse, path, theirs, theirsTitle, wrap }: CompareProps) => {
  const parent = useRef<HTMLDivElement>(null)
  const view = useRef<MergeView | null>(null)
  /** What was made of it so far: with other lines, or under another name, it is drawn anew. */
  const made = useRef(mine)

  useEffect(() => {
    if (parent.current === null) return
    let merge: MergeView | null = null
    let left = false
    const host = parent.current
    const begin = (language: Extension) => {
      if (left) return
      const common = [language, wrap ? EditorView.lineWrapping : []]
      merge = new MergeView({
        parent: host,
        a: {
          doc: theirs,
          extensions: [showing, common, EditorState.readOnly.of(true), label("Theirs")]
        },
        b: { doc: made.current, extensions: [writing, common, label("Yours, which can be changed")] },
        revertControls: "a-to-b",
        renderRevertControl: takeButton,
        highlightChanges: true,
        gutter: true,
        collapseUnchanged: { margin: 3, minSize: 8 }
      })
      view.current = merge
      merge.b.focus()
    }
    const description = languageOf(path)
    if (description === null) begin([])
    else
      description.load().then(
        (language) => begin(language),
        () => begin([])
      )
    return () => {
      left = true
      view.current = null
      if (merge !== null) made.current = merge.b.state.sliceDoc()
      merge?.destroy()
    }
  }, [theirs, path, wrap])

  return (
    <div className={styles.compare}>
      <header className={styles.heads}>
        <h3 className={styles.title}>{theirsTitle}</h3>
        <h3 className={styles.title}>Yours</h3>
      </header>
      <div ref={parent} className={styles.views} data-captures-keys />
      <footer className={styles.verbs}>
        <p className={styles.hint}>
          The arrows between the two take a part of theirs. Nothing is saved before you save.
        </p>
        <Button onClick={onBack}>Back</Button>
        <Button
          variant="primary"
          onClick={() => {
            const merge = view.current
            if (merge !== null) onUse(merge.b.state.sliceDoc())
          }}
        >
          Go on with the text on the right
        </Button>
      </footer>
    </div>
  )
}

const label = (words: string): Extension => EditorView.contentAttributes.of({ "aria-label": words })

const takeButton = (): HTMLElement => {
  const button = document.createElement("button")
  button.type = "button"
  button.textContent = "→"
  button.className = styles.take ?? ""
  button.setAttribute("aria-label", "Take this part of theirs")
  return button
}
