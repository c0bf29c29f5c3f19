/** How a host is started and what it sees; one a way of confining it. */
import { type ChildProcess, spawn } from "node:child_process"
import { Socket } from "node:net"
import type { Duplex } from "node:stream"

/** The names that things have for what runs inside. */
export interface Inside {
  readonly workspace: string
  readonly home: string
  /** node-pty's native part. */
  readonly pty: string
  readonly env: Readonly<Record<string, string>>
  readonly egress: { readonly port: number; readonly socket: string } | null
}

export interface Driver {
  readonly name: "bubblewrap" | "none"
  /** Whether the kernel ends all that is inside with the first of it; else each carries a mark to be found by. */
  readonly confines: boolean
  readonly inside: Inside
  readonly start: () => Transport
}

export interface Transport {
  readonly socket: Duplex
  /** Of the process that the jail hangs on. */
  readonly pid: number
  /** Completes when that process is gone; says what it complained about. */
  readonly ended: Promise<string>
  readonly kill: () => void
}

const maxComplaintCharacters = 4000

export interface Launch {
  readonly command: string
  readonly args: ReadonlyArray<string>
  readonly env: Readonly<Record<string, string>>
  readonly identity: { readonly uid: number; readonly gid: number } | null
  readonly cwd?: string
  /** Descriptors that the child gets from 4 on. */
  readonly descriptors: ReadonlyArray<number>
}

/**
 * Starts a host with its channel on descriptor 3, in a session of its own: Ctrl-C in the server's terminal is not for it.
 * To be called on the main thread: bubblewrap dies with the thread that started it.
 */
export const launch = ({ command, args, env, identity, cwd, descriptors }: Launch): Transport => {
  const child = spawn(command, args, {
    detached: true,
    env,
    stdio: ["ignore", "ignore", "pipe", "pipe", ...descriptors],
    ...(identity === null ? {} : identity),
    ...(cwd === undefined ? {} : { cwd })
  })
  const ended = complaintOf(child)
  const socket = child.stdio[3]
  if (!(socket instanceof Socket)) throw new Error("A child's channel is a socket.")
  return {
    socket,
    // Without a process the socket ends at once, and `ended` says why.
    pid: child.pid ?? 0,
    ended,
    kill: () => child.kill("SIGKILL")
  }
}

const complaintOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    let complaint = ""
    child.stderr?.on("data", (data: Buffer) => {
      complaint = (complaint + data.toString()).slice(-maxComplaintCharacters)
    })
    child.once("error", (error) => resolve(error.message))
    child.once("close", (code, signal) => resolve(complaint.trim() || `it ended with ${signal ?? `code ${code}`}`))
  })
