/**
 * A text of an agent or a person, as markdown.
 *
 * Law: it runs nothing, fetches nothing from elsewhere and leads only where it says. A block that has not changed is not
 * drawn again, so that a token costs one block.
 */
import { memo, useMemo, useState } from "react"
import { parseMarkdownIntoBlocks, Streamdown } from "streamdown"
import { withFormulas } from "./formulas.ts"
import styles from "./Markdown.module.css"
import { blocksOfGrowing } from "./markdownBlocks.ts"
import { markdownParts } from "./markdownParts.tsx"
import { hasHtml, htmlRules, markdownRules, textRules } from "./markdownRules.ts"
import { type OpenFile, OpenFileContext } from "./OpenFile.ts"
import { visibleText } from "./plainText.ts"
import { useMath } from "./useMath.ts"
import { WrappedContext } from "./wrapped.ts"

const remend = { linkMode: "text-only" } as const
const linkSafety = { enabled: false }

export const Markdown = memo(
  ({
    text,
    streaming = false,
    onOpenFile
  }: {
    readonly text: string
    /** More is coming: what is open (a fence, an emphasis) is drawn as if it were closed. */
    readonly streaming?: boolean
    readonly onOpenFile?: OpenFile | undefined
  }) => {
    const written = useMemo(() => visibleText(text), [text])
    const formulas = useMemo(() => withFormulas(written), [written])
    const plugins = useMath(formulas)
    const shown = plugins === undefined ? written : formulas
    const html = hasHtml(shown)
    const [wrapped] = useState(() => new Map<string, boolean>())
    return (
      <OpenFileContext value={onOpenFile}>
        <WrappedContext value={wrapped}>
          <Streamdown
            // Blocks are compared by their text alone: with other rules they are made anew.
            key={`${plugins === undefined ? "text" : "formulas"}${html ? " with html" : ""}`}
            className={styles.markdown ?? ""}
            components={markdownParts}
            rehypePlugins={html ? htmlRules : textRules}
            remarkPlugins={markdownRules}
            controls={false}
            isAnimating={streaming}
            linkSafety={linkSafety}
            parseIncompleteMarkdown={streaming}
            parseMarkdownIntoBlocksFn={streaming ? blocksOfGrowing : parseMarkdownIntoBlocks}
            remend={remend}
            {...(plugins === undefined ? {} : { plugins })}
          >
            {shown}
          </Streamdown>
        </WrappedContext>
      </OpenFileContext>
    )
  }
)
Markdown.displayName = "Markdown"
