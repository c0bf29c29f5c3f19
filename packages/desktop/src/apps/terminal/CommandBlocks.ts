/**
 * The commands of a shell that marks them (OSC 133): where each begins, what it printed, and how it ended.
 *
 *   A prompt ── B its end, what is typed follows ── C output begins ── D ended, with the exit code
 *
 * Law: a block is known by the lines it stands on; when they leave the scrollback, it is gone. A screen that is drawn anew
 * comes with the marks that were on it (OSC 7133).
 */
import type { IBufferLine, IDecoration, IMarker, Terminal } from "@xterm/xterm"
import { present } from "../../ui/present.ts"

export interface CommandBlock {
  readonly id: number
  readonly command: string
  readonly startedAt: number
  /** Undefined while it runs; null when the shell did not say. */
  readonly exit: number | null | undefined
}

interface Kept {
  readonly id: number
  readonly startedAt: number
  readonly command: string
  /** The line of the prompt, and the first of the output. */
  readonly prompt: IMarker
  readonly output: IMarker
  end: IMarker | null
  /** Where the output ends within that line. */
  endColumn: number
  exit: number | null | undefined
  decoration: IDecoration | undefined
}

/** Where a mark stands: lines above the cursor, and when it was set, in milliseconds since 1970. */
interface Place {
  readonly above: number
  readonly column: number
  readonly at: number
}

/** The latest. */
const keptBlocks = 200
/** Lines of an output that are read: the first few, and the last. */
const firstLines = 20
const lastLines = 80

export class CommandBlocks {
  readonly #terminal: Terminal
  readonly #render: (block: CommandBlock, mark: HTMLElement) => void
  #blocks: Array<Kept> = []
  #prompt: IMarker | null = null
  #typed: { readonly marker: IMarker; readonly column: number } | null = null
  #lastId = 0

  /** `render` shows a block's mark at the left of its first line; called again when the block has ended. */
  constructor(terminal: Terminal, render: (block: CommandBlock, mark: HTMLElement) => void) {
    this.#terminal = terminal
    this.#render = render
    terminal.parser.registerOscHandler(133, (data) => {
      this.#mark(data, { above: 0, column: terminal.buffer.active.cursorX, at: present() })
      return true
    })
    terminal.parser.registerOscHandler(7133, (data) => {
      for (const one of data.split(";").slice(0, 4 * keptBlocks + 2)) this.#markAgain(one)
      return true
    })
  }

  /** The screen begins anew. */
  clear(): void {
    for (const block of this.#blocks) dispose(block)
    this.#blocks = []
    this.#prompt = null
    this.#typed = null
  }

  /** The shell is gone, and says no more how its command ended. */
  ended(): void {
    this.#end(undefined, null)
  }

  get last(): CommandBlock | null {
    const block = this.#blocks.at(-1)
    return block === undefined ? null : shown(block)
  }

  /** A command runs, and reads what is typed. */
  get isBusy(): boolean {
    const block = this.#blocks.at(-1)
    return block !== undefined && block.exit === undefined
  }

  find(id: number): CommandBlock | null {
    const block = this.#blocks.find((one) => one.id === id)
    return block === undefined ? null : shown(block)
  }

  /** The block that a line of the buffer belongs to. */
  at(line: number): CommandBlock | null {
    const block = this.#blocks.findLast(({ prompt }) => prompt.line !== -1 && prompt.line <= line)
    return block === undefined ? null : shown(block)
  }

  /** What it printed: all of it, or its beginning and its end. */
  output(id: number): string {
    const block = this.#blocks.find((one) => one.id === id)
    if (block === undefined || block.output.line === -1) return ""
    const buffer = this.#terminal.buffer.normal
    const ends = block.end === null || block.end.line === -1 ? buffer.baseY + buffer.cursorY : block.end.line
    const whole = block.end !== null && block.endColumn > 0
    const last = whole ? ends : ends - 1
    const from = block.output.line
    if (last < from) return ""
    const rows = (start: number, end: number) => this.#text(start, 0, end)
    if (last - from < firstLines + lastLines) return rows(from, last)
    return `${rows(from, from + firstLines - 1)}\n…\n${rows(last - lastLines + 1, last)}`
  }

  /** Scrolls to the command before or after what is on top. */
  jump(direction: -1 | 1): void {
    const { viewportY } = this.#terminal.buffer.active
    const lines = this.#blocks.map(({ prompt }) => prompt.line).filter((line) => line !== -1)
    const next = direction === -1 ? lines.findLast((line) => line < viewportY) : lines.find((line) => line > viewportY)
    if (next !== undefined) this.#terminal.scrollToLine(next)
    else if (direction === 1) this.#terminal.scrollToBottom()
  }

  /** `kind,lines above the cursor,column,milliseconds since 1970`, as the server keeps it. */
  #markAgain(one: string): void {
    const [, kind = "", code = "", ...numbers] = /^([ABCD])(\d{0,3}),(\d{1,6}),(\d{1,5}),(\d{1,15})$/.exec(one) ?? []
    const [above = 0, column = 0, at = 0] = numbers.map(Number)
    const { baseY, cursorY } = this.#terminal.buffer.active
    // What is older than the screen that came has no line to stand on.
    if (kind !== "" && above <= baseY + cursorY)
      this.#mark(code === "" ? kind : `${kind};${code}`, { above, column, at })
  }

  #mark(data: string, place: Place): void {
    // A program that has the whole screen has no commands.
    if (this.#terminal.buffer.active.type !== "normal") return
    switch (data[0]) {
      case "A":
        this.#prompt?.dispose()
        this.#prompt = this.#terminal.registerMarker(-place.above)
        this.#typed = null
        return
      case "B":
        this.#typed = { marker: this.#terminal.registerMarker(-place.above), column: place.column }
        return
      case "C":
        this.#begin(place)
        return
      case "D":
        this.#end(/^D;(\d{1,3})/.exec(data)?.[1], place)
    }
  }

  #begin({ above, at }: Place): void {
    const typed = this.#typed
    const prompt = this.#prompt
    if (typed === null || prompt === null || typed.marker.line === -1) return
    const output = this.#terminal.registerMarker(-above)
    const command = withoutContinuations(this.#text(typed.marker.line, typed.column, output.line - 1))
    this.#prompt = null
    this.#typed = null
    typed.marker.dispose()
    this.#lastId += 1
    const block: Kept = {
      id: this.#lastId,
      startedAt: at,
      command,
      prompt,
      output,
      end: null,
      endColumn: 0,
      exit: undefined,
      decoration: this.#terminal.registerDecoration({ marker: prompt, x: 0, width: 1, layer: "top" })
    }
    block.decoration?.onRender((mark) => this.#render(shown(block), mark))
    this.#blocks.push(block)
    for (const old of this.#blocks.splice(0, Math.max(0, this.#blocks.length - keptBlocks))) dispose(old)
  }

  #end(code: string | undefined, place: Place | null): void {
    const block = this.#blocks.at(-1)
    if (block === undefined || block.exit !== undefined) return
    block.exit = code === undefined ? null : Number(code)
    block.end = this.#terminal.registerMarker(-(place?.above ?? 0))
    block.endColumn = place?.column ?? this.#terminal.buffer.active.cursorX
    const mark = block.decoration?.element
    if (mark !== undefined) this.#render(shown(block), mark)
  }

  /** Rows as text, those of a wrapped line as one. */
  #text(from: number, column: number, to: number): string {
    const buffer = this.#terminal.buffer.normal
    let text = ""
    for (let at = from; at <= to; at++) {
      const line: IBufferLine | undefined = buffer.getLine(at)
      if (line === undefined) break
      const continues = buffer.getLine(at + 1)?.isWrapped === true && at < to
      if (at > from && !line.isWrapped) text += "\n"
      text += line.translateToString(!continues, at === from ? column : 0)
    }
    return text.trimEnd()
  }
}

const shown = ({ command, exit, id, startedAt }: Kept): CommandBlock => ({ id, command, startedAt, exit })

const dispose = ({ decoration, end, output, prompt }: Kept): void => {
  decoration?.dispose()
  for (const marker of [prompt, output, end]) marker?.dispose()
}

/** What the shell writes before each further line of a command is none of it. */
const withoutContinuations = (text: string): string => text.replace(/\n> /g, "\n").trim()
