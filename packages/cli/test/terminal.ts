/** `choir` in a real terminal: a PTY, and what a person would see of it. */
import { type IPty, spawn } from "@lydell/node-pty"
import xterm from "@xterm/headless"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { choirBundle, cleanEnv, node, temporaryFolder } from "./product.ts"

export interface TestTerminal {
  /** What is typed, byte by byte. */
  readonly type: (text: string) => Effect.Effect<void>
  readonly resize: (columns: number, rows: number) => Effect.Effect<void>
  /** All rows, the ones that scrolled away too, without the empty ones at the end. */
  readonly screen: () => string
  /** Everything that was sent to the terminal. */
  readonly raw: () => string
  readonly title: () => string
  /** Waits until the screen fits. */
  readonly until: (fits: (screen: string) => boolean) => Effect.Effect<void>
  readonly exitCode: Effect.Effect<number>
}

export const openTerminal = (
  args: ReadonlyArray<string>,
  options: { readonly columns?: number; readonly rows?: number; readonly env?: Readonly<Record<string, string>> } = {}
): Effect.Effect<TestTerminal, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { columns: cols = 80, env, rows = 24 } = options
    const cwd = yield* temporaryFolder
    const terminal = new xterm.Terminal({ cols, rows, scrollback: 5_000, allowProposedApi: true })
    let title = ""
    terminal.onTitleChange((next) => {
      title = next
    })
    let raw = ""
    let code: number | null = null
    const watchers = new Set<() => void>()
    const changed = () => {
      for (const watcher of watchers) watcher()
    }
    const pty: IPty = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(node, [choirBundle, ...args], {
          cols,
          rows,
          cwd,
          name: "xterm-256color",
          env: cleanEnv({ TERM: "xterm-256color", ...env })
        })
      ),
      (opened) => Effect.sync(() => code === null && opened.kill("SIGKILL"))
    )
    pty.onData((data) => {
      raw += data
      terminal.write(data, changed)
    })
    pty.onExit(({ exitCode }) => {
      code = exitCode
      changed()
    })
    const when = (fits: () => boolean) =>
      Effect.callback<void>((resume) => {
        const look = () => {
          if (!fits()) return
          watchers.delete(look)
          resume(Effect.void)
        }
        watchers.add(look)
        look()
      })
    const screen = () => {
      const { active } = terminal.buffer
      const lines = Array.from(
        { length: active.length },
        (_, row) => active.getLine(row)?.translateToString(true) ?? ""
      )
      return lines.join("\n").trimEnd()
    }
    return {
      type: (text) => Effect.sync(() => pty.write(text)),
      resize: (columns, lines) =>
        Effect.sync(() => {
          terminal.resize(columns, lines)
          pty.resize(columns, lines)
        }),
      screen,
      raw: () => raw,
      title: () => title,
      until: (fits) =>
        when(() => fits(screen())).pipe(
          Effect.timeoutOrElse({
            duration: "20 seconds",
            orElse: () => Effect.die(new Error(`The screen never came to fit:\n${screen()}`))
          })
        ),
      exitCode: Effect.map(
        when(() => code !== null),
        () => code ?? -1
      )
    }
  })
