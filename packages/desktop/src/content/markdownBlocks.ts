/**
 * A text that grows, in the blocks that are drawn on their own.
 *
 * Law: a token costs one block. A text with footnotes is one block by itself, since they refer across it; so is code with
 * `[^a]` in it. While it grows they are left as they were written, and drawn when it is whole.
 */
import { parseMarkdownIntoBlocks } from "streamdown"

const footnote = "[^"
/** Private to this text: it is taken out again. */
const hidden = "\uE0F1"

export const blocksOfGrowing = (markdown: string): Array<string> =>
  markdown.includes(footnote)
    ? parseMarkdownIntoBlocks(markdown.replaceAll(footnote, hidden)).map((block) => block.replaceAll(hidden, footnote))
    : parseMarkdownIntoBlocks(markdown)
