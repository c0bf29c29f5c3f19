/**
 * A terminal as it stands on the page: xterm, what it shows, and what the person does to it.
 *
 * Law: the size is decided by the view that had the keyboard last; the others show what it decided. What has no size
 * decides nothing.
 */
import { FitAddon } from "@xterm/addon-fit"
import { Unicode11Addon } from "@xterm/addon-unicode11"
import { Terminal } from "@xterm/xterm"
import { createStore } from "zustand/vanilla"
import { plainName, shortened } from "../../content/plainText.ts"
import { hostOf } from "../../content/safeUrl.ts"
import { notify } from "../../state/notices.ts"
import { isMac } from "../../ui/keyNames.ts"
import { type CommandBlock, CommandBlocks } from "./CommandBlocks.ts"
import { Painter, pageClock } from "./Painter.ts"
import { asksFirst, plainPaste } from "./pasted.ts"
import { quietQueries } from "./quietQueries.ts"
import { type Size, TerminalSession } from "./TerminalSession.ts"
import { onTheme, readFont, readTheme } from "./terminalTheme.ts"
import { webAddress, webLinks } from "./webLinks.ts"

export interface ScreenState {
  /** As the shell says it; null before it has. */
  readonly title: string | null
  readonly folder: string | null
  readonly size: Size | null
  /** Another view has decided the size, and this one does not fill its window. */
  readonly letterboxed: boolean
  /** Asked before it is done. */
  readonly paste: string | null
  readonly link: { readonly url: string; readonly host: string } | null
  /** The block whose mark was pressed, and where that was. */
  readonly menu: { readonly id: number; readonly x: number; readonly y: number } | null
  readonly hasSelection: boolean
  /** A bell that nobody saw. */
  readonly rang: boolean
}

const scrollback = 10_000
/** Milliseconds without another change before a new size is asked for: lines flow anew with each. */
const settled = 80

export class TerminalScreen {
  readonly state = createStore<ScreenState>(() => ({
    title: null,
    folder: null,
    size: null,
    letterboxed: false,
    paste: null,
    link: null,
    menu: null,
    hasSelection: false,
    rang: false
  }))
  readonly session: TerminalSession
  readonly blocks: CommandBlocks
  readonly #terminal: Terminal
  readonly #fit = new FitAddon()
  readonly #painter: Painter
  readonly #element: HTMLElement
  readonly #ends: Array<() => void> = []
  #decides = false
  /** The size that this view has asked for last, until it holds. */
  #awaited: Size | null = null
  #visible = true
  #resizing: ReturnType<typeof setTimeout> | undefined

  constructor(
    element: HTMLElement,
    terminal_id: string,
    folder: string | null,
    showMark: (block: CommandBlock, mark: HTMLElement) => void
  ) {
    this.#element = element
    const terminal = new Terminal({
      allowProposedApi: true,
      fontFamily: readFont(),
      fontSize: 13,
      lineHeight: 1.25,
      scrollback,
      theme: readTheme(),
      minimumContrastRatio: 4.5,
      macOptionIsMeta: true,
      rightClickSelectsWord: false,
      linkHandler: { activate: (_, text) => this.#askLink(text) }
    })
    this.#terminal = terminal
    this.session = new TerminalSession(terminal_id, folder, {
      output: (data, offset, fresh) => this.#painter.push(data, offset, fresh),
      sized: (size) => this.#painter.after(() => this.#sized(size)),
      connected: () => this.#tellSize(),
      said: (message) => notify("The terminal could not do that", { level: "warning", text: message })
    })
    this.#painter = new Painter(
      {
        write: (data, drawn) => terminal.write(data, drawn),
        reset: () => {
          terminal.reset()
          this.blocks.clear()
        }
      },
      pageClock,
      (offset) => this.session.drawn(offset)
    )
    terminal.loadAddon(this.#fit)
    terminal.loadAddon(new Unicode11Addon())
    terminal.unicode.activeVersion = "11"
    this.blocks = new CommandBlocks(terminal, showMark)
    quietQueries(terminal, () => this.#decides)
    this.#listen()
  }

  /** Draws into the element, and connects. */
  open(): void {
    this.#terminal.open(this.#element)
    this.session.open()
  }

  close(): void {
    clearTimeout(this.#resizing)
    for (const end of this.#ends) end()
    this.session.close()
    this.#painter.close()
    this.#terminal.dispose()
  }

  focus(): void {
    this.#terminal.focus()
  }

  show(visible: boolean): void {
    this.#visible = visible
    if (visible) this.#resizeSoon()
  }

  input(data: string): void {
    this.#terminal.input(data)
  }

  /** Types a command anew. */
  rerun(command: string): void {
    this.#terminal.scrollToBottom()
    if (command.includes("\n")) this.state.setState({ paste: command })
    else this.input(`${plainPaste(command)}\r`)
  }

  get selection(): string {
    return this.#terminal.getSelection()
  }

  copy(): void {
    void copyText(this.selection)
  }

  selectAll(): void {
    this.#terminal.selectAll()
  }

  clear(): void {
    this.#terminal.clear()
  }

  /** Asks first where it is more than one line. */
  paste(text: string): void {
    const plain = plainPaste(text)
    if (plain === "") return
    if (asksFirst(plain)) this.state.setState({ paste: plain })
    else this.#terminal.paste(plain)
  }

  answerPaste(yes: boolean): void {
    const { paste } = this.state.getState()
    this.state.setState({ paste: null })
    if (yes && paste !== null) this.#terminal.paste(paste)
  }

  async pasteFromClipboard(): Promise<void> {
    try {
      this.paste(await navigator.clipboard.readText())
      this.focus()
    } catch {
      notify("The browser gives no access to the clipboard", {
        level: "warning",
        text: `${isMac() ? "⌘" : "Ctrl+Shift+"}V pastes without it.`
      })
    }
  }

  /** The command on top of what is selected or looked at; else the last one. */
  blockHere(): CommandBlock | null {
    const { active } = this.#terminal.buffer
    const selected = this.#terminal.getSelectionPosition()?.start.y
    if (selected !== undefined) return this.blocks.at(selected)
    return active.viewportY === active.baseY ? this.blocks.last : this.blocks.at(active.viewportY)
  }

  #listen(): void {
    const terminal = this.#terminal
    terminal.onData((data) => this.session.input(data))
    terminal.onBinary((data) => this.session.input(data))
    terminal.onTitleChange((title) =>
      this.state.setState({ title: title === "" ? null : shortened(plainName(title), 120) })
    )
    terminal.onSelectionChange(() => this.state.setState({ hasSelection: terminal.hasSelection() }))
    terminal.onBell(() => {
      if (!this.#visible || !this.#element.contains(document.activeElement)) this.state.setState({ rang: true })
    })
    terminal.parser.registerOscHandler(7, (data) => {
      this.state.setState({ folder: folderOf(data) })
      return true
    })
    terminal.registerLinkProvider(webLinks(terminal, (url) => this.#askLink(url)))
    terminal.attachCustomKeyEventHandler((event) => this.#key(event))
    const pasted = (event: ClipboardEvent) => {
      event.preventDefault()
      event.stopPropagation()
      this.paste(event.clipboardData?.getData("text/plain") ?? "")
    }
    const decide = () => {
      this.#decides = true
      this.#resizeNow()
    }
    const focused = () => {
      this.state.setState({ rang: false })
      decide()
    }
    const used = () => {
      if (!this.#decides) decide()
    }
    terminal.onKey(used)
    this.#element.addEventListener("pointerdown", used)
    this.#element.addEventListener("paste", pasted, { capture: true })
    this.#element.addEventListener("focusin", focused)
    const observer = new ResizeObserver(() => this.#resizeSoon())
    observer.observe(this.#element)
    this.#ends.push(
      this.session.status.subscribe(({ phase }) => {
        if (phase === "exited") this.#painter.after(() => this.blocks.ended())
      }),
      () => this.#element.removeEventListener("paste", pasted, { capture: true }),
      () => this.#element.removeEventListener("focusin", focused),
      () => this.#element.removeEventListener("pointerdown", used),
      () => observer.disconnect(),
      onTheme(() => {
        terminal.options.theme = readTheme()
      })
    )
  }

  /** False: the terminal leaves the key alone. */
  #key(event: KeyboardEvent): boolean {
    if (event.type !== "keydown") return true
    const mod = isMac() ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey
    if (!mod || event.altKey) return true
    if (event.code === "KeyC" && event.shiftKey !== isMac()) {
      // Else it opens the browser's own tools.
      event.preventDefault()
      this.copy()
      return false
    }
    // The browser pastes by itself, and asks nobody for leave.
    if (event.code === "KeyV" && event.shiftKey !== isMac()) return false
    const up = event.code === "ArrowUp"
    if ((up || event.code === "ArrowDown") && !event.shiftKey && this.#terminal.buffer.active.type === "normal") {
      event.preventDefault()
      this.blocks.jump(up ? -1 : 1)
      return false
    }
    return true
  }

  #askLink(text: string): void {
    const url = webAddress(text)
    if (url !== null) this.state.setState({ link: { url, host: hostOf(url) } })
  }

  #resizeSoon(): void {
    clearTimeout(this.#resizing)
    this.#resizing = setTimeout(() => this.#resizeNow(), settled)
  }

  #resizeNow(): void {
    const size = this.#proposed()
    if (size === null) return
    if (this.#decides) {
      // What the server says then holds for all; where it says nothing any more, nothing can wrap wrongly.
      const { phase } = this.session.status.getState()
      if (phase !== "live" && phase !== "connecting") this.#apply(size)
      this.#ask(size)
    }
    this.#showLetterbox()
  }

  #tellSize(): void {
    this.#awaited = null
    const size = this.#decides ? this.#proposed() : null
    if (size !== null) this.#ask(size)
  }

  #ask(size: Size): void {
    this.#awaited = isSame(size, this.#terminal) ? null : size
    this.session.resize(size)
  }

  /** What fits into the window; null where there is nothing to fit into. */
  #proposed(): Size | null {
    if (!this.#visible || this.#element.clientWidth === 0 || this.#element.clientHeight === 0) return null
    const size = this.#fit.proposeDimensions()
    if (size === undefined || !Number.isFinite(size.cols) || !Number.isFinite(size.rows)) return null
    return { cols: Math.max(2, size.cols), rows: Math.max(2, size.rows) }
  }

  #sized(size: Size): void {
    if (this.#awaited !== null) {
      // What came before it was decided before it.
      if (isSame(this.#awaited, size)) this.#awaited = null
    } else {
      const proposed = this.#proposed()
      // Another view has decided; the next key or click here decides anew.
      if (proposed !== null && !isSame(proposed, size)) this.#decides = false
    }
    this.#apply(size)
    this.#showLetterbox()
  }

  #apply({ cols, rows }: Size): void {
    if (this.#terminal.cols !== cols || this.#terminal.rows !== rows) {
      this.#terminal.resize(cols, rows)
      // The marks of commands go where their lines went.
      this.#terminal.refresh(0, rows - 1)
    }
    this.state.setState({ size: { cols, rows } })
  }

  #showLetterbox(): void {
    const proposed = this.#proposed()
    const { cols, rows } = this.#terminal
    const letterboxed = !this.#decides && proposed !== null && (proposed.cols !== cols || proposed.rows !== rows)
    if (this.state.getState().letterboxed !== letterboxed) this.state.setState({ letterboxed })
  }
}

const isSame = (one: Size, other: Size): boolean => one.cols === other.cols && one.rows === other.rows

/** `file://host/path`: the path, when it is one. */
const folderOf = (data: string): string | null => {
  try {
    const url = new URL(data)
    return url.protocol === "file:" ? decodeURIComponent(url.pathname) : null
  } catch {
    return null
  }
}

export const copyText = async (text: string): Promise<void> => {
  if (text === "") return
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    notify("The browser gives no access to the clipboard", { level: "warning" })
  }
}
