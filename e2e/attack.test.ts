/** What a hostile or broken client can send, and what the server makes of it. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import * as Path from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { WebSocket } from "ws"
import { ask, openLine, type Product, startProduct, temporaryFolder } from "./support/product.ts"

interface Answer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** Sends bytes as they are, and reads until the server ends the connection. */
const wire = (url: string, ...chunks: ReadonlyArray<string | Uint8Array>): Promise<Answer> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    const received: Array<Buffer> = []
    socket.on("data", (data) => received.push(data))
    // A server that has said enough may end the connection while we still send.
    socket.on("error", () => undefined)
    socket.on("close", () => resolve(answerIn(Buffer.concat(received).toString())))
    for (const chunk of chunks) socket.write(chunk)
  })

const answerIn = (text: string): Answer => {
  const [head = "", ...rest] = text.split("\r\n\r\n")
  const [first = "", ...lines] = head.split("\r\n")
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":")
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  return { status: Number(first.split(" ")[1]), headers: new Map(headers), body: rest.join("\r\n\r\n") }
}

const get = (target: string, headers = "", method = "GET") =>
  `${method} ${target} HTTP/1.1\r\nHost: localhost\r\n${headers}Connection: close\r\n\r\n`

const post = (target: string, body: string | Uint8Array) => [
  `POST ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`,
  body
]

const expectWords = ({ body, headers, status }: Answer, expected: number, of: string) => {
  expect([of, status]).toEqual([of, expected])
  expect(headers.get("x-content-type-options")).toBe("nosniff")
  expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'")
  const error: unknown = JSON.parse(body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1)).error
  expect(error).toMatch(/^[A-Z].{10,}/)
  expect(error).not.toMatch(/\/(?:work|home|tmp|root|node_modules)\b|\.ts\b|\.mjs\b|node:/)
}

const message = JSON.stringify({ actor_id: "amy", user_id: "me", text: "hi" })

/** Most memory that the process ever held, in MiB. */
const peakMemory = ({ process: { pid } }: Product): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024

describe("odd requests", () => {
  it("are answered in words, with the headers of any other, also where Node refuses them by itself", async () => {
    const { url } = await startProduct()
    const expected: ReadonlyArray<readonly [number, string]> = [
      [404, get("//evil")],
      [404, get("//evil/page.css")],
      [404, get("//[")],
      [404, get("///")],
      [404, get("/\\evil")],
      [404, get("/..%2f..%2fetc%2fpasswd")],
      [404, get("/chat/%ff/messages")],
      [404, get("/health;x")],
      [422, get("/chat/%00/messages")],
      [422, get(`/chat/${"a".repeat(257)}/messages`)],
      [422, get("/events?limit=%zz&__proto__=1&__proto__=2")],
      [400, get("*")],
      [400, get("http://[/health")],
      [421, get("http://evil.example/health")],
      [400, "GET /health HTTP/1.1\r\nConnection: close\r\n\r\n"],
      [400, get("/health", "Host: evil.example\r\n")],
      [400, "hello\r\n\r\n"],
      [400, get("/health").replaceAll("\r\n", "\n")],
      [400, `${get("/health", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "POST")}0\r\n\r\n`],
      [400, get("/health", "Content-Length: 1\r\nContent-Length: 2\r\n", "POST")],
      [431, get("/health", `X-Large: ${"a".repeat(20_000)}\r\n`)],
      [413, get("/chat/send", "Content-Length: 1000000000000000000\r\nContent-Type: application/json\r\n", "POST")],
      [417, get("/chat/send", "Expect: wonders\r\n", "POST")],
      [405, get("/health", "", "TRACE")],
      [426, get("/ws", "", "HEAD").replace("HEAD", "GET")],
      [400, get("/ws", "Upgrade: websocket\r\nSec-WebSocket-Version: 12\r\n").replace("close", "upgrade")],
      [404, get("//[", "Upgrade: websocket\r\n").replace("close", "upgrade")]
    ]
    for (const [status, request] of expected) expectWords(await wire(url, request), status, request.slice(0, 80))
    expect(await ask(`${url}/health`)).toMatchObject({ status: 200 })
  })

  it("learn what a path takes, once they have passed the door", async () => {
    const { url } = await startProduct()
    const options = await wire(url, get("/chat/send", "", "OPTIONS"))
    expect([options.status, options.headers.get("allow")]).toEqual([204, "POST, OPTIONS"])
    expect([...options.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([])
    const wrong = await wire(url, get("/health", "", "PUT"))
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"])
    const head = await wire(url, get("/health", "", "HEAD"))
    expect([head.status, head.body]).toEqual([200, ""])
    for (const method of ["PUT", "OPTIONS", "GET"]) {
      const rebound = get("/health", "", method).replace("localhost", "evil.example")
      expect([method, (await wire(url, rebound)).status]).toEqual([method, 421])
    }
  })

  it("have bodies that are bounded and decoded before anyone looks at them", async () => {
    const product = await startProduct()
    const { url } = product
    const deep = "[".repeat(500_000)
    const chunk = `10000\r\n${" ".repeat(65_536)}\r\n`
    const chunked =
      "POST /chat/send HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    const expected: ReadonlyArray<readonly [string, number, ReadonlyArray<string | Uint8Array>]> = [
      ["too large", 413, post("/chat/send", Buffer.alloc(2 * 1024 * 1024 + 1, 32))],
      ["too large, in chunks", 413, [chunked, chunk.repeat(40)]],
      ["not UTF-8", 400, post("/chat/send", Buffer.from([0x7b, 0xff, 0x7d]))],
      ["open", 400, post("/chat/send", deep)],
      ["deep", 422, post("/chat/send", deep + "]".repeat(500_000))],
      [
        "deep props",
        422,
        post("/desktop/d/windows", `{"app_id":"chat","title":"x","props":{"a":${deep}${"]".repeat(500_000)}}}`)
      ],
      ["a prototype", 422, post("/chat/send", `{"__proto__":${message}}`)],
      ["not there", 400, post("/desktop/d/windows", '{"app_id":"__proto__","title":"x"}')]
    ]
    for (const [name, status, request] of expected) expectWords(await wire(url, ...request), status, name)
    const { body } = await ask(`${url}/chat/amy/messages`)
    expect(body).toEqual({ success: true, messages: [] })
  })

  it("keep an id whole that holds what a URL has other uses for", async () => {
    const { url } = await startProduct()
    const line = await openLine(`${url}/ws/chat/a;b?user_id=me`)
    await line.until((frame) => frame.type === "connected")
    expect(line.frames[0]).toMatchObject({ actor_id: "a;b", user_id: "me" })
  })

  it("can't upgrade to anything but a WebSocket, and may say so when they try", async () => {
    const { url } = await startProduct()
    const upgrade = get("/health", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n").replace("close", "Upgrade")
    const { headers, status } = await wire(url, upgrade)
    expect([status, headers.get("connection")]).toEqual([200, "close"])
  })
})

describe("clients that do not read", () => {
  /** A desktop whose state is large, so that a short question has a long answer. */
  const largeDesktop = async (url: string): Promise<void> => {
    const props = { text: "x".repeat(900_000) }
    expect(await ask(`${url}/desktop/d/windows`, "POST", { app_id: "chat", title: "x", props })).toMatchObject({
      status: 200
    })
  }
  const mute = async (
    url: string,
    path: string
  ): Promise<{ readonly socket: WebSocket; readonly frames: () => number }> => {
    const socket = new WebSocket(url.replace("http", "ws") + path)
    let frames = 0
    socket.on("message", () => {
      frames++
    })
    onTestFinished(() => socket.terminate())
    await once(socket, "open")
    socket.pause()
    return { socket, frames: () => frames }
  }
  const questions = 300

  it("hold up themselves alone: the server's memory is bounded, and when they read again all is there", async () => {
    const product = await startProduct()
    const { url } = product
    await largeDesktop(url)
    const before = peakMemory(product)
    const { frames, socket } = await mute(url, "/ws")
    for (let index = 0; index < questions; index++) socket.send('{"type":"subscribe","desktop_id":"d"}')
    for (let index = 0; index < 50; index++) expect(await ask(`${url}/health`)).toMatchObject({ status: 200 })
    expect(peakMemory(product) - before).toBeLessThan(64)
    const all = new Promise<void>((resolve) => {
      socket.on("message", () => {
        if (frames() === questions + 1) resolve()
      })
    })
    socket.resume()
    await all
  })

  it("are cut off when they ping without end, and nobody else notices", async () => {
    const { url } = await startProduct()
    const other = await openLine(`${url}/ws`)
    const { socket } = await mute(url, "/ws")
    const cut = once(socket, "close")
    socket.on("error", () => undefined)
    for (let index = 0; index < 20_000; index++) socket.ping(Buffer.alloc(125))
    await cut
    other.send({ type: "ping" })
    await other.until((frame) => frame.type === "pong", 1)
  })

  it("do not keep the server from an orderly end", async () => {
    const product = await startProduct()
    await largeDesktop(product.url)
    const { socket } = await mute(product.url, "/ws")
    for (let index = 0; index < questions; index++) socket.send('{"type":"subscribe","desktop_id":"d"}')
    for (let index = 0; index < 10; index++) await ask(`${product.url}/health`)
    expect(await product.stop()).toBe(0)
  })
})

// To be another user, or to have a disk of one's own, takes root.
if (process.getuid?.() === 0) {
  describe("another user of the machine", () => {
    /** Runs a script as nobody, with a Node that nobody may run; gives what it printed. */
    const asNobody = async (script: string, ...args: ReadonlyArray<string>): Promise<unknown> => {
      const folder = temporaryFolder()
      chmodSync(folder, 0o711)
      const node = Path.join(folder, "node")
      copyFileSync(process.execPath, node)
      chmodSync(node, 0o755)
      const child: ChildProcess = spawn(node, ["-e", script, ...args], { uid: 65_534, gid: 65_534, cwd: "/", env: {} })
      let printed = ""
      child.stdout?.on("data", (data: Buffer) => {
        printed += data.toString()
      })
      await once(child, "close")
      return JSON.parse(printed)
    }

    it("is refused, also on the ports of a connection that was let go", async () => {
      const { url } = await startProduct()
      // The kernel lists what was let go with uid 0. Which row comes first is chance, so each try takes another address.
      const script = `
        const { connect } = require("node:net")
        const port = Number(process.argv[1])
        const ask = (socket) => new Promise((resolve, reject) => {
          socket.on("error", reject)
          socket.on("data", (data) => resolve(String(data).split(" ")[1]))
          socket.write("GET /events HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
        })
        const left = () => new Promise((resolve) => {
          const socket = connect(port, "127.0.0.1", () => { const { localPort } = socket; socket.on("close", () => resolve(localPort)); socket.end() })
          socket.resume()
        })
        ;(async () => {
          const answers = [await ask(connect(port, "127.0.0.1"))]
          for (let index = 1; index <= 40; index++) {
            const localAddress = ["127", index, index * 37 % 250 + 1, index * 91 % 250 + 1].join(".")
            answers.push(await ask(connect({ port, host: "127.0.0.1", localAddress, localPort: await left() })))
          }
          console.log(JSON.stringify({ uid: process.getuid(), answers: [...new Set(answers)] }))
        })()`
      expect(await asNobody(script, new URL(url).port)).toEqual({ uid: 65_534, answers: ["403"] })
      expect(await ask(`${url}/health`)).toMatchObject({ status: 200 })
    })
  })

  describe("a disk that is full", () => {
    it("is said, loses nothing that was acknowledged, and is over when there is room again", async () => {
      const disk = temporaryFolder()
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", disk])
      onTestFinished(() => {
        execFileSync("umount", ["--lazy", disk])
      })
      const home = Path.join(disk, "home")
      mkdirSync(home)
      const { url } = await startProduct({ home, env: { CHOIR_JAIL: "none", CHOIR_MODEL: "off" } })
      const send = async (text: string) => {
        const { body, status } = await ask(`${url}/chat/send`, "POST", { actor_id: "amy", user_id: "me", text })
        if (status !== 200)
          expect([status, body]).toMatchObject([503, { error: expect.stringContaining("disk is full") }])
        return status === 200
      }
      const acknowledged: Array<string> = []
      const say = async (text: string) => {
        if (await send(text)) acknowledged.push(text)
      }
      await say("before")
      const fill = Path.join(disk, "fill")
      expect(() => writeFileSync(fill, Buffer.alloc(64 * 1024 * 1024))).toThrow("ENOSPC")
      for (let index = 0; index < 10; index++) await say(`full ${index}`)
      expect(acknowledged.length).toBeLessThan(11)
      expect(await ask(`${url}/health`)).toMatchObject({ status: 503, body: { status: "degraded" } })
      rmSync(fill)
      expect(await ask(`${url}/health`)).toMatchObject({ status: 200, body: { status: "healthy" } })
      await say("after")
      const { body } = await ask(`${url}/chat/amy/messages`)
      expect((body as { messages: ReadonlyArray<{ text: string }> }).messages.map(({ text }) => text)).toEqual(
        acknowledged
      )
      expect(acknowledged.at(-1)).toBe("after")
    })
  })
}
