/**
 * The HTTP proxy on the way out of the jail: requests with an absolute URL, and CONNECT for everything else.
 *
 * Law: nothing leaves that `policy` didn't let through twice, by name and by address. What goes through a tunnel is never
 * looked at (TLS stays end to end); what is forwarded is written anew from parsed parts, so that no two readers of one
 * request disagree about it.
 */
import {
  type ClientRequest,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse
} from "node:http"
import type { Socket } from "node:net"
import { networkInterfaces } from "node:os"
import { type Duplex, pipeline } from "node:stream"
import { canonicalAddress } from "./address.ts"
import { type Connect, dialFirst, type Resolve } from "./dial.ts"
import { joinSockets } from "./joinSockets.ts"
import { type CompiledPolicy, parseTarget, type Refusal, refuseAddress, refuseTarget, type Target } from "./policy.ts"

/** What was asked for and what came of it; one for each request, when it is known. */
export interface EgressDecision {
  /** `CONNECT`, or the method of a plain request. */
  readonly method: string
  /** As far as it could be read, at most 253 characters; empty when it couldn't. */
  readonly host: string
  readonly port: number
  readonly outcome: "allowed" | "refused" | "failed"
  readonly reason: Refusal["reason"] | "too_many_connections" | "unreachable" | null
  /** The address that was dialled. */
  readonly address: string | null
}

export interface EgressLimits {
  /** At once; beyond it the answer is 503. */
  readonly connections: number
  /** A line on which no byte goes either way for this long is closed. */
  readonly idleMs: number
  /** To read a request's header. */
  readonly headerMs: number
  readonly headerBytes: number
  /** To resolve a name and connect. */
  readonly connectMs: number
}

export const defaultLimits: EgressLimits = {
  connections: 256,
  idleMs: 10 * 60_000,
  headerMs: 30_000,
  headerBytes: 16 * 1024,
  connectMs: 30_000
}

export interface Proxy {
  readonly server: Server
  /** For what is asked from now on; open tunnels that it doesn't allow are cut. */
  readonly setPolicy: (policy: CompiledPolicy) => void
  readonly connections: () => number
  readonly destroyAll: () => void
}

interface Answer {
  readonly status: 400 | 403 | 431 | 502 | 503
  readonly message: string
  readonly decision: Pick<EgressDecision, "outcome" | "reason">
}

type Way = { readonly socket: Socket; readonly address: string } | Answer

export const makeProxy = (options: {
  readonly policy: CompiledPolicy
  readonly limits: EgressLimits
  readonly resolve: Resolve
  readonly connect: Connect
  readonly onDecision: (decision: EgressDecision) => void
}): Proxy => {
  const { limits } = options
  let policy = options.policy
  const clients = new Set<Socket>()
  /** What each outgoing connection was allowed for. */
  const outgoing = new Map<Socket, { readonly target: Target; readonly address: string }>()

  const findWay = async (target: Target, signal: AbortSignal): Promise<Way> => {
    if (clients.size > limits.connections) {
      const message = `there are more than ${limits.connections} connections through this proxy; close some`
      return { status: 503, message, decision: { outcome: "refused", reason: "too_many_connections" } }
    }
    const refusal = refuseTarget(policy, target)
    if (refusal !== null) return refused(refusal)
    try {
      const found = target.address === null ? await within(options.resolve(target.host), signal) : [bare(target.host)]
      const own = ownAddresses()
      const allowed = found.filter((address) => refuseAddress(policy, target, address, own) === null)
      const first = found[0]
      if (allowed.length === 0 && first !== undefined) {
        const reason = refuseAddress(policy, target, first, own)
        if (reason !== null) return refused(reason)
      }
      const way = await dialFirst(allowed, target.port, {
        connect: options.connect,
        timeoutMs: limits.connectMs,
        signal
      })
      // The policy may have changed while the name was resolved.
      const late = refuseTarget(policy, target) ?? refuseAddress(policy, target, way.address, own)
      if (late !== null) {
        way.socket.destroy()
        return refused(late)
      }
      outgoing.set(way.socket, { target, address: way.address })
      way.socket.once("close", () => outgoing.delete(way.socket))
      return way
    } catch (cause) {
      const message = `${target.host}:${target.port} can't be reached: ${reasonOf(cause)}`
      return { status: 502, message, decision: { outcome: "failed", reason: "unreachable" } }
    }
  }

  const open = async (method: string, target: Target | Refusal, client: Duplex): Promise<Way> => {
    const gone = new AbortController()
    const abort = () => gone.abort()
    const deadline = setTimeout(abort, limits.connectMs)
    client.once("close", abort)
    const way = "message" in target ? refused(target) : await findWay(target, gone.signal)
    clearTimeout(deadline)
    client.off("close", abort)
    const place = "message" in target ? { host: "", port: 0 } : { host: target.host, port: target.port }
    options.onDecision(
      "socket" in way
        ? { method, ...place, outcome: "allowed", reason: null, address: way.address }
        : { method, ...place, ...way.decision, address: null }
    )
    return way
  }

  const tunnel = async (request: IncomingMessage, client: Socket, head: Buffer) => {
    // Until it is joined nobody else would listen.
    const broken = () => client.destroy()
    client.on("error", broken)
    client.setTimeout(limits.idleMs, broken)
    const way = await open("CONNECT", parseTarget(request.url ?? "", null), client)
    if (!("socket" in way)) return answerRaw(client, way)
    if (client.destroyed) {
      way.socket.destroy()
      return
    }
    client.setTimeout(0, broken)
    client.write("HTTP/1.1 200 Connection established\r\n\r\n")
    if (head.length > 0) way.socket.write(head)
    joinSockets(client, way.socket, limits.idleMs)
  }

  const forward = async (request: IncomingMessage, response: ServerResponse) => {
    const method = request.method ?? "GET"
    const url = parseUrl(request.url ?? "")
    const way = await open(method, "message" in url ? url : url.target, request.socket)
    if (!("socket" in way)) return answer(response, way)
    if ("message" in url || response.destroyed) {
      way.socket.destroy()
      return
    }
    let upstream: ClientRequest
    try {
      upstream = httpRequest({
        createConnection: () => way.socket,
        method,
        path: url.path,
        headers: ["Host", url.authority, "Connection", "close", ...endToEnd(request.rawHeaders, forRequest)]
      })
    } catch {
      way.socket.destroy()
      return answer(
        response,
        refused({ reason: "malformed", message: "the request has a header or path that HTTP doesn't allow" })
      )
    }
    response.once("close", () => way.socket.destroy())
    upstream.once("response", (incoming) => {
      try {
        // The reason phrase is left out: it may hold bytes that we must not pass on.
        response.writeHead(incoming.statusCode ?? 0, endToEnd(incoming.rawHeaders, forResponse))
      } catch (cause) {
        upstream.destroy(toError(cause))
        return
      }
      pipeline(incoming, response, () => undefined)
    })
    const fail = (cause: Error) => {
      if (response.headersSent) {
        response.destroy()
        return
      }
      const message = `${url.authority} didn't answer as an HTTP server does: ${reasonOf(cause)}`
      answer(response, { status: 502, message, decision: { outcome: "failed", reason: "unreachable" } })
    }
    upstream.on("error", fail)
    upstream.once("upgrade", (_, socket) => {
      socket.destroy()
      fail(new Error("it changed the protocol, unasked"))
    })
    // A failure of either side shows as the error of `upstream` or the close of `response`.
    pipeline(request, upstream, () => undefined)
  }

  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headerMs,
    // A body may take as long as it moves.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(limits.headerMs, 5_000)
  })
  server.timeout = limits.idleMs
  server.maxConnections = limits.connections * 2
  server.on("connection", (client: Socket) => {
    clients.add(client)
    client.once("close", () => clients.delete(client))
  })
  server.on("connect", (request: IncomingMessage, client: Socket, head: Buffer) => {
    tunnel(request, client, head).catch((cause) => client.destroy(toError(cause)))
  })
  server.on("request", (request, response) => {
    forward(request, response).catch((cause) => response.destroy(toError(cause)))
  })
  server.on("clientError", (error: NodeJS.ErrnoException, client: Socket) => {
    if (!client.writable || error.code === "ECONNRESET") {
      client.destroy()
      return
    }
    const tooLarge = error.code === "HPE_HEADER_OVERFLOW"
    const message = tooLarge
      ? `the request's header is larger than ${limits.headerBytes} bytes`
      : "this is not a request that a proxy understands"
    answerRaw(client, { ...refused({ reason: "malformed", message }), status: tooLarge ? 431 : 400 })
  })

  return {
    server,
    setPolicy: (next) => {
      policy = next
      const own = ownAddresses()
      for (const [socket, { target, address }] of outgoing) {
        if (refuseTarget(policy, target) !== null || refuseAddress(policy, target, address, own) !== null)
          socket.destroy()
      }
    },
    connections: () => clients.size,
    destroyAll: () => {
      for (const socket of [...clients, ...outgoing.keys()]) socket.destroy()
    }
  }
}

/** Services of this machine listen on its public addresses too. */
const ownAddresses = (): ReadonlySet<string> => {
  const own = new Set<string>()
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address } of addresses ?? []) own.add(canonicalAddress(address) ?? address)
  }
  return own
}

const refused = ({ reason, message }: Refusal): Answer => ({
  status: reason === "malformed" ? 400 : 403,
  message,
  decision: { outcome: "refused", reason }
})

const bare = (host: string) => (host.startsWith("[") ? host.slice(1, -1) : host)

const absolute = /^http:\/\/([^/?#]*)([^#]*)/i

const parseUrl = (
  url: string
): { readonly target: Target | Refusal; readonly authority: string; readonly path: string } | Refusal => {
  const [, authority, rest] = absolute.exec(url) ?? []
  if (authority === undefined || rest === undefined) {
    return {
      reason: "malformed",
      message: "this is a proxy: send it an absolute http:// URL, or CONNECT host:port for everything else"
    }
  }
  const target = parseTarget(authority, 80)
  if ("message" in target) return target
  return {
    target,
    authority: target.port === 80 ? target.host : `${target.host}:${target.port}`,
    path: rest.startsWith("/") ? rest : `/${rest}`
  }
}

/** Headers that end at this hop (RFC 9110, 7.6.1); a message's framing is written anew by Node from what stays. */
const hop = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "upgrade"
]
const forRequest = new Set([...hop, "host", "expect"])
const forResponse = new Set(hop)

const endToEnd = (raw: ReadonlyArray<string>, without: ReadonlySet<string>): Array<string> => {
  const pairs: Array<readonly [string, string]> = []
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at] ?? "", raw[at + 1] ?? ""])
  const named = pairs
    .filter(([name]) => name.toLowerCase() === "connection")
    .flatMap(([, value]) =>
      value
        .toLowerCase()
        .split(",")
        .map((name) => name.trim())
    )
  return pairs.filter(([name]) => !without.has(name.toLowerCase()) && !named.includes(name.toLowerCase())).flat()
}

const phrases: Record<Answer["status"], string> = {
  400: "Bad Request",
  403: "Refused by the network policy",
  431: "Request Header Fields Too Large",
  502: "Bad Gateway",
  503: "Service Unavailable"
}

const sentence = (message: string) => `ChoirOS: ${message}.\n`

const answer = (response: ServerResponse, { status, message }: Answer) => {
  const body = Buffer.from(sentence(message))
  response.writeHead(status, phrases[status], {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": body.length,
    Connection: "close"
  })
  response.end(body)
}

/** How long someone may take to read a refusal. */
const LINGER_MS = 5_000

const answerRaw = (client: Socket, { status, message }: Answer) => {
  const body = Buffer.from(sentence(message))
  const head = `HTTP/1.1 ${status} ${phrases[status]}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`
  client.setTimeout(LINGER_MS, () => client.destroy())
  // What the client still sends is read and dropped, or closing would take the answer back.
  client.resume()
  client.end(Buffer.concat([Buffer.from(head), body]))
}

const within = <A>(promise: Promise<A>, signal: AbortSignal): Promise<A> =>
  new Promise((resolve, reject) => {
    const abandon = () => reject(new Error("its name wasn't resolved in time"))
    signal.addEventListener("abort", abandon)
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abandon))
  })

const toError = (cause: unknown) => (cause instanceof Error ? cause : new Error(String(cause)))

const codes: Record<string, string> = {
  ENOTFOUND: "there is no host of this name",
  EAI_AGAIN: "the name can't be resolved at the moment",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was reset",
  ENETUNREACH: "its network can't be reached",
  EHOSTUNREACH: "its network can't be reached",
  ETIMEDOUT: "it doesn't answer"
}

const reasonOf = (cause: unknown): string => {
  const error = toError(cause)
  const code = "code" in error && typeof error.code === "string" ? error.code : ""
  return codes[code] ?? (code === "" ? error.message : code)
}
