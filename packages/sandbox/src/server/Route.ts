/**
 * How a room of the sandbox offers its part of the wire: routes as data, bodies decoded at the border, failures in words.
 *
 * Law: a handler sees decoded input only, and a client sees words only (never a stack, never an internal path).
 */
import { ulid } from "@choiros/protocol"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/** An answer that is not a success: a status and what is wrong, in words. */
export class HttpFailure extends Schema.TaggedError<HttpFailure>()("Http.Failure", {
  status: Schema.Int,
  message: Schema.String,
  /** Fields beside `success` and `error`. */
  extra: Schema.optional(Schema.Record(Schema.String, Schema.Unknown))
}) {}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE"

export interface RequestContext {
  readonly request: HttpServerRequest.HttpServerRequest
  /** A path parameter: percent-decoded, 1 to 256 characters, no NUL. */
  readonly param: (name: string) => string
  readonly query: URLSearchParams
}

export type Handler = (
  context: RequestContext
) => Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  HttpFailure,
  Scope.Scope | HttpServerRequest.HttpServerRequest
>

export interface Route {
  readonly method: Method
  readonly path: `/${string}`
  readonly handler: Handler
  /** How a failure looks: the contract's `{"success":false,"error"}`, or `{"error"}` alone. */
  readonly failure: "success" | "bare"
  /** A GET that changes state (the old terminal routes): guarded as a state-changing request. */
  readonly changesState: boolean
}

export const route = (
  method: Method,
  path: `/${string}`,
  handler: Handler,
  options: { readonly failure?: Route["failure"]; readonly changesState?: boolean } = {}
): Route => ({
  method,
  path,
  handler,
  failure: options.failure ?? "success",
  changesState: options.changesState ?? method !== "GET"
})

export const ok = (body: unknown, status = 200): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.jsonUnsafe(body, { status })

export const fail = (status: number, message: string, extra?: Readonly<Record<string, unknown>>): HttpFailure =>
  extra === undefined ? new HttpFailure({ status, message }) : new HttpFailure({ status, message, extra })

export const failureResponse = (
  failure: {
    readonly status: number
    readonly message: string
    readonly extra?: Readonly<Record<string, unknown>> | undefined
  },
  shape: Route["failure"]
): HttpServerResponse.HttpServerResponse =>
  ok(
    shape === "bare" ? { error: failure.message } : { success: false, error: failure.message, ...failure.extra },
    failure.status
  )

/** Largest request body, in bytes. */
const maximumBody = 2 * 1024 * 1024

/** Reads and decodes a JSON body: 415 wrong media type, 413 too large, 400 malformed, 422 well-formed but wrong. */
export const jsonBody = <A>(
  request: HttpServerRequest.HttpServerRequest,
  schema: Schema.Codec<A, unknown>
): Effect.Effect<A, HttpFailure> => {
  const decode = Schema.decodeUnknownEffect(schema)
  return Effect.gen(function* () {
    const mediaType = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? ""
    if (mediaType !== "application/json" && !mediaType.endsWith("+json")) {
      return yield* fail(415, "The body must be JSON: send it with Content-Type: application/json")
    }
    const bytes = yield* readBody(request, maximumBody)
    const text = yield* Effect.try({
      try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
      catch: () => fail(400, "The body is not valid UTF-8")
    })
    const value: unknown = yield* Effect.try({
      try: () => JSON.parse(text),
      catch: () => fail(400, "The body is not valid JSON")
    })
    return yield* decode(value).pipe(Effect.mapError((error) => fail(422, `Invalid body: ${inOneLine(error.message)}`)))
  })
}

/** Reads a whole body of at most `limit` bytes. */
export const readBody = (
  request: HttpServerRequest.HttpServerRequest,
  limit: number
): Effect.Effect<Uint8Array, HttpFailure> => {
  const tooLarge = fail(413, `The body is larger than ${limit / 1024 / 1024} MiB`)
  if (Number(request.headers["content-length"] ?? 0) > limit) return Effect.fail(tooLarge)
  const chunks: Array<Uint8Array> = []
  let size = 0
  return request.stream.pipe(
    Stream.mapError(() => fail(400, "The body could not be read")),
    Stream.runForEach((chunk) => {
      size += chunk.byteLength
      if (size > limit) return Effect.fail(tooLarge)
      chunks.push(chunk)
      return Effect.void
    }),
    Effect.map(() => Buffer.concat(chunks))
  )
}

/** Decodes a query parameter or another string that came from outside; 422 in words otherwise. */
export const decodeField = <A>(
  schema: Schema.Codec<A, unknown>,
  name: string,
  value: unknown
): Effect.Effect<A, HttpFailure> =>
  Schema.decodeUnknownEffect(schema)(value).pipe(
    Effect.mapError((error) => fail(422, `Invalid ${name}: ${inOneLine(error.message)}`))
  )

const inOneLine = (text: string): string => text.replace(/\s+/g, " ").slice(0, 500)

/** Passes a request, or fails it in words, before its handler sees it. */
export type Guard = (
  request: HttpServerRequest.HttpServerRequest,
  changesState: boolean
) => Effect.Effect<void, HttpFailure>

/**
 * A request's target, cut at its `?`. Not by the rules of `URL`, where `//name` is a host and `//[` can't be read.
 */
export const targetOf = ({ url }: { readonly url: string }): { readonly path: string; readonly search: string } => {
  const [target = ""] = url.split("#", 1)
  const at = target.indexOf("?")
  return at < 0 ? { path: target, search: "" } : { path: target.slice(0, at), search: target.slice(at) }
}

/** Turns routes into routes of Effect's router: 405 where a path exists with other methods, 500 in words for a defect. */
export const toRouterRoutes = (
  routes: ReadonlyArray<Route>,
  guard: Guard = () => Effect.void
): ReadonlyArray<HttpRouter.Route<never, HttpServerRequest.HttpServerRequest | Scope.Scope>> => {
  const byPath = new Map<`/${string}`, Array<Route>>()
  for (const entry of routes) byPath.set(entry.path, [...(byPath.get(entry.path) ?? []), entry])
  return [...byPath].flatMap(([path, entries]) => [
    ...entries.map((entry) => HttpRouter.route(entry.method, path, handle(entry, guard))),
    ...methods
      .filter((method) => entries.every((entry) => entry.method !== method))
      .map((method) => HttpRouter.route(method, path, notHandled(entries, guard)))
  ])
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"] as const

/** What a path answers to methods that no route takes: 405, or for OPTIONS what it does take. */
const notHandled = (entries: ReadonlyArray<Route>, guard: Guard) => {
  const taken = entries.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method]))
  const allow = [...taken, "OPTIONS"].join(", ")
  const shape = entries[0]?.failure ?? "success"
  const message = `Method not allowed; this path takes ${allow}`
  return Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    yield* guard(request, request.method !== "OPTIONS")
    const response =
      request.method === "OPTIONS"
        ? HttpServerResponse.empty({ status: 204 })
        : failureResponse({ status: 405, message }, shape)
    return HttpServerResponse.setHeader(response, "allow", allow)
  }).pipe(Effect.catch((failure) => Effect.succeed(failureResponse(failure, shape))))
}

const handle = (entry: Route, guard: Guard) =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { params } = yield* HttpRouter.RouteContext
    yield* guard(request, entry.changesState)
    for (const value of Object.values(params)) {
      if (value === undefined || value.length < 1 || value.length > 256 || value.includes("\0")) {
        return yield* fail(422, "An id has 1 to 256 characters, none of them NUL")
      }
    }
    const context: RequestContext = {
      request,
      param: (name) => params[name] ?? "",
      query: new URLSearchParams(targetOf(request).search)
    }
    return yield* entry.handler(context)
  }).pipe(
    Effect.catch((failure) => Effect.succeed(failureResponse(failure, entry.failure))),
    Effect.catchCause((cause) => defectResponse(cause, { method: entry.method, path: entry.path }, entry.failure))
  )

/** What a client hears of a defect: words, and where the log has the rest. An interruption goes on as one. */
export const defectResponse = <E>(
  cause: Cause.Cause<E>,
  annotations: Readonly<Record<string, string>>,
  shape: Route["failure"]
): Effect.Effect<HttpServerResponse.HttpServerResponse, E> => {
  if (Cause.hasInterruptsOnly(cause)) return Effect.failCause(cause)
  const correlation_id = ulid()
  const message = `Internal error; the server's log has the details under correlation id ${correlation_id}`
  return Effect.logError("A request failed", cause).pipe(
    Effect.annotateLogs({ correlation_id, ...annotations }),
    Effect.as(failureResponse({ status: 500, message }, shape))
  )
}
