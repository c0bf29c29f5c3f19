/**
 * The host: the one program of ours inside the jail. Opens terminals, starts commands and touches files for the server
 * on the other end of descriptor 3.
 *
 * Law: at the end of the channel everything that was started here ends, and then the host.
 */
import { spawnSync } from "node:child_process"
import { closeSync, fstatSync, readdirSync, readFileSync } from "node:fs"
import { Socket } from "node:net"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { egressForwarder } from "../egress/egressForwarder.ts"
import { FrameReader } from "../frames.ts"
import { type Args, FromServer, type Operation, operations, type Value } from "../messages.ts"
import { Fifos } from "./Fifos.ts"
import { asFailure, HostFailure } from "./failure.ts"
import { Files } from "./files.ts"
import { Outbox } from "./Outbox.ts"
import { Processes } from "./Processes.ts"
import { membersOfMark, signalQuietly } from "./processTable.ts"
import { search, searchFlag, WalkRequest } from "./search.ts"
import { Terminals } from "./Terminals.ts"
import { Workspace } from "./Workspace.ts"
import { walk } from "./walk.ts"

const channelFd = 3
/** What the ended are given between SIGHUP and SIGKILL. */
const endGraceMs = 300

interface Answer {
  readonly value: unknown
  readonly payload?: Uint8Array
  /** Runs once the reply is on its way. */
  readonly after?: () => void
}
type Handler = (args: unknown, payload: Uint8Array) => Answer | Promise<Answer>

const decodeMessage = Schema.decodeUnknownExit(FromServer)

const answers = <K extends Operation>(
  operation: K,
  run: (args: Args<K>, payload: Uint8Array) => Value<K> | Promise<Value<K>>
): [string, Handler] => [operation, async (raw, payload) => ({ value: await run(decodeArgs(operation, raw), payload) })]

const decodeArgs = <K extends Operation>(operation: K, raw: unknown): Args<K> => {
  const decoded = Schema.decodeUnknownExit(operations[operation].args)(raw)
  if (Exit.isFailure(decoded)) throw new HostFailure("invalid", `The arguments of ${operation} don't fit.`)
  return decoded.value
}

const serve = (socket: Socket): void => {
  const outbox = new Outbox(socket)
  const fifos = new Fifos()
  const processes = new Processes(outbox, fifos)
  let terminals: Terminals | undefined
  let mark: string | null = null
  const handlers = new Map<string, Handler>()

  const start = async (args: Args<"start">): Promise<Value<"start">> => {
    const workspace = new Workspace(args.workspace)
    const files = new Files(workspace)
    const opened = new Terminals(outbox, args.pty)
    const ripgrep = spawnSync("rg", ["--version"], { env: args.env, stdio: "ignore" }).status === 0
    terminals = opened
    mark = args.mark
    if (args.egress !== null) await egressForwarder({ port: args.egress.port, socketPath: args.egress.socket })
    const withEnv = <A extends { readonly env: Record<string, string> }>(given: A): A => ({
      ...given,
      env: { ...args.env, ...given.env }
    })
    const table: ReadonlyArray<[string, Handler]> = [
      answers("files.stat", (given) => files.stat(given)),
      answers("files.list", (given) => files.list(given)),
      ["files.read", async (raw) => files.read(decodeArgs("files.read", raw))],
      answers("files.write", (given, payload) => files.write(given, payload)),
      answers("files.mkdir", (given) => files.mkdir(given)),
      answers("files.move", (given) => files.move(given)),
      answers("files.remove", (given) => files.remove(given)),
      answers("files.search", (given) => search(workspace, ripgrep, args.env, given)),
      answers("process.spawn", (given) => processes.spawn(withEnv(given))),
      answers("process.kill", (given) => processes.kill(given)),
      answers("process.alive", (given) => processes.alive(given)),
      answers("pty.open", (given) => opened.open(withEnv(given))),
      [
        "pty.attach",
        // Answered in this tick: whatever another request of the same batch does to the terminal comes after the screen.
        (raw) => {
          const { info, screen, follow } = opened.attach(decodeArgs("pty.attach", raw))
          return { value: info, payload: screen, after: follow }
        }
      ],
      answers("pty.feed", (given, payload) => opened.feed(given, payload)),
      answers("pty.write", (given, payload) => opened.write(given, payload)),
      answers("pty.resize", (given) => opened.resize(given)),
      answers("pty.kill", (given) => opened.kill(given)),
      answers("pty.close", (given) => opened.close(given)),
      answers("pty.info", (given) => opened.info(given)),
      answers("pty.list", () => opened.list())
    ]
    for (const [operation, handler] of table) handlers.set(operation, handler)
    return { pid: process.pid, ripgrep }
  }
  handlers.set(...answers("start", start))

  const answer = async (id: number, operation: string, args: unknown, payload: Uint8Array): Promise<void> => {
    try {
      const handler = handlers.get(operation)
      if (handler === undefined) throw new HostFailure("invalid", `There is no operation ${operation}.`)
      const answered = handler(args, payload)
      const reply = answered instanceof Promise ? await answered : answered
      outbox.send({ type: "reply", id, ok: true, value: reply.value }, reply.payload)
      reply.after?.()
    } catch (error) {
      const failure = asFailure(error, operation)
      const { code, message, latest } = failure
      const told = latest === undefined ? { code, message } : { code, message, latest }
      outbox.send({ type: "reply", id, ok: false, error: told }, failure.payload)
    }
  }

  const receive = (header: unknown, payload: Uint8Array): void => {
    const decoded = decodeMessage(header)
    if (Exit.isFailure(decoded)) {
      end()
      return
    }
    const message = decoded.value
    if (message.type === "request") void answer(message.id, message.op, message.args, payload)
    else if (message.type === "credit") {
      processes.credit(message.channel, message.bytes)
      terminals?.credit(message.channel, message.bytes)
    } else {
      processes.release(message.channel)
      terminals?.release(message.channel)
    }
  }

  let ending = false
  const end = (): void => {
    if (ending) return
    ending = true
    socket.destroy()
    const signalAll = (signal: NodeJS.Signals) => {
      terminals?.signalAll(signal)
      processes.killAll(signal)
    }
    signalAll("SIGHUP")
    signalAll("SIGCONT")
    setTimeout(() => {
      signalAll("SIGKILL")
      if (mark !== null) for (const pid of membersOfMark(mark)) signalQuietly(pid, "SIGKILL")
      fifos.remove()
      process.exit(0)
    }, endGraceMs)
  }

  const reader = new FrameReader()
  socket.on("data", (chunk: Buffer) => {
    try {
      for (const { header, payload } of reader.push(chunk)) receive(header, payload)
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
      end()
    }
  })
  socket.on("end", end)
  socket.on("close", end)
  socket.on("error", end)
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end)
}

/** What came through by mistake (a descriptor that our parent's parent left open) must not reach what we start. */
const closeStrays = (): void => {
  if (process.platform !== "linux") return
  const closeOnExec = 0o2000000
  for (const name of readdirSync("/proc/self/fd")) {
    const fd = Number(name)
    if (fd <= channelFd) continue
    const flags = /^flags:\s*([0-7]+)/m.exec(readIfThere(`/proc/self/fdinfo/${fd}`))?.[1]
    if (flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0) closeSync(fd)
  }
}

const readIfThere = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}

const walkMode = async (request: string, root: string): Promise<void> => {
  try {
    await walk(Schema.decodeUnknownSync(Schema.fromJsonString(WalkRequest))(request), root)
  } catch (error) {
    process.stderr.write(error instanceof Error ? error.message : String(error))
    process.exitCode = 2
  }
}

// The server's umask hides what is its own; what is made in here is made as any shell makes it.
process.umask(0o022)

const [mode, request, root] = process.argv.slice(2)
if (mode === searchFlag && request !== undefined && root !== undefined) await walkMode(request, root)
else {
  closeStrays()
  if (!fstatSync(channelFd).isSocket())
    throw new Error("Descriptor 3 is not a socket: the host is started by the server.")
  serve(new Socket({ fd: channelFd, readable: true, writable: true, allowHalfOpen: false }))
}
