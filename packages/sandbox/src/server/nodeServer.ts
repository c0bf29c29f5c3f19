/**
 * The HTTP server of Node's that is under the server: its limits, and what it answers by itself.
 *
 * Law: a request that is refused before anyone reads it hears the same words, with the same headers, as any other.
 */
import { readFileSync } from "node:fs"
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"

/** Sent with every answer, but where the answer has a policy of its own. */
export const securityHeaders = {
  "content-security-policy":
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff"
}

/** How long a connection may take to end when the server does: a client that reads nothing never ends its own. */
const lastWords = 500

/** Connections at once, where there are descriptors for them. Half of those are for files, the log and the jail. */
const maximumConnections = 4096

interface NodeServer {
  readonly server: Server
  /** Has every connection ended shortly, whatever its client does. */
  readonly endConnections: () => void
}

export const makeNodeServer = (): NodeServer => {
  const server = createServer({
    headersTimeout: 20_000,
    // A peer that is gone without a word is found out, and its socket ends.
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    // The guard says it in words.
    requireHostHeader: false,
    // Any other upgrade is declined by answering the request as it is.
    shouldUpgradeCallback: ({ headers, method }) => method === "GET" && headers.upgrade?.toLowerCase() === "websocket"
  })
  server.maxConnections = Math.min(maximumConnections, Math.floor(descriptorLimit() / 2))
  const connections = new Set<Socket>()
  server.on("connection", (socket: Socket) => {
    connections.add(socket)
    socket.once("close", () => connections.delete(socket))
  })
  const unfinished = new WeakMap<Duplex, Set<ServerResponse>>()
  server.prependListener("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    const responses = unfinished.get(socket) ?? new Set()
    unfinished.set(socket, responses.add(response))
    response.once("close", () => responses.delete(response))
  })
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const begun = [...(unfinished.get(socket) ?? [])].some((response) => response.headersSent)
    // Within an answer, words would be taken for a part of it.
    if (!socket.writable || begun || error.code === "ECONNRESET") socket.destroy()
    else socket.end(refusal(statusOf(error.code)), () => socket.destroy())
  })
  server.on("checkExpectation", (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(417, { ...replyHeaders, connection: "close" }).end(bodyOf(417))
  })
  const endConnections = () => {
    setTimeout(() => {
      for (const socket of connections) socket.destroy()
    }, lastWords)
  }
  return { server, endConnections }
}

const statusOf = (code: string | undefined): number => {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return 431
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return 413
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return 408
    default:
      return 400
  }
}

const sentences: Readonly<Record<number, string>> = {
  400: "This is not an HTTP request that can be read",
  408: "The request did not come in time",
  413: "The extensions of the body's chunks are too large",
  417: "The server does nothing of what Expect asks for, but for 100-continue",
  431: "The request's headers are larger than 16 KiB"
}

const replyHeaders = { "content-type": "application/json", "cache-control": "no-store", ...securityHeaders }

const bodyOf = (status: number): string => JSON.stringify({ success: false, error: sentences[status] })

const refusal = (status: number): string => {
  const body = bodyOf(status)
  const headers = Object.entries({ ...replyHeaders, "content-length": body.length, connection: "close" })
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...headers.map(([name, value]) => `${name}: ${value}`)]
  return `${lines.join("\r\n")}\r\n\r\n${body}`
}

/** Files and sockets that this process may have open (Node raises the soft limit to the hard one at its start). */
const descriptorLimit = (): number => {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1]
    return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
