/**
 * Code as coloured pieces. Loaded when the first block of code is there, each language's parser when it is used.
 *
 * Law: the page never waits: a long text is parsed in slices with a break between them.
 */
import { LanguageDescription } from "@codemirror/language"
import { languages } from "@codemirror/language-data"
import { classHighlighter, highlightCode } from "@lezer/highlight"

export interface CodePiece {
  /** Of the line. */
  readonly id: number
  readonly text: string
  /** `tok-keyword`, `tok-string`, …; empty for what is plain. */
  readonly classes: string
}

export interface CodeLine {
  /** From 1. */
  readonly number: number
  readonly pieces: ReadonlyArray<CodePiece>
}

/** Milliseconds of parsing before the page has its turn. */
const slice = 8

/** Null where the language is not known, or `signal` says that nobody waits for it any more. */
export const highlight = async (
  code: string,
  language: string,
  signal: AbortSignal
): Promise<ReadonlyArray<CodeLine> | null> => {
  const description =
    LanguageDescription.matchLanguageName(languages, language, false) ??
    LanguageDescription.matchFilename(languages, `file.${language}`)
  if (description === null) return null
  const { language: loaded } = await description.load()
  const parse = loaded.parser.startParse(code)
  let tree = parse.advance()
  let since = performance.now()
  while (tree === null) {
    if (signal.aborted) return null
    if (performance.now() - since > slice) {
      await breath()
      since = performance.now()
    }
    tree = parse.advance()
  }
  if (signal.aborted) return null
  let pieces: Array<CodePiece> = []
  const lines: Array<CodeLine> = [{ number: 1, pieces }]
  highlightCode(
    code,
    tree,
    classHighlighter,
    (text, classes) => void pieces.push({ id: pieces.length, text, classes }),
    () => {
      pieces = []
      lines.push({ number: lines.length + 1, pieces })
    }
  )
  return lines
}

const breath = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
