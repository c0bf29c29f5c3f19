/**
 * A terminal: one shell at most, whoever watches it, and the commands that agents run beside it.
 *
 *   quiet ── open ──▶ shell runs ── exits | stopped | the jail is lost ──▶ quiet ── nobody needs it ──▶ gone
 *
 * Law: the shell lives in the jail, not here. An actor that restarts adopts the shell that is living, and records the end
 * of one that is not: `terminal.started` has exactly one `terminal.exited`.
 */
import { type AppendError, EventLog, type ReadError } from "@choiros/event-log"
import { Jail } from "@choiros/jail"
import { initialTerminalSize, isEvent, type NewEvent, type TerminalInfoReply } from "@choiros/protocol"
import { actor, dynamic, type Reply, type Self } from "@choiros/supervision"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import { Command, type CommandReport, type CommandRequest, type ExitStatus } from "./Command.ts"
import { isShellBusy } from "./shellBusy.ts"
import { shellArgv } from "./shellScript.ts"
import { defaultShell } from "./shells.ts"
import { TerminalOptions } from "./TerminalOptions.ts"
import type { Size, Viewer } from "./Viewers.ts"

/** The terminal can't do it now, in words. */
export class TerminalError extends Schema.TaggedError<TerminalError>()("Terminal.Error", {
  message: Schema.String
}) {}

export type Released = "stopped" | "kept"

export type TerminalMessage =
  /** Sees to it that a shell runs. */
  | {
      readonly _tag: "Open"
      readonly user_id: string
      readonly shell: string
      /** Null: where the last command of this terminal left off, else the workspace. */
      readonly workingDir: string | null
      readonly reply: Reply<void, TerminalError>
    }
  | {
      readonly _tag: "Info"
      readonly reply: Reply<Omit<TerminalInfoReply, "user_id"> & { readonly user_id: string | null }>
    }
  /** Someone watches it from now on, or has ceased to. */
  | { readonly _tag: "Joined" }
  | { readonly _tag: "Left" }
  | { readonly _tag: "Input"; readonly viewer: Viewer; readonly data: string }
  | { readonly _tag: "Resize"; readonly viewer: Viewer; readonly rows: number; readonly cols: number }
  /** Ends the shell and the agents' commands; answered when they are gone. */
  | { readonly _tag: "Stop"; readonly reply: Reply<void, TerminalError> }
  /** Someone needs the shell no more: ends it where nothing runs in it and nobody sees it, else when that is over. */
  | { readonly _tag: "Release"; readonly reply: Reply<Released, TerminalError> | null; readonly again: boolean }
  | {
      readonly _tag: "Looked"
      readonly look: number
      readonly needed: boolean
      readonly reply: Reply<Released, TerminalError> | null
    }
  | { readonly _tag: "Stopped"; readonly exit: ExitStatus | null; readonly reply: Reply<void, TerminalError> }
  /** Of the shell, when `pid` is its. Null: of whatever shell there is, because the jail is lost. */
  | { readonly _tag: "Exited"; readonly pid: number | null; readonly exit: ExitStatus }
  /** Answered when the command has ended or goes on as a job. */
  | { readonly _tag: "Run"; readonly request: CommandRequest; readonly reply: Reply<CommandReport> }
  | { readonly _tag: "Commands"; readonly reply: Reply<ReadonlyArray<Command>> }
  | { readonly _tag: "CommandEnded"; readonly command: Command }
  | { readonly _tag: "Idle" }

const terminalActor = (id: string) =>
  actor<TerminalMessage, AppendError | ReadError, EventLog | Jail | TerminalOptions>({
    kind: "terminal",
    start: Effect.fnUntraced(function* (self) {
      const terminal = new Living(id, self, yield* EventLog, yield* Jail, yield* TerminalOptions)
      yield* terminal.recover
      return (message) => terminal.handle(message)
    })
  })

/** The terminals that are awake, by id. */
export const terminals = dynamic<TerminalMessage, AppendError | ReadError, EventLog | Jail | TerminalOptions>({
  name: "terminals",
  child: terminalActor,
  restart: "transient",
  shutdown: "4 seconds",
  intensity: 5,
  period: "1 minute"
})

/** The actor that a terminal's events are about. */
const actorOf = (id: string): string => `terminal:${id}`

/** The window that made a terminal, by its id: `<window id>.<n>`. */
const windowOf = (id: string): string | null => /^(.+)\.\d+$/.exec(id)?.[1] ?? null

/** Between two looks at a shell that was kept because something ran in it, or someone saw it. */
const lookAgain = "5 seconds"
/** In which the socket of who has let go of it is closed. */
const lettingGo = "1 second"
/** Well within the three seconds in which a stopped terminal must be gone. */
const hangUpGraceMs = 1500

class Living {
  readonly #id: string
  readonly #self: Self<TerminalMessage>
  readonly #log: EventLog["Service"]
  readonly #jail: Jail["Service"]
  readonly #options: TerminalOptions["Service"]
  /** Commands that no job is: one after another, since each begins where the one before left off. */
  readonly #turn = Semaphore.makeUnsafe(1)
  readonly #commands = new Map<string, Command>()
  #size: Size = initialTerminalSize
  #user_id: string | null = null
  #shell: string = defaultShell()
  #workingDir: string
  #pid: number | null = null
  #running = false
  #exitCode: number | null = null
  #watching = false
  #idle: Fiber.Fiber<void> | null = null
  /** Counts the looks whether somebody needs it; who comes back ends the one that is under way. */
  #look = 0
  /** Waits for what runs in a shell that nobody needs, or for those who see it. */
  #kept: Fiber.Fiber<void> | null = null

  constructor(
    id: string,
    self: Self<TerminalMessage>,
    log: EventLog["Service"],
    jail: Jail["Service"],
    options: TerminalOptions["Service"]
  ) {
    this.#id = id
    this.#self = self
    this.#log = log
    this.#jail = jail
    this.#options = options
    this.#workingDir = jail.status.workspace
  }

  /** Takes what was from the log, and what is from the jail. */
  get recover(): Effect.Effect<void, AppendError | ReadError> {
    return Effect.gen({ self: this }, function* () {
      this.#options.screens.remove(this.#id)
      const last = yield* this.#log.read({
        actor_id: actorOf(this.#id),
        types: ["terminal.*"],
        order: "desc",
        limit: 2
      })
      for (const event of last.toReversed()) {
        if (isEvent(event, "terminal.started")) {
          const { cols, process_id, rows, shell, working_dir } = event.payload
          this.#user_id = event.user_id
          this.#shell = shell
          this.#workingDir = working_dir
          this.#size = { cols, rows }
          this.#pid = process_id
          this.#running = true
        } else if (isEvent(event, "terminal.exited")) {
          this.#running = false
          this.#exitCode = event.payload.exit_code
        }
      }
      if (this.#running) {
        yield* this.#watch
        const living = yield* Effect.orElseSucceed(this.#jail.ptys.info(this.#id), () => null)
        const ours = living !== null && living.pid === this.#pid
        if (living !== null && ours && living.running) this.#size = { cols: living.cols, rows: living.rows }
        else yield* this.#shellEnded((ours ? living.exit : null) ?? unknownExit)
      }
      const window_id = windowOf(this.#id)
      if (window_id !== null) yield* this.#followWindow(window_id, this.#running ? last[0]?.seq : undefined)
      yield* this.#settle
    })
  }

  handle(message: TerminalMessage): Effect.Effect<void> | void {
    switch (message._tag) {
      case "Open":
        return Effect.match(this.#open(message), {
          onSuccess: () => message.reply.succeed(),
          onFailure: (error) => message.reply.fail(new TerminalError({ message: error.message }))
        })
      case "Info":
        return message.reply.succeed(this.#info())
      case "Joined":
        return Effect.andThen(this.#keepNoMore, this.#settle)
      case "Left":
        return this.#settle
      case "Input":
        return this.#input(message.viewer, message.data)
      case "Resize": {
        // A view that is hidden has no size, and decides nothing.
        if (message.rows === 0 || message.cols === 0) return
        const size = { rows: Math.max(2, message.rows), cols: Math.max(2, message.cols) }
        this.#options.viewers.setSize(this.#id, message.viewer, size)
        return this.#resize(size)
      }
      case "Stop":
        return this.#stop(message.reply)
      case "Release":
        return this.#release(message.reply, message.again)
      case "Looked":
        return this.#looked(message)
      case "Stopped":
        return Effect.gen({ self: this }, function* () {
          if (this.#running) yield* this.#recordEnd(message.exit ?? unknownExit)
          message.reply.succeed()
          yield* this.#settle
        })
      case "Exited": {
        if (!this.#running || (message.pid !== null && message.pid !== this.#pid)) return
        return Effect.andThen(this.#recordEnd(message.exit), this.#settle)
      }
      case "Run":
        return this.#run(message.request, message.reply)
      case "Commands":
        return message.reply.succeed([...this.#commands.values()].filter((command) => command.state !== "ended"))
      case "CommandEnded":
        this.#commands.delete(message.command.id)
        return this.#settle
      case "Idle": {
        this.#idle = null
        return this.#isNeeded() ? undefined : this.#leave
      }
    }
  }

  #open({ shell, user_id, workingDir }: Extract<TerminalMessage, { _tag: "Open" }>) {
    return Effect.gen({ self: this }, function* () {
      if (this.#running) return
      yield* this.#watch
      const { pid } = yield* this.#jail.ptys.open({
        id: this.#id,
        argv: shellArgv(this.#id, shell, workingDir === null),
        ...(workingDir === null ? {} : { cwd: workingDir }),
        ...this.#size
      })
      const working_dir = workingDir ?? this.#jail.status.workspace
      yield* this.#log
        .append([
          {
            ...this.#envelope(user_id),
            event_type: "terminal.started",
            payload: { terminal_id: this.#id, shell, working_dir, process_id: pid, ...this.#size }
          }
        ])
        .pipe(Effect.onError(() => Effect.ignore(this.#jail.ptys.kill(this.#id, { graceMs: 0 }))))
      this.#user_id = user_id
      this.#shell = shell
      this.#workingDir = working_dir
      this.#pid = pid
      this.#running = true
      this.#exitCode = null
      for (const viewer of this.#options.viewers.of(this.#id)) viewer.started()
      yield* this.#settle
    })
  }

  /** Hears of the shell's end, and of the jail's. From here on nothing of it is missed. */
  get #watch(): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.#watching) return Effect.void
      this.#watching = true
      const exits = this.#jail.ptys.exits.pipe(
        Stream.runForEach(({ exit, id, pid }) =>
          id === this.#id ? this.#self.ref.cast({ _tag: "Exited", pid, exit }) : Effect.void
        )
      )
      const losses = this.#jail.lost.pipe(
        Effect.andThen(this.#self.ref.cast({ _tag: "Exited", pid: null, exit: unknownExit })),
        Effect.forever
      )
      const now = { startImmediately: true }
      return Effect.forkIn(exits, this.#self.scope, now).pipe(
        Effect.andThen(Effect.forkIn(losses, this.#self.scope, now)),
        Effect.asVoid
      )
    })
  }

  #input(viewer: Viewer, data: string): Effect.Effect<void> {
    const size = this.#options.viewers.sizeOf(this.#id, viewer)
    // Whoever types is the one who looks: the size is theirs.
    const sized = size === null ? Effect.void : this.#resize(size)
    // A program that does not read its input must not hold up the actor. Writes are asked for in order, so they happen so.
    const written = this.#jail.ptys
      .write(this.#id, data)
      .pipe(Effect.catch((error) => Effect.sync(() => viewer.refused(error.message))))
    return Effect.andThen(sized, Effect.forkIn(written, this.#self.scope, { startImmediately: true })).pipe(
      Effect.asVoid
    )
  }

  #resize(size: Size): Effect.Effect<void> {
    if (size.cols === this.#size.cols && size.rows === this.#size.rows) return Effect.void
    return this.#jail.ptys.resize(this.#id, size.cols, size.rows).pipe(
      // Without a screen yet the size holds for the one to come.
      Effect.orElseSucceed(() => size),
      Effect.flatMap(({ cols, rows }) =>
        Effect.sync(() => {
          this.#size = { cols, rows }
        })
      )
    )
  }

  #stop(reply: Reply<void, TerminalError>): Effect.Effect<void> {
    for (const command of this.#commands.values()) command.cancel("the terminal was stopped")
    const ends = Effect.forEach([...this.#commands.values()], (command) => command.ended, { concurrency: "unbounded" })
    const killed = this.#running
      ? this.#jail.ptys.kill(this.#id, { graceMs: hangUpGraceMs }).pipe(
          // A terminal that the jail does not know has no shell any more.
          Effect.catchTag("Jail.TerminalFailure", (error) =>
            error.reason === "no_terminal" ? Effect.succeed(null) : Effect.fail(error)
          )
        )
      : Effect.succeed(null)
    const stopped = Effect.all([killed, ends], { concurrency: "unbounded" }).pipe(
      Effect.flatMap(([exit]) => this.#self.ref.cast({ _tag: "Stopped", exit, reply })),
      Effect.catch((error) => Effect.sync(() => reply.fail(new TerminalError({ message: error.message }))))
    )
    return Effect.asVoid(Effect.forkIn(stopped, this.#self.scope))
  }

  /** Whoever has let go of it is gone a moment later; who sees it then needs it. `again`: it was kept before. */
  #release(reply: Reply<Released, TerminalError> | null, again: boolean): Effect.Effect<void> {
    const { ref, scope } = this.#self
    this.#look += 1
    const look = this.#look
    // A page that is loaded anew sees it now, or then.
    const wasSeen = again && this.#isSeen
    const isNeeded = Effect.suspend(() => {
      if (wasSeen || this.#isSeen || this.#commands.size > 0) return Effect.succeed(true)
      const pid = this.#running ? this.#pid : null
      return pid === null ? Effect.succeed(false) : isShellBusy(this.#jail, pid, this.#shell)
    })
    const looked = Effect.sleep(lettingGo).pipe(
      Effect.andThen(isNeeded),
      Effect.flatMap((needed) => Effect.ignore(ref.cast({ _tag: "Looked", look, needed, reply })))
    )
    return Effect.asVoid(Effect.forkIn(looked, scope))
  }

  #looked({ look, needed, reply }: Extract<TerminalMessage, { _tag: "Looked" }>): Effect.Effect<void> | void {
    if (look !== this.#look) return reply?.succeed("kept")
    if (!needed && !this.#isSeen && this.#commands.size === 0) {
      return Effect.andThen(
        this.#keepNoMore,
        this.#stop({
          succeed: () => reply?.succeed("stopped"),
          fail: (error) => reply?.fail(error)
        })
      )
    }
    reply?.succeed("kept")
    return this.#keepNoMore.pipe(
      Effect.andThen(
        Effect.forkIn(
          Effect.sleep(lookAgain).pipe(
            Effect.andThen(Effect.ignore(this.#self.ref.cast({ _tag: "Release", reply: null, again: true })))
          ),
          this.#self.scope
        )
      ),
      Effect.flatMap((fiber) =>
        Effect.sync(() => {
          this.#kept = fiber
        })
      )
    )
  }

  get #keepNoMore(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#look += 1
      const waiting = this.#kept
      this.#kept = null
      return waiting === null ? Effect.void : Fiber.interrupt(waiting)
    })
  }

  /** A window's own shells go with it, whoever closes it. `since`: when the shell began. */
  #followWindow(window_id: string, since: number | undefined): Effect.Effect<void> {
    const closed = Effect.gen({ self: this }, function* () {
      const subscription = yield* this.#log.subscribe({ topics: ["desktop.window_closed"], since })
      yield* subscription.stream.pipe(
        Stream.runForEach((item) =>
          item._tag === "Event" &&
          isEvent(item.event, "desktop.window_closed") &&
          item.event.payload.window_id === window_id
            ? this.#self.ref.cast({ _tag: "Release", reply: null, again: false })
            : Effect.void
        )
      )
    }).pipe(Effect.scoped, Effect.ignore)
    return Effect.asVoid(Effect.forkIn(closed, this.#self.scope, { startImmediately: true }))
  }

  #run(request: CommandRequest, reply: Reply<CommandReport>): Effect.Effect<void> {
    const command = new Command(
      {
        jail: this.#jail,
        log: this.#log,
        spoolFolder: this.#options.spoolFolder,
        redactor: this.#options.redactor
      },
      request
    )
    this.#commands.set(command.id, command)
    const lived = Effect.andThen(command.run, Effect.ignore(this.#self.ref.cast({ _tag: "CommandEnded", command })))
    const answered = this.#turn.withPermit(
      Effect.forkIn(lived, this.#self.scope).pipe(
        Effect.andThen(command.report),
        Effect.tap((report) => Effect.sync(() => reply.succeed(report)))
      )
    )
    return Effect.andThen(Effect.forkIn(answered, this.#self.scope), this.#settle)
  }

  #info() {
    return {
      terminal_id: this.#id,
      user_id: this.#user_id,
      shell: this.#shell,
      working_dir: this.#workingDir,
      is_running: this.#running,
      exit_code: this.#exitCode,
      process_id: this.#running ? this.#pid : null,
      rows: this.#size.rows,
      cols: this.#size.cols
    }
  }

  /** Records the end of the shell, whatever the log says to it: an actor that dies of it would record nothing at all. */
  #recordEnd(exit: ExitStatus): Effect.Effect<void> {
    return this.#shellEnded(exit).pipe(
      Effect.retry({ schedule: Schedule.exponential("100 millis"), times: 3 }),
      Effect.orDie
    )
  }

  #shellEnded({ code, signal }: ExitStatus): Effect.Effect<void, AppendError> {
    const exited: NewEvent<"terminal.exited"> = {
      ...this.#envelope(this.#user_id),
      event_type: "terminal.exited",
      payload: { terminal_id: this.#id, exit_code: code, signal }
    }
    return Effect.map(this.#log.append([exited]), () => {
      this.#running = false
      this.#exitCode = code
    })
  }

  #envelope(user_id: string | null) {
    return { actor_id: actorOf(this.#id), user_id }
  }

  get #isSeen(): boolean {
    return this.#options.viewers.isSeen(this.#id)
  }

  #isNeeded(): boolean {
    return this.#running || this.#isSeen || this.#commands.size > 0
  }

  /** Begins to wait for the end when nobody needs this terminal, and stops waiting when someone does. */
  get #settle(): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.#isNeeded()) {
        const waiting = this.#idle
        this.#idle = null
        return waiting === null ? Effect.void : Fiber.interrupt(waiting)
      }
      if (this.#idle !== null) return Effect.void
      const waited = Effect.sleep(this.#options.idleAfter).pipe(
        Effect.andThen(Effect.ignore(this.#self.ref.cast({ _tag: "Idle" })))
      )
      return Effect.map(Effect.forkIn(waited, this.#self.scope), (fiber) => {
        this.#idle = fiber
      })
    })
  }

  /** The screen stays for a while, among the latest; the next who asks for this terminal finds it there. */
  get #leave(): Effect.Effect<void> {
    const closed = this.#options.screens.add(this.#id)
    return Effect.forEach(closed, (old) => Effect.ignore(this.#jail.ptys.close(old)), { discard: true }).pipe(
      Effect.andThen(this.#self.stop)
    )
  }
}

/** Of a shell that ended while nobody could see it. */
const unknownExit: ExitStatus = { code: null, signal: null }
