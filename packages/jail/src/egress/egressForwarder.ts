/**
 * The jail's end of the way out: programs know proxies by a TCP address, the proxy outside listens on a unix socket.
 *
 * Law: it decides nothing. It runs inside of the jail, where anyone may stop or replace it, and gains nobody anything.
 */
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import { joinSockets } from "./joinSockets.ts"

export interface EgressForwarder {
  readonly port: number
  readonly close: () => Promise<void>
}

const MAX_CONNECTIONS = 256
/** Longer than the proxy's own, so that it is the proxy that says when a line is dead. */
const IDLE_MS = 15 * 60_000

/** Listens on 127.0.0.1 (port 0 picks a free one) and carries each connection to the socket of `startEgress`. */
export const egressForwarder = (options: {
  readonly port: number
  readonly socketPath: string
}): Promise<EgressForwarder> =>
  new Promise((resolve, reject) => {
    const open = new Set<Socket>()
    const server = createServer({ allowHalfOpen: true }, (near) => {
      const far = connect({ path: options.socketPath, allowHalfOpen: true })
      open.add(near)
      near.on("close", () => open.delete(near))
      joinSockets(near, far, IDLE_MS)
    })
    server.maxConnections = MAX_CONNECTIONS
    server.once("error", reject)
    server.listen(options.port, "127.0.0.1", () => {
      const address = server.address()
      resolve({
        port: isTcp(address) ? address.port : options.port,
        close: () =>
          new Promise((done) => {
            server.close(() => done())
            for (const socket of open) socket.destroy()
          })
      })
    })
  })

const isTcp = (address: AddressInfo | string | null): address is AddressInfo =>
  typeof address === "object" && address !== null
