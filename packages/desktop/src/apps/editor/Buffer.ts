/** The text that is edited, with its view. React draws around it, and never in it. */
import { isolateHistory } from "@codemirror/commands"
import { gotoLine, openSearchPanel } from "@codemirror/search"
import { Annotation, Compartment, EditorState, type Text } from "@codemirror/state"
import { EditorView } from "@codemirror/view"
import { isKeyboardFree } from "../../ui/dialogs.ts"
import { changeBetween } from "./change.ts"
import { indentationOf, loadLanguage, showLine, wrapping, writing } from "./codemirror.ts"
import { type LineEnds, lineEndsOf, separatorOf } from "./lineEnds.ts"

export interface Cursor {
  readonly line: number
  readonly column: number
  /** Characters that are selected. */
  readonly selected: number
}

export interface BufferOptions {
  readonly parent: HTMLElement
  readonly text: string
  readonly path: string
  readonly wrap: boolean
  /** The text is another one; `byPerson` false where it was taken from the computer. */
  readonly onChange: (byPerson: boolean) => void
  readonly onCursor: (cursor: Cursor) => void
  readonly onLanguage: (name: string) => void
}

const fromComputer = Annotation.define<true>()

export class Buffer {
  readonly #view: EditorView
  readonly #language = new Compartment()
  readonly #wrap = new Compartment()
  readonly #ends = new Compartment()
  readonly #onLanguage: (name: string) => void
  #saved: Text
  #lineEnds: LineEnds

  constructor({ onChange, onCursor, onLanguage, parent, path, text, wrap }: BufferOptions) {
    this.#onLanguage = onLanguage
    this.#lineEnds = lineEndsOf(text)
    const separator = separatorOf(this.#lineEnds)
    const state = EditorState.create({
      doc: text,
      extensions: [
        this.#ends.of(EditorState.lineSeparator.of(separator)),
        this.#language.of([]),
        this.#wrap.of(wrapping(wrap)),
        indentationOf(text),
        writing,
        EditorView.contentAttributes.of({ "aria-label": "Text of the file" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) {
            onChange(!update.transactions.some((transaction) => transaction.annotation(fromComputer) === true))
          }
          if (update.selectionSet || update.docChanged) onCursor(cursorOf(update.state))
        })
      ]
    })
    this.#view = new EditorView({ state, parent })
    this.#saved = state.doc
    this.setPath(path)
  }

  get text(): string {
    return this.#view.state.sliceDoc()
  }

  get dirty(): boolean {
    return !this.#view.state.doc.eq(this.#saved)
  }

  get lineEnds(): LineEnds {
    return this.#lineEnds
  }

  /** What is there now as a mark, for `savedAt`: what is typed while a save is on its way is not saved. */
  get mark(): Text {
    return this.#view.state.doc
  }

  savedAt(mark: Text): void {
    this.#saved = mark
  }

  /** A text of the computer in place of this one: the cursor stays with what it was at, and undo brings back what was here. */
  take(text: string, saved: boolean): void {
    const ends = lineEndsOf(text)
    if (ends !== this.#lineEnds) {
      this.#lineEnds = ends
      this.#view.dispatch({ effects: this.#ends.reconfigure(EditorState.lineSeparator.of(separatorOf(ends))) })
    }
    const { state } = this.#view
    const next = state.toText(text)
    const change = changeBetween(state.doc.toString(), next.toString())
    if (change !== null) {
      // The insert is split at plain breaks: it was made of a text that has no others.
      const insert = state.toText(change.insert.replaceAll("\n", state.lineBreak))
      // A step of its own: what was typed just before is not taken back with it.
      const annotations = [fromComputer.of(true), isolateHistory.of("full")]
      this.#view.dispatch({ changes: { ...change, insert }, annotations })
    }
    if (saved) this.#saved = this.#view.state.doc
  }

  /** What counts as saved is this text, whatever is shown. */
  basedOn(text: string): void {
    this.#saved = this.#view.state.toText(text)
  }

  setPath(path: string): void {
    // A language that can't be loaded leaves the text plain.
    loadLanguage(this.#view, this.#language, path).then(this.#onLanguage, () => this.#onLanguage("Plain text"))
  }

  setWrap(wrap: boolean): void {
    this.#view.dispatch({ effects: this.#wrap.reconfigure(wrapping(wrap)) })
  }

  showLine(line: number): void {
    showLine(this.#view, line)
    this.focus()
  }

  find(): void {
    openSearchPanel(this.#view)
  }

  goToLine(): void {
    this.focus()
    gotoLine(this.#view)
  }

  /** The keyboard comes from its own window or from nowhere: who types elsewhere by now goes on there. */
  focus(): void {
    // In a field of its own, as the search's, it is in the right place.
    if (this.#view.dom.contains(document.activeElement)) return
    const frame = this.#view.dom.closest("[data-window]")
    if (isKeyboardFree() || frame?.contains(document.activeElement) === true) this.#view.focus()
  }

  /** It was hidden, and its size is another one. */
  measure(): void {
    this.#view.requestMeasure()
  }

  destroy(): void {
    this.#view.destroy()
  }
}

const cursorOf = ({ doc, selection }: EditorState): Cursor => {
  const { from, head, to } = selection.main
  const line = doc.lineAt(head)
  return { line: line.number, column: head - line.from + 1, selected: to - from }
}
