import { createHash, randomBytes } from "node:crypto"
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from "node:http"
import { connect, createServer, type Socket } from "node:net"
import { networkInterfaces, tmpdir } from "node:os"
import { join } from "node:path"
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from "node:tls"
import { expect, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import type { Connect } from "./dial.ts"
import { type EgressOptions, startEgress } from "./Egress.ts"
import { egressForwarder } from "./egressForwarder.ts"
import type { EgressDecision } from "./proxy.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "choir-egress-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** A TCP server on loopback, by its port; it and its connections end with the test. */
const tcpServer = (onConnection: (socket: Socket) => void) =>
  listening(createServer({ allowHalfOpen: true }, onConnection))

const httpServer = (listener: RequestListener) => listening(createHttpServer(listener))

const listening = (server: ReturnType<typeof createServer>) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly port: number; readonly close: () => void }>((resume) => {
      const sockets = new Set<Socket>()
      server.on("connection", (socket: Socket) => {
        sockets.add(socket)
        socket.on("close", () => sockets.delete(socket))
        socket.on("error", () => undefined)
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        if (address === null || typeof address === "string") throw new Error("no port")
        const close = () => {
          server.close()
          for (const socket of sockets) socket.destroy()
        }
        resume(Effect.succeed({ port: address.port, close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

/** A proxy, what it decided, and what it dialled. */
const start = (options: Partial<EgressOptions> = {}) =>
  Effect.gen(function* () {
    const decisions: Array<EgressDecision> = []
    const socketPath = join(yield* folder, "egress.sock")
    const egress = yield* startEgress({
      socketPath,
      policy: { mode: "open", allow: [] },
      onDecision: (decision) => decisions.push(decision),
      ...options
    })
    return { ...egress, socketPath, decisions }
  })

/** The names of a test, and the addresses that were dialled for them; all of them lead to `port` on loopback. */
const world = (names: Record<string, ReadonlyArray<string>>, port = 0) => {
  const resolved: Array<string> = []
  const dialled: Array<string> = []
  const toLoopback: Connect = (address, wanted) => {
    dialled.push(`${address} ${wanted}`)
    return connect({ port, host: "127.0.0.1", allowHalfOpen: true })
  }
  return {
    resolved,
    dialled,
    connect: toLoopback,
    resolve: async (name: string) => {
      resolved.push(name)
      const addresses = names[name]
      if (addresses === undefined) throw Object.assign(new Error("no such name"), { code: "ENOTFOUND" })
      return addresses
    }
  }
}

const reach = (socketPath: string) => connect({ path: socketPath, allowHalfOpen: true })

/** Sends bytes, and gives all that comes back until the other side closes. */
const exchange = (socketPath: string, bytes: string | Buffer) =>
  Effect.callback<string>((resume) => {
    const socket = reach(socketPath)
    const chunks: Array<Buffer> = []
    socket.on("data", (chunk) => chunks.push(chunk))
    socket.on("error", () => undefined)
    socket.on("end", () => socket.end())
    socket.on("close", () => resume(Effect.succeed(Buffer.concat(chunks).toString("latin1"))))
    socket.write(bytes)
  })

const status = (answer: string) => Number(answer.split(" ")[1])

/** A socket through which CONNECT has been answered with 200; it is paused. */
const tunnelTo = (socketPath: string, authority: string) =>
  Effect.callback<Socket>((resume) => {
    const socket = reach(socketPath)
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`)
    socket.on("error", () => undefined)
    const established = "HTTP/1.1 200 Connection established\r\n\r\n"
    let answer = Buffer.alloc(0)
    const onData = (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk])
      if (answer.length < established.length) return
      socket.off("data", onData)
      socket.pause()
      const text = answer.toString("latin1", 0, 200)
      if (!text.startsWith(established)) throw new Error(text)
      socket.unshift(answer.subarray(established.length))
      resume(Effect.succeed(socket))
    }
    socket.on("data", onData)
  })

const closed = (socket: Socket) =>
  Effect.callback<void>((resume) => {
    if (socket.destroyed) resume(Effect.void)
    else socket.once("close", () => resume(Effect.void))
    socket.on("end", () => socket.end())
    socket.resume()
  })

it.live("a tunnel carries megabytes both ways unchanged, and a half-closed one still answers", () =>
  Effect.gen(function* () {
    const server = yield* tcpServer((socket) => {
      const hash = createHash("sha256")
      const back = randomBytes(5_000_000)
      socket.on("data", (chunk) => hash.update(chunk))
      // Only after the other side has ended.
      socket.on("end", () => {
        socket.write(hash.digest())
        socket.end(Buffer.concat([createHash("sha256").update(back).digest(), back]))
      })
    })
    const { socketPath, decisions } = yield* start({
      policy: { mode: "open", allow: [`localhost:${server.port}`] },
      resolve: async () => ["127.0.0.1"]
    })
    const tunnel = yield* tunnelTo(socketPath, `localhost:${server.port}`)
    const sent = randomBytes(8_000_000)

    const answer = yield* Effect.callback<Buffer>((resume) => {
      const chunks: Array<Buffer> = []
      tunnel.on("data", (chunk) => chunks.push(chunk))
      tunnel.on("end", () => resume(Effect.succeed(Buffer.concat(chunks))))
      tunnel.resume()
      tunnel.end(sent)
    })

    expect(answer.length).toBe(64 + 5_000_000)
    expect(answer.subarray(0, 32)).toEqual(createHash("sha256").update(sent).digest())
    expect(answer.subarray(32, 64)).toEqual(createHash("sha256").update(answer.subarray(64)).digest())
    expect(decisions).toEqual([
      {
        method: "CONNECT",
        host: "localhost",
        port: server.port,
        outcome: "allowed",
        reason: null,
        address: "127.0.0.1"
      }
    ])
  })
)

it.live("a reader that doesn't read stops the writer: nothing piles up in the proxy", () =>
  Effect.gen(function* () {
    const megabyte = Buffer.alloc(1 << 20)
    const megabytes = 300
    let written = 0
    const server = yield* tcpServer((socket) => {
      const push = () => {
        if (written >= megabytes || socket.destroyed) return
        written++
        if (socket.write(megabyte)) setImmediate(push)
        else socket.once("drain", push)
      }
      push()
    })
    const { socketPath } = yield* start({
      policy: { mode: "open", allow: [`localhost:${server.port}`] },
      resolve: async () => ["127.0.0.1"]
    })
    const tunnel = yield* tunnelTo(socketPath, `localhost:${server.port}`)
    // Stalled is when fifty other connections come and go and not a byte has moved.
    for (let still = 0, last = 0; still < 50; still = last === written ? still + 1 : 0, last = written) {
      yield* exchange(socketPath, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    }
    expect(written).toBeLessThan(30)
    tunnel.destroy()
  })
)

it.live("TLS goes through untouched, end to end", () =>
  Effect.gen(function* () {
    const key = randomBytes(32)
    const tls = { ciphers: "PSK-AES128-GCM-SHA256", maxVersion: "TLSv1.2" } as const
    const server = yield* listening(
      createTlsServer({ ...tls, pskCallback: () => key }, (socket: TLSSocket) => {
        socket.on("data", (data) => socket.end(`secret ${data}`))
      })
    )
    const { socketPath } = yield* start({
      policy: { mode: "open", allow: [`localhost:${server.port}`] },
      resolve: async () => ["127.0.0.1"]
    })
    const tunnel = yield* tunnelTo(socketPath, `localhost:${server.port}`)

    const answer = yield* Effect.callback<string>((resume) => {
      const client = connectTls({
        ...tls,
        socket: tunnel,
        pskCallback: () => ({ psk: key, identity: "test" }),
        checkServerIdentity: () => undefined
      })
      client.on("secureConnect", () => client.write("word"))
      client.on("data", (data) => resume(Effect.succeed(String(data))))
      client.on("error", (error) => resume(Effect.die(error)))
    })
    expect(answer).toBe("secret word")
  })
)

it.live("a plain request is forwarded: its own host, no headers of this hop, body and answer whole", () =>
  Effect.gen(function* () {
    const seen: Array<IncomingMessage> = []
    const server = yield* httpServer((request, response) => {
      seen.push(request)
      response.writeHead(201, [
        ...["Set-Cookie", "a=1", "Set-Cookie", "b=2", "Keep-Alive", "timeout=99", "Connection", "X-Hop", "X-Hop", "1"],
        ...["Content-Type", "text/plain"]
      ])
      request.pipe(response)
    })
    const { socketPath, decisions } = yield* start(world({ "example.com": ["93.184.215.14"] }, server.port))

    const answer = yield* exchange(
      socketPath,
      "POST http://Example.com:8080?q=1#part HTTP/1.1\r\nHost: other.example\r\nProxy-Authorization: Basic eDp5\r\nProxy-Connection: keep-alive\r\n" +
        "Connection: close, X-Private\r\nX-Private: 1\r\nX-Kept: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    )

    expect(status(answer)).toBe(201)
    expect(answer).toContain("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n")
    expect(answer).not.toMatch(/x-hop|timeout=99/i)
    expect(answer).toContain("hello")
    const [request] = seen
    expect(request?.url).toBe("/?q=1")
    expect(request?.method).toBe("POST")
    expect(request?.headers).toEqual({
      host: "example.com:8080",
      "x-kept": "1",
      "transfer-encoding": "chunked",
      connection: "close"
    })
    expect(decisions).toMatchObject([{ method: "POST", host: "example.com", port: 8080, outcome: "allowed" }])
  })
)

it.live("one kept connection may ask for several hosts, each judged by itself", () =>
  Effect.gen(function* () {
    const server = yield* httpServer((request, response) => response.end(`<${request.headers.host}>`))
    const { socketPath } = yield* start(
      world({ "a.example": ["93.184.215.14"], "b.example": ["10.0.0.1"] }, server.port)
    )
    const answer = yield* exchange(
      socketPath,
      "GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\nGET http://b.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n"
    )
    expect(answer).toMatch(/^HTTP\/1.1 200 .*<a.example>.*HTTP\/1.1 403 /s)
  })
)

it.live("addresses, in whatever spelling, are refused before anything is resolved or dialled", () =>
  Effect.gen(function* () {
    const sky = world({})
    const { socketPath, decisions } = yield* start(sky)
    const hosts = [
      "127.0.0.1",
      "2130706433",
      "0x7f.1",
      "0177.0.0.1",
      "[::1]",
      "[::ffff:7f00:1]",
      "169.254.169.254.",
      "1.1.1.1"
    ]
    for (const host of hosts) {
      expect(status(yield* exchange(socketPath, `CONNECT ${host}:80 HTTP/1.1\r\nHost: x\r\n\r\n`))).toBe(403)
      const plain = `GET http://${host}/latest HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`
      expect(status(yield* exchange(socketPath, plain))).toBe(403)
    }
    for (const trick of [
      "http://user@127.0.0.1/",
      "http://example.com@127.0.0.1/",
      "http://example.com\\@127.0.0.1/"
    ]) {
      const answer = yield* exchange(socketPath, `GET ${trick} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
      expect(status(answer)).toBe(400)
    }
    expect(decisions.length).toBeGreaterThanOrEqual(hosts.length * 2)
    expect(decisions.every(({ outcome }) => outcome === "refused")).toBe(true)
    expect(sky.resolved).toEqual([])
    expect(sky.dialled).toEqual([])
  })
)

it.live("a name that leads into a private place is refused in words, and not dialled", () =>
  Effect.gen(function* () {
    const sky = world({
      "home.example": ["192.168.1.1"],
      "meta.example": ["169.254.169.254"],
      "loop.example": ["127.0.0.1", "::1"],
      "mapped.example": ["::ffff:10.0.0.1"],
      "nat64.example": ["64:ff9b::7f00:1"],
      "sixtofour.example": ["2002:7f00:1::"],
      localhost: ["127.0.0.1"]
    })
    const { socketPath } = yield* start(sky)
    for (const name of sky.resolved.length === 0 ? ["home", "meta", "loop", "mapped", "nat64", "sixtofour"] : []) {
      const answer = yield* exchange(socketPath, `CONNECT ${name}.example:443 HTTP/1.1\r\nHost: x\r\n\r\n`)
      expect(answer).toMatch(/^HTTP\/1.1 403 Refused by the network policy\r\n/)
      expect(answer).toContain(`ChoirOS: ${name}.example has `)
    }
    expect(status(yield* exchange(socketPath, "CONNECT localhost:80 HTTP/1.1\r\nHost: x\r\n\r\n"))).toBe(403)
    expect(sky.resolved.length).toBe(7)
    expect(sky.dialled).toEqual([])
  })
)

it.live("rebinding: the address that was checked is the one that is dialled, asked for once", () =>
  Effect.gen(function* () {
    const server = yield* tcpServer((socket) => socket.end("public"))
    const answers = [["93.184.215.14"], ["127.0.0.1"], ["10.0.0.1", "93.184.215.15"]]
    const sky = world({}, server.port)
    const { socketPath } = yield* start({ ...sky, resolve: async () => answers.shift() ?? [] })
    const ask = exchange(socketPath, "CONNECT rebind.example:443 HTTP/1.1\r\nHost: x\r\n\r\n")

    expect(yield* ask).toContain("public")
    expect(status(yield* ask)).toBe(403)
    // Of several addresses only the good ones are dialled.
    expect(yield* ask).toContain("public")
    expect(answers).toEqual([])
    expect(sky.dialled).toEqual(["93.184.215.14 443", "93.184.215.15 443"])
  })
)

it.live("this machine's own addresses count as loopback", () =>
  Effect.gen(function* () {
    const own = Object.values(networkInterfaces()).flatMap((found) => (found ?? []).map(({ address }) => address))
    expect(own.length).toBeGreaterThan(0)
    const sky = world({ "self.example": own })
    const { socketPath } = yield* start({ ...sky, policy: { mode: "open", allow: ["self.example:80"] } })
    expect(status(yield* exchange(socketPath, "CONNECT self.example:80 HTTP/1.1\r\nHost: x\r\n\r\n"))).toBe(403)
    expect(sky.dialled).toEqual([])
  })
)

it.live("an operator's private registry is reached when it is allowed by host and port", () =>
  Effect.gen(function* () {
    const server = yield* tcpServer((socket) => socket.end("registry"))
    const sky = world({ "registry.corp.example": ["10.1.2.3"] }, server.port)
    const allow = ["registry.corp.example:443"]
    for (const mode of ["open", "allowlist"] as const) {
      const { socketPath } = yield* start({ ...sky, policy: { mode, allow } })
      const ask = (port: number) =>
        exchange(socketPath, `CONNECT registry.corp.example:${port} HTTP/1.1\r\nHost: x\r\n\r\n`)
      expect(yield* ask(443)).toContain("registry")
      expect(status(yield* ask(80))).toBe(403)
    }
    expect(sky.dialled).toEqual(["10.1.2.3 443", "10.1.2.3 443"])
  })
)

it.live("outside of the allow-list a name isn't even resolved, since a question carries data out too", () =>
  Effect.gen(function* () {
    const sky = world({})
    const { socketPath, setPolicy } = yield* start({
      ...sky,
      policy: { mode: "allowlist", allow: ["*.packages.example"] }
    })
    const ask = exchange(socketPath, "CONNECT c2VjcmV0.evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n")
    expect(yield* ask).toContain("not among the hosts")
    yield* setPolicy({ mode: "none", allow: [] })
    expect(yield* ask).toContain("turned off")
    expect(sky.resolved).toEqual([])
  })
)

it.live("a dead name, a dead port and a silent name server are told apart, as 502", () =>
  Effect.gen(function* () {
    const gone = yield* Effect.scoped(tcpServer(() => undefined))
    const { socketPath, decisions } = yield* start({
      ...world({ "dead.example": ["93.184.215.14"] }, gone.port),
      limits: { connectMs: 200 }
    })
    const ask = (name: string) => exchange(socketPath, `CONNECT ${name}:443 HTTP/1.1\r\nHost: x\r\n\r\n`)
    expect(yield* ask("nowhere.example")).toMatch(/^HTTP\/1.1 502 .*no host of this name/s)
    expect(yield* ask("dead.example")).toMatch(/^HTTP\/1.1 502 .*refused/s)
    expect(decisions.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ["failed", "unreachable"],
      ["failed", "unreachable"]
    ])

    const silent = yield* start({ resolve: () => new Promise(() => undefined), limits: { connectMs: 50 } })
    const answer = yield* exchange(silent.socketPath, "CONNECT slow.example:443 HTTP/1.1\r\nHost: x\r\n\r\n")
    expect(answer).toMatch(/^HTTP\/1.1 502 .*wasn't resolved in time/s)
  })
)

it.live("when the first address is dead, the next one is taken", () =>
  Effect.gen(function* () {
    const gone = yield* Effect.scoped(tcpServer(() => undefined))
    const server = yield* tcpServer((socket) => socket.end("second"))
    const { socketPath, decisions } = yield* start({
      resolve: async () => ["93.184.215.14", "93.184.215.15"],
      connect: (address) =>
        connect({ host: "127.0.0.1", port: address.endsWith("14") ? gone.port : server.port, allowHalfOpen: true })
    })
    expect(yield* exchange(socketPath, "CONNECT two.example:443 HTTP/1.1\r\nHost: x\r\n\r\n")).toContain("second")
    expect(decisions[0]?.address).toBe("93.184.215.15")
  })
)

it.live("limits: a large header, a slow header, a silent tunnel, too many connections", () =>
  Effect.gen(function* () {
    const server = yield* tcpServer(() => undefined)
    const policy = { mode: "open", allow: [`localhost:${server.port}`] } as const
    const { socketPath } = yield* start({
      policy,
      resolve: async () => ["127.0.0.1"],
      limits: { headerBytes: 2048, headerMs: 50, idleMs: 200, connections: 2 }
    })
    const large = `GET http://example.com/ HTTP/1.1\r\nX-Large: ${"a".repeat(5000)}\r\n\r\n`
    expect(status(yield* exchange(socketPath, large))).toBe(431)
    // It never ends its header; that the exchange comes to an end is the point.
    expect(status(yield* exchange(socketPath, "GET http://example.com/ HTTP/1.1\r\nX-Slow: "))).toBe(400)
    // So is this: nobody closes but the proxy.
    yield* closed(yield* tunnelTo(socketPath, `localhost:${server.port}`))

    const roomy = yield* start({ policy, resolve: async () => ["127.0.0.1"], limits: { connections: 2 } })
    const first = yield* tunnelTo(roomy.socketPath, `localhost:${server.port}`)
    const second = yield* tunnelTo(roomy.socketPath, `localhost:${server.port}`)
    const third = yield* exchange(roomy.socketPath, `CONNECT localhost:${server.port} HTTP/1.1\r\nHost: x\r\n\r\n`)
    expect(third).toMatch(/^HTTP\/1.1 503 .*more than 2 connections/s)
    first.destroy()
    second.destroy()
  })
)

it.live("a stricter policy cuts the tunnels that it doesn't allow, and no other", () =>
  Effect.gen(function* () {
    const server = yield* tcpServer((socket) => socket.pipe(socket))
    const { socketPath, setPolicy } = yield* start(
      world({ "a.example": ["93.184.215.14"], "b.example": ["93.184.215.15"] }, server.port)
    )
    const a = yield* tunnelTo(socketPath, "a.example:443")
    const b = yield* tunnelTo(socketPath, "b.example:443")

    yield* setPolicy({ mode: "allowlist", allow: ["b.example"] })

    yield* closed(a)
    const echoed = yield* Effect.callback<string>((resume) => {
      b.once("data", (data) => resume(Effect.succeed(String(data))))
      b.resume()
      b.write("still here")
    })
    expect(echoed).toBe("still here")
    b.destroy()
  })
)

it.live("no request and no answer, however broken, takes the proxy down", () =>
  Effect.gen(function* () {
    let reply: string | Buffer = ""
    const server = yield* tcpServer((socket) => {
      socket.once("data", () => socket.end(reply))
    })
    const { socketPath } = yield* start(world({ "odd.example": ["93.184.215.14"] }, server.port))

    const requests = [
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET https://example.com/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      "CONNECT / HTTP/1.1\r\nHost: x\r\n\r\n",
      "POST http://odd.example/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET",
      "GET http://odd.example/\u0001 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      "GET http://odd.example/ HTTP/9.9\r\n\r\n",
      "\u0016\u0003\u0001\u0002\r\n\r\n",
      ...Array.from({ length: 50 }, () => Buffer.concat([randomBytes(200), Buffer.from("\r\n\r\n")]))
    ]
    for (const request of requests) {
      expect((yield* exchange(socketPath, request)).slice(0, 12)).toMatch(/^HTTP\/1.1 4\d\d$/)
    }

    const replies = [
      "HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 000 Odd\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "SSH-2.0-OpenSSH\r\n",
      "",
      ...Array.from({ length: 20 }, () => randomBytes(100))
    ]
    const ask = exchange(socketPath, "GET http://odd.example/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    for (const odd of replies) {
      reply = odd
      expect(status(yield* ask)).toBe(502)
    }
    for (const cut of [
      "HTTP/1.1 200 \u0001\u0002\r\nX-A: b\r\nContent-Length: 2\r\n\r\nok",
      "HTTP/1.0 200 OK\r\n\r\nok"
    ]) {
      reply = cut
      expect(yield* ask).toMatch(/^HTTP\/1.1 200 OK\r\n.*ok/s)
    }
    // An answer that breaks off is broken off.
    reply = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
    expect(yield* ask).toMatch(/half$/)
  })
)

it.live("when the scope closes, connections end and the socket is gone", () =>
  Effect.gen(function* () {
    const server = yield* tcpServer(() => undefined)
    const scope = yield* Scope.make()
    const { socketPath, connections } = yield* start({
      policy: { mode: "open", allow: [`localhost:${server.port}`] },
      resolve: async () => ["127.0.0.1"]
    }).pipe(Scope.provide(scope))
    const tunnel = yield* tunnelTo(socketPath, `localhost:${server.port}`)
    expect(yield* connections).toBe(1)
    expect(statSync(socketPath).mode & 0o777).toBe(0o600)

    yield* Scope.close(scope, Exit.void)

    yield* closed(tunnel)
    expect(statSync(socketPath, { throwIfNoEntry: false })).toBe(undefined)
  })
)

it.live("it starts over a dead server's socket, and says why when it can't start", () =>
  Effect.gen(function* () {
    const { socketPath } = yield* start()
    // The file of a server that is killed stays; here the first one's is taken over just the same.
    yield* startEgress({ socketPath, policy: { mode: "open", allow: [] } })

    const file = join(yield* folder, "a-file")
    writeFileSync(file, "precious")
    const policy = { mode: "open", allow: [] } as const
    expect((yield* Effect.flip(startEgress({ socketPath: file, policy }))).message).toContain("no socket")
    const missing = join(file, "..", "missing", "egress.sock")
    expect((yield* Effect.flip(startEgress({ socketPath: missing, policy }))).message).toContain("can't be opened")
    const long = join(tmpdir(), "x".repeat(120))
    expect((yield* Effect.flip(startEgress({ socketPath: long, policy }))).message).toContain("107 bytes")
    const wrong = { mode: "open", allow: ["https://example.com"] } as const
    expect((yield* Effect.flip(startEgress({ socketPath, policy: wrong })))._tag).toBe("Egress.PolicyInvalid")
  })
)

it.live("the forwarder carries a program's TCP connection to the proxy and back", () =>
  Effect.gen(function* () {
    const server = yield* httpServer((_, response) => response.end("through"))
    const { socketPath } = yield* start(world({ "example.com": ["93.184.215.14"] }, server.port))
    const forwarder = yield* Effect.acquireRelease(
      Effect.promise(() => egressForwarder({ port: 0, socketPath })),
      ({ close }) => Effect.promise(close)
    )
    const answer = yield* Effect.callback<string>((resume) => {
      const socket = connect({ port: forwarder.port, host: "127.0.0.1" })
      let text = ""
      socket.on("data", (data) => {
        text += String(data)
      })
      socket.on("close", () => resume(Effect.succeed(text)))
      socket.write("GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n")
    })
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n.*through/s)
  })
)

it.live("the forwarder closes what it can't carry, and says when its port is taken", () =>
  Effect.gen(function* () {
    const nobody = join(yield* folder, "nobody.sock")
    const forwarder = yield* Effect.acquireRelease(
      Effect.promise(() => egressForwarder({ port: 0, socketPath: nobody })),
      ({ close }) => Effect.promise(close)
    )
    const socket = connect({ port: forwarder.port, host: "127.0.0.1" })
    socket.on("error", () => undefined)
    yield* closed(socket)
    const taken = yield* Effect.exit(
      Effect.tryPromise(() => egressForwarder({ port: forwarder.port, socketPath: nobody }))
    )
    expect(Exit.isFailure(taken)).toBe(true)
  })
)
