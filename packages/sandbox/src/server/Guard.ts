/**
 * The server's door: who may ask, and from which page.
 *
 * Law: a request is served only when its Host is ours, its Origin (if it has one) is ours wherever state changes or a
 * socket opens, and its sender is known: the token, or on loopback a process of our own user.
 */

import { createHash, timingSafeEqual } from "node:crypto"
import { IncomingMessage } from "node:http"
import { isIPv4, isIPv6 } from "node:net"
import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import { peerUid } from "./PeerUid.ts"
import { fail, type HttpFailure } from "./Route.ts"

export interface GuardOptions {
  /** Host names that are ours besides loopback's: the bound one, and those the operator names. */
  readonly hostNames: ReadonlyArray<string>
  /** Null: no token is needed (loopback, peers are known by their uid). */
  readonly token: string | null
}

export const cookieName = "choiros_token"

const loopbackNames = ["localhost", "127.0.0.1", "[::1]"]

/** Passes or fails a request before its route is looked up. */
export const guard = Effect.fnUntraced(function* (
  request: HttpServerRequest.HttpServerRequest,
  options: GuardOptions,
  changesState: boolean
): Effect.fn.Return<void, HttpFailure> {
  const { source } = request
  if (source instanceof IncomingMessage && source.headersDistinct.host?.length !== 1) {
    return yield* fail(400, "A request has one Host header")
  }
  if (!hasOwnHost(request, options))
    return yield* fail(
      421,
      "This server does not answer for that Host; its operator names further ones with CHOIR_HOST_NAMES"
    )
  const { origin } = request.headers
  const upgrade = request.headers.upgrade !== undefined
  if (changesState || upgrade) {
    if (origin !== undefined && !isOwnOrigin(origin, hostOf(request))) {
      return yield* fail(403, "A page of another origin may not do this")
    }
    const site = request.headers["sec-fetch-site"]
    if (site !== undefined && site !== "same-origin" && site !== "none") {
      return yield* fail(403, "A page of another site may not do this")
    }
    // An image or a link in a text of others is asked for by our own page, in its name.
    const made = request.headers["sec-fetch-dest"]
    if (request.method === "GET" && !upgrade && site === "same-origin" && made !== undefined && made !== "empty") {
      return yield* fail(403, "A page does this by its script alone, not by a link or an image")
    }
  }
  if (options.token !== null) {
    if (presentedTokens(request).some((presented) => isEqual(presented, options.token ?? ""))) return
    return yield* fail(
      401,
      "A token is needed: open the address that the server printed, or send Authorization: Bearer"
    )
  }
  const uid =
    source instanceof IncomingMessage
      ? yield* Effect.tryPromise({
          try: () => peerUid(source.socket),
          catch: () => fail(503, "The server can't tell who asks; it may have too many connections. Try again")
        })
      : null
  const own = process.getuid?.() ?? -1
  if (uid !== own && uid !== 0) return yield* fail(403, "Only the user who runs this server may use it without a token")
})

/** Compared over digests, so neither the length nor the first difference shows in the time it takes. */
export const isEqual = (presented: string, token: string): boolean => timingSafeEqual(digest(presented), digest(token))

const digest = (text: string): Buffer => createHash("sha256").update(text).digest()

const presentedTokens = (request: HttpServerRequest.HttpServerRequest): ReadonlyArray<string> => {
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1]
  const cookie = request.cookies[cookieName]
  return [bearer, cookie].filter((value) => value !== undefined)
}

const hostOf = (request: HttpServerRequest.HttpServerRequest): string => (request.headers.host ?? "").toLowerCase()

/** With a token any address will do: only a name can be rebound, and a machine may be reached by many addresses. */
export const hasOwnHost = (
  request: HttpServerRequest.HttpServerRequest,
  { hostNames, token }: GuardOptions
): boolean => {
  const name = hostOf(request).replace(/:\d+$/, "")
  return (
    loopbackNames.includes(name) ||
    hostNames.some((own) => own.toLowerCase() === name || `[${own.toLowerCase()}]` === name) ||
    (token !== null && (isIPv4(name) || (name.startsWith("[") && name.endsWith("]") && isIPv6(name.slice(1, -1)))))
  )
}

const isOwnOrigin = (origin: string, host: string): boolean => {
  const match = /^https?:\/\/([^/]+)$/.exec(origin.toLowerCase())
  return match?.[1] === host
}
