/**
 * `choir chat` on a terminal: the conversation scrolls by above, below it a line to type in.
 *
 * Law: what is typed is never lost, and Ctrl-C ends the nearest thing: the turn, then the draft, then (twice) the program.
 */
import type { Key } from "node:readline"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import { addressOf, type Server, type ServerError } from "../server/Server.ts"
import { Editor } from "../terminal/Editor.ts"
import { editKey, isText } from "../terminal/keys.ts"
import { RawTerminal, type Terminal } from "../terminal/RawTerminal.ts"
import { Screen } from "../terminal/Screen.ts"
import { cutRow, look, paint, type Row, span, widthOfRow } from "../text/Span.ts"
import { oneLine, sanitize } from "../text/sanitize.ts"
import { type ChatLink, type LinkListener, openChat, type ThreadScope } from "./ChatLink.ts"
import type { Happening } from "./Happening.ts"
import { findModels } from "./models.ts"
import { lastExchanges } from "./past.ts"
import { parseSlash, slashHelp } from "./slash.ts"
import { Transcript } from "./Transcript.ts"
import { cliUser, newThread } from "./thread.ts"
import { duration } from "./toolLine.ts"

/** What the user decided at last. */
type Decision =
  | { readonly _tag: "Leave"; readonly code: number }
  | { readonly _tag: "Open"; readonly thread: ThreadScope }

/** Columns that are read with ease. */
const widest = 110
const frameMs = 16

/** A conversation, and the next, until the user leaves; succeeds with the exit code. */
export const interactive = (
  server: Server,
  thread: ThreadScope,
  terminal: Terminal
): Effect.Effect<number, ServerError, Scope.Scope> =>
  Effect.gen(function* () {
    const decisions = yield* Queue.unbounded<Decision>()
    const screen = new ChatScreen(server, terminal, (decision) => Queue.offerUnsafe(decisions, decision))
    const converse = (current: ThreadScope) =>
      Effect.gen(function* () {
        screen.open(current)
        const link = yield* openChat(server, current, cliUser, screen)
        screen.connected(link)
        return yield* Queue.take(decisions)
      })
    yield* Effect.addFinalizer(() => Effect.sync(() => screen.leave()))
    let next = yield* Effect.scoped(converse(thread))
    while (next._tag === "Open") next = yield* Effect.scoped(converse(next.thread))
    return next.code
  })

class ChatScreen implements LinkListener {
  readonly #server: Server
  readonly #terminal: Terminal
  readonly #decide: (decision: Decision) => void
  readonly #raw: RawTerminal
  readonly #screen: Screen
  readonly #editor = new Editor()
  #thread: ThreadScope = { actor_id: "", session_id: "", thread_id: "" }
  #link: ChatLink | null = null
  #transcript: Transcript
  #settled: Array<string> = []
  #isUp = false
  /** Ctrl-C came at an empty prompt: once more leaves. */
  #leaving = false
  #stopping = false
  #isPaused = false
  /** When the turn began that is under way, by our clock. */
  #busySince: number | null = null
  #frame: NodeJS.Timeout | null = null
  #clock: NodeJS.Timeout | null = null

  constructor(server: Server, terminal: Terminal, decide: (decision: Decision) => void) {
    this.#server = server
    this.#terminal = terminal
    this.#decide = decide
    this.#screen = new Screen(terminal.output)
    this.#raw = new RawTerminal(terminal, {
      onKey: (text, key) => {
        this.#press(text, key)
        this.#draw()
      },
      onPaste: (text) => {
        this.#editor.insert(text)
        this.#draw()
      },
      onChange: () => {
        this.#screen.resized()
        this.#draw()
      },
      onGone: (code) => decide({ _tag: "Leave", code }),
      onRelease: () => this.#screen.leave()
    })
    this.#transcript = this.#newTranscript()
  }

  open(thread: ThreadScope): void {
    this.#transcript.rest()
    this.#thread = thread
    this.#transcript = this.#newTranscript()
    this.#stopping = false
    this.#busySince = null
  }

  connected(link: ChatLink): void {
    this.#link = link
    this.#raw.take()
    this.#clock ??= setInterval(() => {
      if (this.#busySince !== null || this.#transcript.isWorking()) this.#draw()
    }, 1_000)
    this.#draw()
  }

  onUp({ first, history }: Parameters<LinkListener["onUp"]>[0]): void {
    this.#isUp = true
    if (!first) this.#transcript.notice("The server is back.")
    else {
      this.#header()
      for (const happening of history) if (happening._tag === "Asked") this.#editor.remember(happening.text)
      const { left, shown } = lastExchanges(history)
      if (left) this.#transcript.notice("… earlier messages are in the thread")
      this.#transcript.brief = true
      for (const happening of shown) this.#tell(happening)
      this.#transcript.brief = false
    }
    this.#draw()
  }

  onDown(): void {
    this.#isUp = false
    this.#stopping = false
    this.#transcript.rest()
    this.#transcript.notice(
      this.#link?.busy() === true
        ? "The connection to the server is lost; trying again. The turn is in the log."
        : "The connection to the server is lost; trying again. What you type is kept.",
      look.warn
    )
    this.#draw()
  }

  onHappening(happening: Happening): void {
    this.#tell(happening)
    this.#draw()
  }

  #tell(happening: Happening): void {
    this.#isPaused = happening._tag === "Paused"
    this.#transcript.tell(happening)
  }

  /** Gives the terminal back as it was. */
  leave(): void {
    if (this.#frame !== null) clearTimeout(this.#frame)
    if (this.#clock !== null) clearInterval(this.#clock)
    if (!this.#raw.isOurs) return
    this.#transcript.rest()
    if (!this.#isUp && this.#link?.busy() === true) {
      this.#transcript.notice("What you said last may not have reached the server.", look.warn)
    }
    this.#drawNow()
    this.#raw.release()
  }

  #newTranscript(): Transcript {
    return new Transcript({
      width: () => this.#width(),
      styled: this.#terminal.colour,
      settle: (rows) => {
        for (const row of rows) this.#settled.push(paint(row, this.#terminal.colour))
      }
    })
  }

  #width(): number {
    // The last column stays empty: what is written there makes terminals differ.
    return Math.max(10, Math.min(this.#terminal.output.columns - 1, widest))
  }

  #header(): void {
    const { actor_id, thread_id } = this.#thread
    const rows: ReadonlyArray<Row> = [
      [
        span("choir", look.bold),
        span(`  ${addressOf(this.#server)} · ${oneLine(actor_id)} · ${oneLine(thread_id)}`, look.dim)
      ],
      [span("/help lists the commands, Ctrl-D leaves", look.dim)],
      []
    ]
    for (const row of rows) this.#settled.push(paint(cutRow(row, this.#width()), this.#terminal.colour))
  }

  // ── what is typed ──

  #press(text: string, key: Key): void {
    const wasLeaving = this.#leaving
    this.#leaving = false
    if (key.ctrl === true && key.name === "c") {
      this.#interrupt(wasLeaving)
      return
    }
    if (key.ctrl === true && key.name === "d") {
      if (this.#editor.text === "") {
        this.#decide({ _tag: "Leave", code: 0 })
        return
      }
      this.#editor.delete()
      return
    }
    if (key.ctrl === true && key.name === "l") {
      this.#screen.clear()
      return
    }
    if (key.ctrl === true && key.name === "z") {
      this.#raw.suspend()
      return
    }
    if (key.name === "return" || key.name === "enter") {
      // Enter alone is "return"; Ctrl-J, and Enter with a key that the terminal tells of, is a line break.
      if (key.meta === true || key.name === "enter") {
        this.#editor.insert("\n")
        return
      }
      this.#submit()
      return
    }
    if (!editKey(this.#editor, key) && isText(text, key)) this.#editor.insert(sanitize(text))
  }

  #interrupt(wasLeaving: boolean): void {
    if (this.#isUp && this.#link?.busy() === true && !this.#stopping) {
      this.#stopping = true
      this.#link.stop()
      return
    }
    if (this.#editor.text !== "") {
      this.#editor.clear()
      return
    }
    if (wasLeaving) {
      this.#decide({ _tag: "Leave", code: 0 })
      return
    }
    this.#leaving = true
  }

  #submit(): void {
    if (this.#editor.text.trim() === "") return
    const text = this.#editor.take().trimEnd()
    const slash = parseSlash(text)
    if (slash === null) {
      this.#isPaused = false
      this.#transcript.said(text)
      this.#link?.say(text, "steer")
      return
    }
    switch (slash._tag) {
      case "Quit":
        this.#decide({ _tag: "Leave", code: 0 })
        return
      case "Stop":
        if (this.#link?.busy() !== true) {
          this.#transcript.notice("Nothing is under way.")
          return
        }
        this.#stopping = true
        this.#link.stop()
        return
      case "New":
        if (!this.#isUp) {
          this.#transcript.notice("A new thread needs the server; it is not back yet.", look.warn)
          return
        }
        this.#decide({ _tag: "Open", thread: newThread(this.#thread.actor_id) })
        return
      case "Model":
        if (slash.model === null) {
          this.#listModels()
          return
        }
        if (this.#isUp) this.#link?.switchModel(slash.model)
        else this.#transcript.notice("Another model needs the server; it is not back yet.", look.warn)
        return
      case "Help": {
        const width = Math.max(...slashHelp.map(([left]) => left.length))
        this.#transcript.notice(slashHelp.map(([left, right]) => `${left.padEnd(width)}   ${right}`).join("\n"))
        return
      }
      case "Unknown":
        this.#transcript.notice(`There is no command /${slash.name}; /help lists them.`, look.warn)
        return
    }
  }

  #listModels(): void {
    const transcript = this.#transcript
    const words = Effect.map(findModels(this.#server), ({ default: chosen, usable }) =>
      [`By default ${chosen ?? "no model"} answers. To switch: /model NAME`, ...usable].join("\n")
    )
    Effect.runFork(
      Effect.map(
        Effect.orElseSucceed(words, () => "The server doesn't tell which models there are."),
        (text) => {
          transcript.notice(text)
          this.#draw()
        }
      )
    )
  }

  // ── what is drawn ──

  /** Draws soon: many changes at once are one frame. */
  #draw(): void {
    if (!this.#raw.isOurs) return
    this.#frame ??= setTimeout(() => {
      this.#frame = null
      this.#drawNow()
    }, frameMs)
  }

  #drawNow(): void {
    const { colour, output } = this.#terminal
    const width = this.#width()
    const busy = this.#link?.busy() === true
    if (!busy) this.#stopping = false
    this.#busySince = busy ? (this.#busySince ?? Date.now()) : null

    const typed = this.#editor.rows(width, Math.max(1, Math.floor(output.rows / 2)))
    const status = this.#status()
    const live = this.#transcript.live(Math.max(1, output.rows - typed.rows.length - 4))
    const above: ReadonlyArray<Row> = [...live, [], ...(status === null ? [] : [status])]
    const rows = [...above, ...typed.rows].map((row) => ({ text: paint(row, colour), width: widthOfRow(row) }))
    const settled = this.#settled
    this.#settled = []
    this.#screen.draw(settled, rows, { row: above.length + typed.cursor.row, column: typed.cursor.column })
  }

  #status(): Row | null {
    const dim = (text: string): Row => cutRow([span(`  ${text}`, look.dim)], this.#width())
    if (this.#leaving) return dim("Ctrl-C again leaves")
    if (!this.#isUp) return dim("waiting for the server · Ctrl-C twice leaves")
    if (this.#stopping) return dim("stopping …")
    if (this.#busySince === null) return null
    if (this.#isPaused) return dim("paused · say something to go on · Ctrl-C ends the turn")
    return dim(`${duration(Date.now() - this.#busySince, "coarse")} · Ctrl-C stops the turn · what you type steers it`)
  }
}
