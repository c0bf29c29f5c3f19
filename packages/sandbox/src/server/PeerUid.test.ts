import { once } from "node:events"
import { connect, createServer } from "node:net"
import { describe, expect, it } from "vitest"
import { findOwner, peerUid } from "./PeerUid.ts"

const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
const row = (local: string, remote: string, uid: number) =>
  `   1: ${local} ${remote} 01 00000000:00000000 00:00000000 00000000  ${uid}        0 4242 1 0000000000000000`

describe("who is at the other end", () => {
  it("is found by both ports, over IPv4, IPv6 and mapped addresses", () => {
    const table = [
      head,
      row("0100007F:1F90", "0100007F:C350", 7),
      row("0100007F:C350", "0100007F:1F90", 1000),
      row("0000000000000000FFFF00000100007F:C351", "0000000000000000FFFF00000100007F:1F90", 1001),
      row("00000000000000000000000001000000:C352", "00000000000000000000000001000000:1F90", 1002)
    ].join("\n")
    expect([50000, 50001, 50002].map((port) => findOwner(table, port, 8080))).toEqual([1000, 1001, 1002])
  })

  it("is nobody that we know when the ports or the addresses are others", () => {
    const table = [head, row("0100007F:C350", "0100007F:1F91", 1), row("0200000A:C350", "0100007F:1F90", 2)].join("\n")
    expect(findOwner(table, 50000, 8080)).toBeNull()
    expect(findOwner("", 50000, 8080)).toBeNull()
  })

  it("is ourselves when we connect to ourselves", async () => {
    const server = createServer()
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const address = server.address()
    const client = connect(typeof address === "object" && address !== null ? address.port : 0, "127.0.0.1")
    const [socket] = await once(server, "connection")
    expect(await peerUid(socket)).toBe(process.getuid?.())
    client.destroy()
    server.close()
  })
})
