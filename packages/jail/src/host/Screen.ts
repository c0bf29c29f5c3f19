/**
 * A headless terminal that knows how far it has read.
 *
 * Law: `snapshot` covers exactly the bytes before its offset, and `after` holds the bytes from there on that were fed
 * already. Offset and screen agree at every chunk's end, moved back to where an unfinished escape sequence began.
 */
import { pathToFileURL } from "node:url"
import { SerializeAddon } from "@xterm/addon-serialize"
import { Terminal as Xterm } from "@xterm/headless"
import { maxScreenBytes } from "../messages.ts"
import { CommandMarks } from "./CommandMarks.ts"
import { EscapeTracker } from "./EscapeTracker.ts"

const scrollback = 10_000
/** Lines sent to a viewer that fell behind: it had the older ones. */
const resyncScrollback = 1000
/** What the serializer begins the screen of a program with that has it whole. */
const programScreen = "\x1b[?1049h"

export interface Chunk {
  readonly offset: number
  readonly data: Uint8Array
  /** Shown here, but not written by the program in this terminal: its queries get no answer. */
  readonly mirrored: boolean
}

export interface Snapshot {
  readonly screen: Uint8Array
  readonly offset: number
  readonly after: ReadonlyArray<Chunk>
}

export class Screen {
  cwd: string | null = null
  title: string | null = null
  private readonly xterm: Xterm
  private readonly serializer = new SerializeAddon()
  private readonly unread: Array<Chunk> = []
  private unreadBytes = 0
  private readOffset = 0
  private readonly escapes = new EscapeTracker()
  private region: string | null = null
  private cursorHidden = false
  private readonly mouseEncodings = new Set<number>()
  private readonly marks: CommandMarks

  /** `reply` gets what the terminal answers to queries (where is the cursor, what are you). */
  constructor(cols: number, rows: number, reply: (data: string) => void) {
    this.xterm = new Xterm({ cols, rows, scrollback, allowProposedApi: true, logLevel: "off" })
    this.xterm.loadAddon(this.serializer)
    // Else the output of one command could type into the shell of another.
    const answer = (data: string) => {
      if (this.unread[0]?.mirrored === false) reply(data)
    }
    this.xterm.onData(answer)
    this.xterm.onBinary(answer)
    this.xterm.onTitleChange((title) => {
      this.title = title.replace(/\p{Cc}/gu, "").slice(0, 512)
    })
    this.trackUnserialized()
    this.marks = new CommandMarks(this.xterm)
  }

  get cols(): number {
    return this.xterm.cols
  }

  get rows(): number {
    return this.xterm.rows
  }

  /** Bytes fed and not yet read by the terminal. */
  get pending(): number {
    return this.unreadBytes
  }

  feed(chunk: Chunk, read: () => void): void {
    this.unread.push(chunk)
    this.unreadBytes += chunk.data.length
    this.xterm.write(chunk.data, () => {
      this.unread.shift()
      this.unreadBytes -= chunk.data.length
      this.readOffset = chunk.offset + chunk.data.length
      this.escapes.push(chunk.data)
      read()
    })
  }

  resize(cols: number, rows: number): void {
    this.xterm.resize(cols, rows)
    this.region = null
  }

  snapshot(kind: "whole" | "resync"): Snapshot {
    const open = this.escapes.open
    const offset = this.readOffset - open.length
    const after = open.length === 0 ? [...this.unread] : [{ offset, data: open, mirrored: false }, ...this.unread]
    return { screen: this.serialize(kind === "whole" ? scrollback : resyncScrollback), offset, after }
  }

  dispose(): void {
    this.xterm.dispose()
  }

  private serialize(lines: number): Uint8Array {
    for (let count = lines; ; count = Math.floor(count / 4)) {
      const bytes = Buffer.from(this.whole(this.serializer.serialize({ scrollback: count })))
      if (bytes.length <= maxScreenBytes) return bytes
      if (count === 0) return Buffer.alloc(0)
    }
  }

  /** The commands' marks stand on the normal screen: a program that has the screen whole comes after them. */
  private whole(screen: string): string {
    const marks = this.marks.serialize()
    const begins = screen.indexOf(programScreen)
    if (marks === "" || begins === -1) return screen + this.unserialized() + marks
    const { cursorX, cursorY } = this.xterm.buffer.normal
    const cursor = cursorX < this.xterm.cols ? `\x1b[${cursorY + 1};${cursorX + 1}H` : ""
    return screen.slice(0, begins) + cursor + marks + screen.slice(begins) + this.unserialized()
  }

  /** State that the serializer leaves out or, in the case of the cursor, gets wrong after a line that fills its row. */
  private unserialized(): string {
    const { cursorX, cursorY } = this.xterm.buffer.active
    let text = this.region === null ? "" : `\x1b[${this.region}r`
    // In origin mode a position counts from the region's top. Behind the last column there is no position to name.
    const top = this.xterm.modes.originMode && this.region !== null ? Number(this.region.split(";")[0]) - 1 : 0
    if (cursorX < this.xterm.cols) text += `\x1b[${cursorY - top + 1};${cursorX + 1}H`
    for (const mode of this.mouseEncodings) text += `\x1b[?${mode}h`
    if (this.cursorHidden) text += "\x1b[?25l"
    if (this.title !== null) text += `\x1b]2;${this.title}\x1b\\`
    if (this.cwd !== null) text += `\x1b]7;${pathToFileURL(this.cwd).href}\x1b\\`
    return text
  }

  private trackUnserialized(): void {
    const parser = this.xterm.parser
    const setModes = (on: boolean) => (params: ReadonlyArray<number | Array<number>>) => {
      for (const mode of params) {
        if (mode === 25) this.cursorHidden = !on
        else if (mode === 1005 || mode === 1006 || mode === 1015 || mode === 1016) {
          this.mouseEncodings.clear()
          if (on) this.mouseEncodings.add(mode)
        } else if (mode === 1049 || mode === 1047 || mode === 47) this.region = null
      }
      return false
    }
    const reset = () => {
      this.region = null
      this.cursorHidden = false
      this.mouseEncodings.clear()
      return false
    }
    parser.registerCsiHandler({ prefix: "?", final: "h" }, setModes(true))
    parser.registerCsiHandler({ prefix: "?", final: "l" }, setModes(false))
    parser.registerCsiHandler({ final: "r" }, (params) => {
      const top = typeof params[0] === "number" && params[0] > 0 ? params[0] : 1
      const bottom = typeof params[1] === "number" && params[1] > 0 ? params[1] : this.xterm.rows
      this.region = (top === 1 && bottom >= this.xterm.rows) || bottom <= top ? null : `${top};${bottom}`
      return false
    })
    parser.registerEscHandler({ final: "c" }, () => {
      this.marks.clear()
      return reset()
    })
    parser.registerCsiHandler({ intermediates: "!", final: "p" }, reset)
    parser.registerOscHandler(7, (data) => {
      this.cwd = folderOf(data) ?? this.cwd
      return false
    })
  }
}

/** OSC 7 carries `file://host/path`. */
const folderOf = (data: string): string | null => {
  try {
    const url = new URL(data)
    const path = decodeURIComponent(url.pathname)
    return url.protocol === "file:" && path.length <= 4096 ? path : null
  } catch {
    return null
  }
}
