/**
 * Who is at the other end of a loopback connection: the uid that owns the peer's socket, from `/proc/net/tcp`.
 *
 * Law: a row tells only when it is the peer's own (both addresses, both ports) and a process holds it. A connection that
 * its process has let go is listed for a while with uid 0, and anybody can leave one on ports of their choice.
 *
 * Source: proc_pid_net(5). Addresses are hexadecimal, each 32-bit word in host (little-endian) order.
 */
import * as Fs from "node:fs/promises"
import type { Socket } from "node:net"

/** One end of a connection. */
interface End {
  readonly address: string
  readonly port: number
}

const known = new WeakMap<Socket, Promise<number | null>>()

/** The uid of the process that connected, or null where nobody holds it. One look-up a connection, unless it rejects. */
export const peerUid = (socket: Socket): Promise<number | null> => {
  const before = known.get(socket)
  if (before !== undefined) return before
  const found = lookUp(
    { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 },
    { address: socket.localAddress ?? "", port: socket.localPort ?? 0 }
  )
  known.set(socket, found)
  found.catch(() => known.delete(socket))
  return found
}

/** Whether this system tells who owns a socket. */
export const canTellPeers = (): Promise<boolean> =>
  Fs.readFile("/proc/net/tcp").then(
    () => true,
    () => false
  )

const lookUp = async (peer: End, own: End): Promise<number | null> => {
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const text = await Fs.readFile(table, "latin1").catch((error: NodeJS.ErrnoException) => {
      // Without IPv6 there is no table of it. Any other failure says nothing about the peer.
      if (error.code === "ENOENT") return ""
      throw error
    })
    const uid = findOwner(text, peer, own)
    if (uid !== null) return uid
  }
  return null
}

/** Finds, in a table of the kernel's, the uid that holds the loopback socket `peer → own`. */
export const findOwner = (table: string, peer: End, own: End): number | null => {
  const locals = inTable(peer)
  const remotes = inTable(own)
  for (const line of table.split("\n")) {
    const [, local = "", remote = "", , , , , owner = "", , inode = ""] = line.trim().split(/\s+/)
    if (!locals.includes(local) || !remotes.includes(remote)) continue
    const uid = Number(owner)
    if (/^[1-9]\d*$/.test(inode) && Number.isInteger(uid)) return uid
  }
  return null
}

/** How the kernel may write a loopback end: IPv4 also as a mapped address. Empty for an address beyond loopback. */
const inTable = ({ address, port }: End): ReadonlyArray<string> => {
  const end = `:${hex(port).padStart(4, "0")}`
  if (address === "::1") return [`00000000000000000000000001000000${end}`]
  const v4 = /^(?:::ffff:)?(127)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)?.slice(1)
  if (v4 === undefined) return []
  const word = v4
    .map((part) => hex(Number(part)).padStart(2, "0"))
    .reverse()
    .join("")
  return [`${word}${end}`, `0000000000000000FFFF0000${word}${end}`]
}

const hex = (value: number): string => value.toString(16).toUpperCase()
