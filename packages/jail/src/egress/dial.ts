/**
 * From a name to a connected socket, outside of the jail.
 *
 * Law: only addresses that passed `accept` are dialled, and it is the address that is dialled, never the name again: a
 * name server that answers differently the second time changes nothing.
 */
import { lookup } from "node:dns"
import { connect, type Socket } from "node:net"

/** All addresses of a name; rejects when there are none. */
export type Resolve = (name: string) => Promise<ReadonlyArray<string>>

/** A socket that is connecting; it must allow half-open. */
export type Connect = (address: string, port: number) => Socket

/** Two at a time of libuv's four threads: a jail that asks for slow names must not stop the server's own files. */
const MAX_LOOKUPS = 2

/** The system's resolver (with its hosts file), asked once for a name however many want it at the same moment. */
export const systemResolver = (): Resolve => {
  const running = new Map<string, Promise<ReadonlyArray<string>>>()
  const waiting: Array<() => void> = []
  let active = 0
  const release = () => {
    const next = waiting.shift()
    if (next === undefined) active--
    else next()
  }
  const ask = async (name: string) => {
    if (active < MAX_LOOKUPS) active++
    else await new Promise<void>((resume) => waiting.push(resume))
    return new Promise<ReadonlyArray<string>>((resolve, reject) => {
      lookup(name, { all: true }, (error, found) => {
        release()
        if (error !== null) reject(error)
        else resolve(found.map(({ address }) => address))
      })
    })
  }
  return (name) => {
    const known = running.get(name)
    if (known !== undefined) return known
    const asked = ask(name).finally(() => running.delete(name))
    running.set(name, asked)
    return asked
  }
}

export const tcpConnect: Connect = (address, port) =>
  connect({ host: address, port, allowHalfOpen: true, noDelay: true })

/** When one address doesn't answer, the next is tried beside it after this time (RFC 8305). */
const NEXT_ADDRESS_MS = 300

/** The first of `addresses` that connects; the others are closed. Rejects with the first failure when none does. */
export const dialFirst = (
  addresses: ReadonlyArray<string>,
  port: number,
  options: { readonly connect: Connect; readonly timeoutMs: number; readonly signal: AbortSignal }
): Promise<{ readonly socket: Socket; readonly address: string }> =>
  new Promise((resolve, reject) => {
    const pending = new Set<Socket>()
    let failure: Error | undefined
    let next = 0
    let stagger: NodeJS.Timeout | undefined

    const end = () => {
      clearTimeout(stagger)
      clearTimeout(deadline)
      options.signal.removeEventListener("abort", abandon)
    }
    const fail = (error: Error) => {
      end()
      for (const socket of pending) socket.destroy()
      reject(error)
    }
    const abandon = () => fail(new Error("nobody waits for it any more"))
    const deadline = setTimeout(
      () => fail(new Error(`no answer within ${options.timeoutMs / 1000} s`)),
      options.timeoutMs
    )
    const tryNext = () => {
      clearTimeout(stagger)
      const address = addresses[next++]
      if (address === undefined) {
        if (pending.size === 0) fail(failure ?? new Error("it has no address"))
        return
      }
      const socket = options.connect(address, port)
      pending.add(socket)
      const failed = (error: Error) => {
        failure ??= error
        pending.delete(socket)
        tryNext()
      }
      socket.once("error", failed)
      socket.once("connect", () => {
        socket.off("error", failed)
        pending.delete(socket)
        end()
        for (const other of pending) other.destroy()
        resolve({ socket, address })
      })
      stagger = setTimeout(tryNext, NEXT_ADDRESS_MS)
    }

    if (options.signal.aborted) return abandon()
    options.signal.addEventListener("abort", abandon)
    tryNext()
  })
