/**
 * A terminal on a WebSocket: `info`, the screen with its scrollback, then live output; keys and sizes the other way.
 *
 * Law: the screen covers the bytes before its offset and the first output begins there: at the seam no byte is lost and
 * none comes twice. A client that reads slowly, or says how far it has drawn, holds up itself alone.
 */
import { Jail, type TerminalOutput } from "@choiros/jail"
import { ClientId, TerminalClientFrame, type TerminalServerFrame, terminalSentences } from "@choiros/protocol"
import { Tree } from "@choiros/supervision"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type Connection, type OnFrame, socketRoute } from "../server/Connection.ts"
import { fail, type HttpFailure, type RequestContext, type Route } from "../server/Route.ts"
import { allowedShells, defaultShell, findShell } from "./shells.ts"
import { type TerminalError, type TerminalMessage, terminals } from "./TerminalActor.ts"
import { TerminalOptions } from "./TerminalOptions.ts"
import { inWords } from "./unreachable.ts"
import type { Viewer, Viewers } from "./Viewers.ts"

/** UTF-16 code units of one output frame: under a flood few frames, when it is quiet each at once. */
const frameLength = 256 * 1024
/** Bytes that a client which says how far it has drawn may be behind. */
const drawWindow = 1024 * 1024
const patience = { timeout: "30 seconds" } as const
const decodeFrame = Schema.decodeUnknownOption(TerminalClientFrame)
const isClientId = Schema.is(ClientId)

export const terminalSocket: Effect.Effect<Route, never, Jail | TerminalOptions | Tree> = Effect.gen(function* () {
  const jail = yield* Jail
  const tree = yield* Tree
  const { viewers } = yield* TerminalOptions

  const open = Effect.fnUntraced(function* ({ param, query }: RequestContext): Effect.fn.Return<Session, HttpFailure> {
    const id = param("terminal_id")
    const user_id = query.get("user_id") ?? ""
    if (!isClientId(user_id)) return yield* fail(400, terminalSentences.userRequired)
    const asked = query.get("shell") ?? ""
    const shell = asked === "" ? defaultShell() : findShell(asked)
    if (shell === null) return yield* fail(400, terminalSentences.shellRefused(asked, allowedShells()))
    const workingDir = yield* folderOf(jail, query.get("working_dir") ?? "")
    const terminal = yield* Effect.mapError(tree.getOrStart(terminals, id), unavailable)
    yield* terminal
      .call<void, TerminalError>(
        (reply): TerminalMessage => ({ _tag: "Open", user_id, shell, workingDir, reply }),
        patience
      )
      .pipe(Effect.mapError(unavailable))
    return session(jail, tree, viewers, id)
  })
  return socketRoute("/ws/terminal/:terminal_id", open, { failure: "bare" })
})

const unavailable = (error: Parameters<typeof inWords>[0]): HttpFailure => fail(503, inWords(error))

/** A folder of the workspace, by its path in the jail, on this machine, or from the workspace. Empty: none was asked for. */
const folderOf = (jail: Jail["Service"], asked: string): Effect.Effect<string | null, HttpFailure> => {
  if (asked === "") return Effect.succeed(null)
  const refused = fail(400, terminalSentences.directoryRefused(asked))
  const inside = asked.startsWith("/") ? Option.getOrElse(jail.toJailPath(asked), () => asked) : asked
  return jail.files.stat(inside).pipe(
    Effect.catchTag("Jail.FileFailure", () => Effect.fail(refused)),
    Effect.mapError((error) => (error._tag === "Http.Failure" ? error : unavailable(error))),
    Effect.flatMap((entry) => (entry.kind === "directory" ? Effect.succeed(entry.path) : Effect.fail(refused)))
  )
}

type Session = (connection: Connection) => Effect.Effect<OnFrame, never, Scope.Scope>

const session = (jail: Jail["Service"], tree: Tree, viewers: Viewers, id: string): Session =>
  Effect.fnUntraced(function* (connection) {
    const send = (frame: TerminalServerFrame) => connection.send(frame)
    const pace = new Pace()
    const tell = (message: TerminalMessage) =>
      Effect.flatMap(tree.getOrStart(terminals, id), (terminal) => terminal.cast(message)).pipe(
        Effect.catch((error) => send({ type: "error", message: inWords(error) }))
      )

    const attached = yield* Effect.result(jail.ptys.attach(id))
    if (attached._tag === "Failure") {
      yield* send({ type: "error", message: attached.failure.message })
      yield* connection.close(1011, "The terminal is not there")
      return () => Effect.void
    }
    const { cols, exit, offset, output, rows, running, screen } = attached.success
    // Starts are told by the actor and ends by the output, so one may overtake the other: the shell runs when more began.
    let shells = running ? 1 : 0
    const info = (fields: { readonly rows?: number; readonly cols?: number } = {}): TerminalServerFrame => ({
      type: "info",
      terminal_id: id,
      is_running: shells > 0,
      ...fields
    })
    const viewer: Viewer = {
      started: () => {
        shells++
        connection.offer(info())
      },
      refused: (message) => void connection.offer({ type: "error", message } satisfies TerminalServerFrame)
    }
    yield* send({ ...info({ rows, cols }), ...(exit === null ? {} : exitFields(exit)) })
    if (screen !== "") yield* send({ type: "output", data: screen, offset, screen: true })
    pace.sent(offset)

    const show = (item: TerminalOutput): Effect.Effect<void> => {
      switch (item.kind) {
        case "output": {
          const end = item.offset + Buffer.byteLength(item.data)
          return pace
            .room(end)
            .pipe(
              Effect.andThen(Effect.sync(() => pace.sent(end))),
              Effect.andThen(send({ type: "output", data: item.data, offset: end }))
            )
        }
        case "resync":
          // What a viewer was behind, it need not draw any more.
          pace.sent(item.offset)
          return Effect.andThen(
            send(info({ rows: item.rows, cols: item.cols })),
            send({ type: "output", data: item.screen, offset: item.offset, screen: true })
          )
        case "resized":
          return send(info({ rows: item.rows, cols: item.cols }))
        case "exit":
          shells--
          return Effect.andThen(
            send({ type: "info", terminal_id: id, is_running: false, ...exitFields(item) }),
            shells > 0 ? send(info()) : Effect.void
          )
      }
    }
    const ended = (reason: string) =>
      Effect.andThen(
        send({ type: "info", terminal_id: id, is_running: false }),
        Effect.andThen(send({ type: "error", message: reason }), connection.close(1011, reason.slice(0, 100)))
      )
    const shown = output.pipe(
      Stream.runForEachArray((items) => Effect.forEach(gathered(items), show, { discard: true })),
      Effect.andThen(ended("The terminal was closed")),
      Effect.catch((lost) => ended(lost.message))
    )

    viewers.add(id, viewer)
    yield* tell({ _tag: "Joined" })
    yield* Effect.addFinalizer(() => {
      viewers.remove(id, viewer)
      return Option.match(tree.find(terminals, id), {
        onNone: () => Effect.void,
        onSome: (terminal) => Effect.ignore(terminal.cast({ _tag: "Left" }))
      })
    })
    yield* Effect.forkScoped(shown)

    return (raw: unknown) => {
      const frame = Option.getOrNull(decodeFrame(raw))
      switch (frame?.type) {
        case "input":
          return frame.data === "" ? Effect.void : tell({ _tag: "Input", viewer, data: frame.data })
        case "resize":
          return tell({ _tag: "Resize", viewer, rows: frame.rows, cols: frame.cols })
        case "ack":
          return Effect.sync(() => pace.drawn(frame.offset))
        case "ping":
          return send({ type: "pong" })
        default:
          return send({ type: "error", message: terminalSentences.unknownMessage })
      }
    }
  })

const exitFields = ({ code, signal }: { readonly code: number | null; readonly signal: string | null }) => ({
  exit_code: code,
  signal
})

/** Output that came together goes together. */
const gathered = (items: ReadonlyArray<TerminalOutput>): ReadonlyArray<TerminalOutput> => {
  const together: Array<TerminalOutput> = []
  for (const item of items) {
    const last = together.at(-1)
    if (item.kind === "output" && last?.kind === "output" && last.data.length + item.data.length <= frameLength) {
      together[together.length - 1] = { kind: "output", offset: last.offset, data: last.data + item.data }
    } else together.push(item)
  }
  return together
}

/** How far a client may be behind: as far as it likes, until it first says how far it has drawn. */
class Pace {
  #drawn: number | null = null
  #sent = 0
  readonly #moved = Latch.makeUnsafe(false)

  sent(offset: number): void {
    this.#sent = offset
  }

  drawn(offset: number): void {
    this.#drawn = Math.max(this.#drawn ?? 0, Math.min(offset, this.#sent))
    this.#moved.openUnsafe()
  }

  /** Waits until output up to `end` may be sent. What is longer than the window goes when all before it was drawn. */
  room(end: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      const drawn = this.#drawn
      if (drawn === null || end - drawn <= drawWindow || drawn >= this.#sent) return Effect.void
      this.#moved.closeUnsafe()
      return Effect.andThen(this.#moved.await, this.room(end))
    })
  }
}
