/**
 * A text of an agent or a person, as markdown.
 *
 * Law: it runs nothing, fetches nothing from elsewhere and leads only where it says. A block that has not changed is not
 * drawn again, so that a token costs one block.
 */
import { memo, useEffect, useMemo, useState } from "react"
import { parseMarkdownIntoBlocks, Streamdown, type StreamdownProps } from "streamdown"
import styles from "./Markdown.module.css"
import { blocksOfGrowing } from "./markdownBlocks.ts"
import { markdownParts } from "./markdownParts.tsx"
import { hasHtml, htmlRules, markdownRules, textRules } from "./markdownRules.ts"
import { type OpenFile, OpenFileContext } from "./OpenFile.ts"
import { visibleText } from "./plainText.ts"

type Plugins = NonNullable<StreamdownProps["plugins"]>

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
    const shown = useMemo(() => visibleText(text), [text])
    const plugins = useMath(shown)
    const html = hasHtml(shown)
    return (
      <OpenFileContext value={onOpenFile}>
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
      </OpenFileContext>
    )
  }
)
Markdown.displayName = "Markdown"

let loaded: Plugins | undefined

/** The rules for formulas, once a text has one and they are there. */
const useMath = (text: string): Plugins | undefined => {
  const wanted = text.includes("$$")
  const [plugins, setPlugins] = useState(loaded)
  useEffect(() => {
    if (!wanted || plugins !== undefined) return
    let left = false
    import("./markdownMath.ts")
      .then(({ math }) => {
        loaded ??= { math }
        if (!left) setPlugins(loaded)
      })
      // Formulas that can't be loaded are shown as they were written.
      .catch(() => undefined)
    return () => {
      left = true
    }
  }, [plugins, wanted])
  return wanted ? plugins : undefined
}
