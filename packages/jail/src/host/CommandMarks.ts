/**
 * Where the commands of a shell that marks them (OSC 133) stand on a screen, so that who attaches later is told.
 *
 *   A prompt ── B its end, what is typed follows ── C output begins ── D ended, with the exit code
 *
 * Law: of each command A, B and C are kept together, and D when it came; a prompt at which nothing was run is forgotten at
 * the next one. Marks move with their lines and go with them.
 */
import type { IMarker, Terminal } from "@xterm/headless"

interface Mark {
  readonly kind: string
  readonly marker: IMarker
  readonly column: number
  /** Milliseconds since 1970. */
  readonly at: number
}

/** The latest. */
const maxCommands = 200

export class CommandMarks {
  readonly #xterm: Terminal
  #commands: Array<ReadonlyArray<Mark>> = []
  /** Of the prompt that stands there now. */
  #prompt: Mark | null = null
  #typed: Mark | null = null

  constructor(xterm: Terminal) {
    this.#xterm = xterm
    xterm.parser.registerOscHandler(133, (data) => {
      this.#take(data)
      return false
    })
  }

  clear(): void {
    for (const mark of [...this.#commands.flat(), this.#prompt, this.#typed]) mark?.marker.dispose()
    this.#commands = []
    this.#prompt = null
    this.#typed = null
  }

  /**
   * `OSC 7133 ; kind,lines above the cursor,column,milliseconds since 1970 ; … ST`, oldest first; empty without marks. It
   * counts from the cursor of the normal screen, as the client of a socket does that reads it.
   */
  serialize(): string {
    const { baseY, cursorY } = this.#xterm.buffer.normal
    const alive = (mark: Mark | null): mark is Mark => mark !== null && mark.marker.line !== -1
    const marks = [
      ...this.#commands.filter((command) => command.every(alive)).flat(),
      ...[this.#prompt, this.#typed].filter(alive)
    ]
    if (marks.length === 0) return ""
    const words = marks.map(
      ({ at, column, kind, marker }) => `${kind},${baseY + cursorY - marker.line},${column},${at}`
    )
    return `\x1b]7133;${words.join(";")}\x1b\\`
  }

  #take(data: string): void {
    // A program that has the whole screen has no commands.
    if (this.#xterm.buffer.active.type !== "normal") return
    switch (data[0]) {
      case "A":
        this.#prompt?.marker.dispose()
        this.#typed?.marker.dispose()
        this.#prompt = this.#here("A")
        this.#typed = null
        return
      case "B":
        this.#typed?.marker.dispose()
        this.#typed = this.#here("B")
        return
      case "C": {
        const began = this.#here("C")
        if (this.#prompt === null || this.#typed === null || began === null) return
        this.#commands.push([this.#prompt, this.#typed, began])
        this.#prompt = null
        this.#typed = null
        for (const mark of this.#commands.splice(0, Math.max(0, this.#commands.length - maxCommands)).flat()) {
          mark.marker.dispose()
        }
        return
      }
      case "D": {
        const last = this.#commands.at(-1)
        if (last === undefined || last.at(-1)?.kind !== "C") return
        const code = /^D;(\d{1,3})/.exec(data)?.[1]
        const ended = this.#here(`D${code ?? ""}`)
        if (ended !== null) this.#commands[this.#commands.length - 1] = [...last, ended]
      }
    }
  }

  #here(kind: string): Mark | null {
    const marker = this.#xterm.registerMarker(0)
    if (marker === undefined) return null
    return { kind, marker, column: this.#xterm.buffer.active.cursorX, at: Date.now() }
  }
}
