/** The line between a browser and a server, which can be cut. */
import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"

export interface Cable {
  readonly url: string
  /** Nothing gets through, and what was connected is not any more. */
  readonly cut: () => void
  readonly mend: () => void
  readonly close: () => Promise<void>
}

export const layCable = async (to: string): Promise<Cable> => {
  const target = new URL(to)
  const open = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    if (isCut) {
      near.destroy()
      return
    }
    const far = connect(Number(target.port), target.hostname)
    for (const [one, other] of [
      [near, far],
      [far, near]
    ] as const) {
      open.add(one)
      one.setNoDelay(true)
      one.pipe(other)
      one.on("error", () => other.destroy())
      one.on("close", () => {
        open.delete(one)
        other.destroy()
      })
    }
  }).listen(0, "localhost")
  await once(server, "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("No port is free")
  const drop = () => {
    for (const socket of open) socket.destroy()
  }
  return {
    url: `http://localhost:${address.port}`,
    cut: () => {
      isCut = true
      drop()
    },
    mend: () => {
      isCut = false
    },
    close: async () => {
      server.close()
      drop()
      await once(server, "close")
    }
  }
}
