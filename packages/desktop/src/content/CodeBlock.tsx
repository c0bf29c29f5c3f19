import { WrapText } from "lucide-react"
import { memo, useContext, useState } from "react"
import { classes } from "../ui/classes.ts"
import { IconButton } from "../ui/IconButton.tsx"
import styles from "./CodeBlock.module.css"
import { CopyButton } from "./CopyButton.tsx"
import { plainName, shortened, visibleText } from "./plainText.ts"
import { scrollable } from "./scrollable.ts"
import { useHighlighted } from "./useHighlighted.ts"
import { WrappedContext } from "./wrapped.ts"

/** Characters of a language's name. */
const longestName = 40
/** Characters by which a block is known while it grows. */
const beginning = 40

/** A block of code: plain at once, coloured when its parser is there. */
export const CodeBlock = memo(
  ({
    code,
    language,
    wrap: wrapAtFirst = false,
    growing = false
  }: {
    readonly code: string
    readonly language?: string | undefined
    readonly wrap?: boolean
    /** More of it is on its way: it is coloured when it is whole. */
    readonly growing?: boolean
  }) => {
    const wrapped = useContext(WrappedContext)
    const begins = code.slice(0, beginning)
    const [wrap, setWrap] = useState(wrapped?.get(begins) ?? wrapAtFirst)
    const shown = visibleText(code)
    const lines = useHighlighted(shown, growing ? undefined : language)
    const name = language === undefined || language === "" ? "text" : shortened(plainName(language), longestName)
    return (
      <figure className={styles.block} aria-label={`Code, ${name}`}>
        <figcaption className={styles.header}>
          <span className={styles.language}>{name}</span>
          <IconButton
            label="Wrap long lines"
            size="s"
            pressed={wrap}
            icon={<WrapText size={14} strokeWidth={1.75} />}
            onClick={() => {
              wrapped?.set(begins, !wrap)
              setWrap(!wrap)
            }}
          />
          <CopyButton text={code} what="code" />
        </figcaption>
        <pre className={classes(styles.code, wrap && styles.wrapped)} {...scrollable}>
          <code>
            {lines === null
              ? shown
              : lines.map((line) => (
                  <span key={line.number}>
                    {line.pieces.map((piece) =>
                      piece.classes === "" ? (
                        piece.text
                      ) : (
                        <span key={piece.id} className={piece.classes}>
                          {piece.text}
                        </span>
                      )
                    )}
                    {line.number < lines.length ? "\n" : null}
                  </span>
                ))}
          </code>
        </pre>
      </figure>
    )
  }
)
CodeBlock.displayName = "CodeBlock"
