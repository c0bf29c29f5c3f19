import { once } from "node:events"
import { connect, createServer } from "node:net"
import { describe, expect, it } from "vitest"
import { findOwner, peerUid } from "./PeerUid.ts"

const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
const row = (local: string, remote: string, uid: number, inode = 4242) =>
  `   1: ${local} ${remote} 01 00000000:00000000 00:00000000 00000000  ${uid}        0 ${inode} 1 0000000000000000`
const own = { address: "127.0.0.1", port: 8080 }
const peer = (port: number, address = "127.0.0.1") => ({ address, port })

describe("who is at the other end", () => {
  it("is found by both ends, over IPv4, IPv6 and mapped addresses", () => {
    const table = [
      head,
      row("0100007F:1F90", "0100007F:C350", 7),
      row("0100007F:C350", "0100007F:1F90", 1000),
      row("0000000000000000FFFF00000100007F:C351", "0000000000000000FFFF00000100007F:1F90", 1001),
      row("00000000000000000000000001000000:C352", "00000000000000000000000001000000:1F90", 1002)
    ].join("\n")
    expect(findOwner(table, peer(50000), own)).toBe(1000)
    expect(findOwner(table, peer(50001), own)).toBe(1001)
    expect(findOwner(table, peer(50001, "::ffff:127.0.0.1"), own)).toBe(1001)
    expect(findOwner(table, peer(50002, "::1"), { address: "::1", port: 8080 })).toBe(1002)
  })

  it("is nobody that we know when the ports or the addresses are others", () => {
    const table = [head, row("0100007F:C350", "0100007F:1F91", 1), row("0200000A:C350", "0100007F:1F90", 2)].join("\n")
    expect(findOwner(table, peer(50000), own)).toBeNull()
    expect(findOwner(table, peer(50000, "10.0.0.2"), own)).toBeNull()
    expect(findOwner("", peer(50000), own)).toBeNull()
  })

  it("is not who left a connection on the same ports, nor on the same ends", () => {
    const left = row("0100007F:C350", "0100007F:1F90", 0, 0)
    const held = row("0200007F:C350", "0100007F:1F90", 1000)
    const table = [head, left, held].join("\n")
    expect(findOwner(table, peer(50000, "127.0.0.2"), own)).toBe(1000)
    expect(findOwner(table, peer(50000), own)).toBeNull()
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
