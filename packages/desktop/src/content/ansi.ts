/**
 * Output of programs as lines of styled pieces, without anything that moves a cursor, rings, or names a window.
 *
 * Law: of all escape sequences, colours (SGR) and links (OSC 8, safe ones) are shown; the rest is dropped, and nothing
 * can hide text: concealed text is shown, and every colour has a lightness that can be read.
 */
import Anser from "anser"
import { visibleText } from "./plainText.ts"
import { safeUrl } from "./safeUrl.ts"

export interface AnsiStyle {
  /** 0 to 15: a colour of the theme. */
  readonly foreground: number | null
  readonly background: number | null
  /** What is none of the sixteen, as a CSS colour. */
  readonly color: string | null
  readonly backdrop: string | null
  readonly bold: boolean
  readonly dim: boolean
  readonly italic: boolean
  readonly underline: boolean
  readonly strike: boolean
  readonly reverse: boolean
}

export interface AnsiPiece {
  /** Of the line. */
  readonly id: number
  readonly text: string
  readonly style: AnsiStyle | null
  readonly href: string | null
}

export interface AnsiLine {
  /** From 1. */
  readonly number: number
  readonly pieces: ReadonlyArray<AnsiPiece>
}

const sequence = new RegExp(
  [
    "(?:\\u001B\\[|\\u009B)([0-?]*)([ -/]*)([@-~])",
    "(?:\\u001B\\]|\\u009D)([^\\u0007\\u001B\\u009C]*)(?:\\u0007|\\u001B\\\\|\\u009C|$)",
    "(?:\\u001B[PX^_]|[\\u0090\\u0098\\u009E\\u009F])[^\\u001B\\u009C]*(?:\\u001B\\\\|\\u009C|$)",
    "\\u001B[ -/]*[0-~]?"
  ].join("|"),
  "gu"
)

export const parseAnsi = (output: string): ReadonlyArray<AnsiLine> => {
  const painter = new Painter()
  let at = 0
  for (const found of output.matchAll(sequence)) {
    painter.write(output.slice(at, found.index))
    at = found.index + found[0].length
    const [, parameters, between, final, command] = found
    if (final === "m" && between === "" && /^[\d;:]*$/.test(parameters ?? "")) painter.style(parameters ?? "")
    else if (command?.startsWith("8;") === true) painter.link(command.slice(2))
  }
  painter.write(output.slice(at))
  return painter.end()
}

/** The text alone, as it would be read: for copying, and for lists of one line each. */
export const withoutAnsi = (output: string): string =>
  parseAnsi(output)
    .map((line) => line.pieces.map((piece) => piece.text).join(""))
    .join("\n")

class Painter {
  readonly #lines: Array<AnsiLine> = []
  #line: Array<AnsiPiece> = []
  /** A carriage return was seen: what comes next writes over the line. */
  #returned = false
  readonly #anser = new Anser()
  #style: AnsiStyle | null = null
  #href: string | null = null

  write(text: string): void {
    let from = 0
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code !== 10 && code !== 13 && code !== 8) continue
      this.#put(text.slice(from, at))
      from = at + 1
      if (code === 13) this.#returned = true
      else if (code === 8) this.#backspace()
      else this.#newline()
    }
    this.#put(text.slice(from))
  }

  style(parameters: string): void {
    const { bg, bg_truecolor, decorations, fg, fg_truecolor } = this.#anser.processChunkJson(
      `${semicolons(parameters)}m`,
      { json: true, use_classes: true },
      true
    )
    const has = (name: (typeof decorations)[number]): boolean => decorations.includes(name)
    const style: AnsiStyle = {
      foreground: sixteen(fg),
      background: sixteen(bg),
      color: legible(fg, fg_truecolor, "min(l, 0.5)", "max(l, 0.74)"),
      backdrop: legible(bg, bg_truecolor, "max(l, 0.9)", "min(l, 0.3)"),
      bold: has("bold"),
      dim: has("dim"),
      italic: has("italic"),
      underline: has("underline"),
      strike: has("strikethrough"),
      reverse: has("reverse")
    }
    this.#style = Object.values(style).every((value) => value === null || value === false) ? null : style
  }

  /** `parameters;address`; an empty address ends the link. */
  link(command: string): void {
    this.#href = safeUrl(command.slice(command.indexOf(";") + 1))
  }

  end(): ReadonlyArray<AnsiLine> {
    if (this.#line.length > 0 || this.#lines.length === 0) this.#newline()
    return this.#lines
  }

  #put(text: string): void {
    if (text === "") return
    if (this.#returned) this.#line = []
    this.#returned = false
    const shown = visibleText(text.replace(quiet, ""))
    if (shown === "") return
    const last = this.#line.at(-1)
    if (last !== undefined && last.style === this.#style && last.href === this.#href) {
      this.#line[this.#line.length - 1] = { ...last, text: last.text + shown }
    } else this.#line.push({ id: this.#line.length, text: shown, style: this.#style, href: this.#href })
  }

  #newline(): void {
    this.#lines.push({ number: this.#lines.length + 1, pieces: this.#line })
    this.#line = []
    this.#returned = false
  }

  #backspace(): void {
    const last = this.#line.pop()
    if (last === undefined) return
    const text = [...last.text].slice(0, -1).join("")
    if (text !== "") this.#line.push({ ...last, text })
  }
}

/** Kinds of underline (`4:3`) are one underline here; colours may be written with colons. */
const semicolons = (parameters: string): string =>
  parameters
    .replace(/(^|;)4:(\d)/g, (_, before: string, kind: string) => `${before}${kind === "0" ? "24" : "4"}`)
    .replace(/:+/g, ";")

/** Bells and padding say nothing; every other control character is shown by its number. */
const quiet = /[\0\u0007\u000B\u000C\u000E\u000F\u007F]/g

const names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]

const sixteen = (name: string | null): number | null => {
  const found = /^ansi-(bright-)?([a-z]+)$/.exec(name ?? "")
  const index = names.indexOf(found?.[2] ?? "")
  return index < 0 ? null : index + (found?.[1] === undefined ? 0 : 8)
}

/** A colour of the program's own in a lightness that can be read on the theme's surfaces, light and dark. */
const legible = (name: string | null, truecolor: string | null, inLight: string, inDark: string): string | null => {
  const index = /^ansi-palette-(\d+)$/.exec(name ?? "")?.[1]
  const rgb = index !== undefined ? paletteColor(Number(index)) : name === "ansi-truecolor" ? truecolor : null
  if (rgb === null) return null
  const as = (lightness: string): string => `oklch(from rgb(${rgb}) ${lightness} c h)`
  return `light-dark(${as(inLight)}, ${as(inDark)})`
}

/** xterm's: a cube of 6 x 6 x 6 from 16 on, then 24 greys. */
const paletteColor = (index: number): string => {
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10
    return `${grey}, ${grey}, ${grey}`
  }
  const at = index - 16
  return [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6]
    .map((step) => (step === 0 ? 0 : 55 + step * 40))
    .join(", ")
}
