/**
 * A terminal whose keys come one by one.
 *
 * Law: whoever comes next finds it as it was: the mode is given back on leaving, on stopping (Ctrl-Z) and when the process
 * ends in any way that it can notice.
 */
import { emitKeypressEvents, type Key } from "node:readline"
import type { ReadStream, WriteStream } from "node:tty"
import { sanitize } from "../text/sanitize.ts"

export interface Terminal {
  readonly input: ReadStream
  readonly output: WriteStream
  readonly colour: boolean
}

export interface TerminalListener {
  readonly onKey: (text: string, key: Key) => void
  /** Text that was pasted, as a whole: no key in it does anything. */
  readonly onPaste: (text: string) => void
  /** The size has changed, or the terminal is ours again. */
  readonly onChange: () => void
  /** Nobody is there any more, or we are told to go: the exit code to go with. */
  readonly onGone: (code: number) => void
  /** Takes away what is drawn over. */
  readonly onRelease: () => void
}

const bracketedPaste = { on: "\x1b[?2004h", off: "\x1b[?2004l" } as const

export class RawTerminal {
  readonly #terminal: Terminal
  readonly #listener: TerminalListener
  #isOurs = false
  /** What is being pasted; null when nothing is. */
  #paste: string | null = null

  constructor(terminal: Terminal, listener: TerminalListener) {
    this.#terminal = terminal
    this.#listener = listener
  }

  get isOurs(): boolean {
    return this.#isOurs
  }

  take(): void {
    if (this.#isOurs) return
    this.#isOurs = true
    const { input, output } = this.#terminal
    emitKeypressEvents(input)
    input.on("keypress", this.#onKey)
    input.on("end", this.#onHangup)
    output.on("resize", this.#listener.onChange)
    process.on("SIGINT", this.#onInterrupt)
    process.on("SIGTERM", this.#onTerminate)
    process.on("SIGHUP", this.#onHangup)
    process.on("SIGCONT", this.#onContinue)
    process.on("exit", this.#onExit)
    this.#enter()
  }

  release(): void {
    if (!this.#isOurs) return
    this.#isOurs = false
    const { input, output } = this.#terminal
    input.off("keypress", this.#onKey)
    input.off("end", this.#onHangup)
    output.off("resize", this.#listener.onChange)
    process.off("SIGINT", this.#onInterrupt)
    process.off("SIGTERM", this.#onTerminate)
    process.off("SIGHUP", this.#onHangup)
    process.off("SIGCONT", this.#onContinue)
    process.off("exit", this.#onExit)
    this.#exit()
    input.pause()
  }

  /** Stops the process, as Ctrl-Z does in other programs. */
  suspend(): void {
    this.#exit()
    // Comes back when the user brings the program back, or at once where nobody can stop it.
    process.kill(process.pid, "SIGTSTP")
    this.#onContinue()
  }

  #enter(): void {
    // Off and on: a shell may have changed the mode behind our back.
    this.#terminal.input.setRawMode(false)
    this.#terminal.input.setRawMode(true)
    this.#terminal.input.resume()
    this.#terminal.output.write(bracketedPaste.on)
  }

  #exit(): void {
    this.#listener.onRelease()
    this.#terminal.output.write(bracketedPaste.off)
    this.#terminal.input.setRawMode(false)
  }

  readonly #onKey = (text: string | undefined, key: Key): void => {
    if (!this.#takePaste(text ?? "", key)) this.#listener.onKey(text ?? "", key)
  }

  /** Ctrl-C gets out of a paste whose end never came. */
  #takePaste(text: string, key: Key): boolean {
    if (key.name === "paste-start") this.#paste = ""
    else if (this.#paste === null) return false
    else if (key.name === "paste-end" || (key.ctrl === true && key.name === "c")) {
      this.#listener.onPaste(sanitize(this.#paste))
      this.#paste = null
    } else this.#paste += text
    return true
  }

  /** From outside: the key itself is a key here. */
  readonly #onInterrupt = (): void => this.#listener.onGone(130)
  readonly #onTerminate = (): void => this.#listener.onGone(143)
  readonly #onHangup = (): void => this.#listener.onGone(129)
  readonly #onExit = (): void => this.#exit()
  readonly #onContinue = (): void => {
    this.#enter()
    this.#listener.onChange()
  }
}
