/** What the editor is made of: one that writes, and one that shows. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete"
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands"
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  indentOnInput,
  indentUnit,
  type LanguageDescription,
  LanguageDescription as Languages
} from "@codemirror/language"
import { languages } from "@codemirror/language-data"
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search"
import { type Compartment, EditorState, type Extension } from "@codemirror/state"
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection
} from "@codemirror/view"
import { endingOf } from "../files/fileKinds.ts"
import { nameOf } from "../files/paths.ts"
import { editorLook } from "./theme.ts"

/** Bidi overrides and isolates are drawn as signs too, so that code reads as it runs. */
const specials = highlightSpecialChars({ addSpecialChars: /[\u202A-\u202E\u2066-\u2069\u061C]/g })

export const showing: Extension = [
  lineNumbers(),
  specials,
  foldGutter(),
  drawSelection(),
  bracketMatching(),
  highlightSelectionMatches(),
  search({ top: true }),
  editorLook
]

export const writing: Extension = [
  showing,
  history(),
  dropCursor(),
  EditorState.allowMultipleSelections.of(true),
  indentOnInput(),
  closeBrackets(),
  autocompletion(),
  rectangularSelection(),
  crosshairCursor(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  keymap.of([
    ...closeBracketsKeymap,
    ...defaultKeymap,
    ...searchKeymap,
    ...historyKeymap,
    ...foldKeymap,
    ...completionKeymap,
    indentWithTab
  ])
]

/** For one that only shows: it moves, selects and finds. */
export const readingKeys: Extension = keymap.of([...defaultKeymap, ...searchKeymap, ...foldKeymap])

/** As the name says; null for plain text. */
export const languageOf = (path: string): LanguageDescription | null =>
  Languages.matchFilename(languages, nameOf(path)) ?? (endingOf(path) === "mjs" ? byName("javascript") : null)

const byName = (name: string): LanguageDescription | null => Languages.matchLanguageName(languages, name)

export const wrapping = (wrap: boolean): Extension => (wrap ? EditorView.lineWrapping : [])

/** As the file has it: the unit that its first indented line uses. */
export const indentationOf = (text: string): Extension => {
  const indent = /\n(\t| {2,8})\S/.exec(text.slice(0, 20_000))?.[1] ?? "  "
  return indentUnit.of(indent.startsWith("\t") ? "\t" : indent.length === 4 || indent.length === 8 ? "    " : "  ")
}

/** Loads the language of a file, and gives it to the view that still shows it. */
export const loadLanguage = async (view: EditorView, compartment: Compartment, path: string): Promise<string> => {
  const description = languageOf(path)
  if (description === null) return "Plain text"
  const language = await description.load()
  view.dispatch({ effects: compartment.reconfigure(language) })
  return description.name
}

/** Its line, in the middle of what is seen. */
export const showLine = (view: EditorView, line: number): void => {
  const { from } = view.state.doc.line(Math.max(1, Math.min(view.state.doc.lines, line)))
  view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) })
}
