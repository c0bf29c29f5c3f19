import { type CSSProperties, memo, useMemo, useState } from "react"
import { Button } from "../ui/Button.tsx"
import { classes } from "../ui/classes.ts"
import styles from "./AnsiText.module.css"
import { type AnsiPiece, type AnsiStyle, parseAnsi } from "./ansi.ts"
import { SafeLink } from "./SafeLink.tsx"
import { scrollable } from "./scrollable.ts"

/** Characters that are shown; the log has what is beyond. */
const longest = 400_000

/** What a program has printed, with its colours. With `maxLines` the last ones, and the rest on demand. */
export const AnsiText = memo(
  ({ text, maxLines }: { readonly text: string; readonly maxLines?: number | undefined }) => {
    const [all, setAll] = useState(false)
    const lines = useMemo(() => parseAnsi(text.length > longest ? text.slice(-longest) : text), [text])
    const hidden = maxLines === undefined || all ? 0 : Math.max(0, lines.length - maxLines)
    const shown = hidden === 0 ? lines : lines.slice(hidden)
    return (
      <div className={styles.output}>
        {hidden > 0 ? (
          <Button variant="ghost" size="s" onClick={() => setAll(true)}>
            {hidden === 1 ? "Show 1 line before" : `Show ${hidden} lines before`}
          </Button>
        ) : null}
        {text.length > longest ? (
          <p className={styles.cut}>Only the last {longest / 1_000} thousand characters are shown.</p>
        ) : null}
        <pre className={styles.text} {...scrollable}>
          {shown.map((line) => (
            <span key={line.number}>
              {line.pieces.map((piece) => (
                <Piece key={piece.id} piece={piece} />
              ))}
              {line.number < lines.length ? "\n" : null}
            </span>
          ))}
        </pre>
      </div>
    )
  }
)
AnsiText.displayName = "AnsiText"

const Piece = ({ piece }: { readonly piece: AnsiPiece }) => {
  const { href, style, text } = piece
  const words =
    style === null ? (
      text
    ) : (
      <span className={classesOf(style)} style={coloursOf(style)}>
        {text}
      </span>
    )
  return href === null ? (
    words
  ) : (
    <SafeLink href={href} words={text}>
      {words}
    </SafeLink>
  )
}

const classesOf = (style: AnsiStyle): string =>
  classes(
    style.bold && styles.bold,
    style.dim && styles.dim,
    style.italic && styles.italic,
    style.underline && styles.underline,
    style.strike && styles.strike,
    style.reverse && styles.reverse
  )

/** The sixteen, dark and bright alike: a theme has one of each that can be read. */
const sixteen = ["--text-faint", "--danger", "--success", "--warning", "--info", "--agent-7", "--agent-6", "--text"]

const coloursOf = (style: AnsiStyle): CSSProperties => {
  const colours: CSSProperties = {}
  const color = style.color ?? token(style.foreground)
  const backdrop = style.backdrop ?? (style.background === null ? null : mix(token(style.background)))
  if (color !== null) colours.color = color
  if (backdrop !== null) colours.backgroundColor = backdrop
  return colours
}

const token = (index: number | null): string | null =>
  index === null ? null : `var(${sixteen[index % 8] ?? "--text"})`

const mix = (color: string | null): string | null =>
  color === null ? null : `color-mix(in oklab, ${color} 25%, transparent)`
