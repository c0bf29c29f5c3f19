/**
 * Who is at the other end of a loopback connection: the uid that owns the peer's socket, from `/proc/net/tcp`.
 *
 * Source: proc_pid_net(5). Addresses are hexadecimal, each 32-bit word in host (little-endian) order.
 */
import * as Fs from "node:fs/promises"
import type { Socket } from "node:net"

const known = new WeakMap<Socket, Promise<number | null>>()

/** The uid of the process that connected, or null where that can't be told. One look-up a connection. */
export const peerUid = (socket: Socket): Promise<number | null> => {
  const before = known.get(socket)
  if (before !== undefined) return before
  const found = lookUp(socket.remotePort ?? 0, socket.localPort ?? 0)
  known.set(socket, found)
  return found
}

/** Whether this system tells who owns a socket. */
export const canTellPeers = (): Promise<boolean> =>
  Fs.readFile("/proc/net/tcp").then(
    () => true,
    () => false
  )

const lookUp = async (peerPort: number, ownPort: number): Promise<number | null> => {
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const text = await Fs.readFile(table, "latin1").catch(() => "")
    const uid = findOwner(text, peerPort, ownPort)
    if (uid !== null) return uid
  }
  return null
}

/** Finds, in a table of the kernel's, the uid of the loopback socket `peerPort → ownPort`. */
export const findOwner = (table: string, peerPort: number, ownPort: number): number | null => {
  const local = hexPort(peerPort)
  const remote = hexPort(ownPort)
  for (const line of table.split("\n")) {
    const fields = line.trim().split(/\s+/)
    const [, localAddress = "", remoteAddress = ""] = fields
    if (!localAddress.endsWith(local) || !remoteAddress.endsWith(remote)) continue
    if (!isLoopback(localAddress) || !isLoopback(remoteAddress)) continue
    const uid = Number(fields[7])
    if (Number.isInteger(uid)) return uid
  }
  return null
}

const hexPort = (port: number): string => `:${port.toString(16).toUpperCase().padStart(4, "0")}`

const isLoopback = (address: string): boolean => {
  const host = address.slice(0, address.indexOf(":"))
  return (
    (host.length === 8 && host.endsWith("7F")) ||
    host === "00000000000000000000000001000000" ||
    (host.length === 32 && host.startsWith("0000000000000000FFFF0000") && host.endsWith("7F"))
  )
}
