/**
 * Markdown, lightly: headings and `**strong**` are bold, `*stress*` is italic, code is
 * coloured, lists hang. What is not understood stays as it is.
 *
 * Law: a line is laid out from itself and from what the lines before it have opened, and nothing else.
 */
import { look, span } from "./Span.ts"
import type { Indent, SourceSpan } from "./wrap.ts"

export interface Laid {
  readonly spans: ReadonlyArray<SourceSpan>
  readonly indent: Indent
  /** A line that only opens or closes something shows nothing. */
  readonly hidden: boolean
}

/** The fence that is open, such as "```"; empty when there is none. */
export type Fence = string

export const plainLine = (line: string, sgr: string): Laid => ({
  spans: [{ text: line, sgr, at: 0 }],
  indent: { first: [], rest: [] },
  hidden: false
})

export const fenceAfter = (line: string, fence: Fence): Fence => {
  const mark = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line)
  if (mark === null) return fence
  const [, ticks = "", rest = ""] = mark
  if (fence === "") return ticks.startsWith("`") && rest.includes("`") ? "" : ticks
  return ticks[0] === fence[0] && ticks.length >= fence.length && rest.trim() === "" ? "" : fence
}

/** `continues`: the beginning of the line was laid before, so that this is the middle of a paragraph. */
export const layMarkdown = (line: string, fence: Fence, continues: boolean): Laid => {
  if (!continues && fenceAfter(line, fence) !== fence) return { ...plainLine(line, look.dim), hidden: true }
  if (fence !== "") {
    const pad = [span("  ")]
    return { ...plainLine(line, look.accent), indent: { first: pad, rest: pad } }
  }
  if (continues) return { ...plainLine(line, ""), spans: inline(line, 0) }
  const heading = /^ {0,3}#{1,6} +/.exec(line)
  if (heading !== null) {
    const at = heading[0].length
    return {
      ...plainLine(line, ""),
      spans: inline(line.slice(at), at).map((one) => ({ ...one, sgr: withBold(one.sgr) }))
    }
  }
  const item = /^(\s*)([-*+]|\d{1,9}[.)])( +)/.exec(line)
  if (item !== null && !/^\s*(?:[-*_] *){3,}$/.test(line)) {
    const [all, before = "", mark = ""] = item
    const lead = `${before}${/^\d/.test(mark) ? mark : "•"} `
    return {
      spans: inline(line.slice(all.length), all.length),
      indent: { first: [span(lead)], rest: [span(" ".repeat(lead.length))] },
      hidden: false
    }
  }
  const quote = /^ {0,3}> ?/.exec(line)
  if (quote !== null) {
    const bar = [span("│ ", look.dim)]
    const at = quote[0].length
    return { spans: inline(line.slice(at), at), indent: { first: bar, rest: bar }, hidden: false }
  }
  return { ...plainLine(line, ""), spans: inline(line, 0) }
}

const withBold = (sgr: string): string => (sgr === "" || sgr === look.bold ? look.bold : `${look.bold};${sgr}`)

/** Only what is closed has a look: a lone mark is a character like any other. */
const marks =
  /(?<ticks>`+)(?<code>[^`](?:.*?[^`])?)\k<ticks>(?!`)|\*\*(?<strong>[^\s*](?:.*?[^\s])?)\*\*|(?<![\w*])\*(?<stress>[^\s*](?:[^*]*[^\s*])?)\*(?![\w*])/g

const inline = (text: string, at: number): ReadonlyArray<SourceSpan> => {
  const spans: Array<SourceSpan> = []
  let done = 0
  const add = (piece: string, sgr: string, offset: number) => {
    if (piece !== "") spans.push({ text: piece, sgr, at: at + offset })
  }
  for (const found of text.matchAll(marks)) {
    add(text.slice(done, found.index), "", done)
    const { code, stress, strong = "", ticks = "" } = found.groups ?? {}
    if (code !== undefined) add(code, look.accent, found.index + ticks.length)
    else if (stress !== undefined) add(stress, look.italic, found.index + 1)
    else add(strong, look.bold, found.index + 2)
    done = found.index + found[0].length
  }
  add(text.slice(done), "", done)
  return spans
}
