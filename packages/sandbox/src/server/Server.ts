/**
 * The HTTP server: every room's routes behind one door, with the same headers and the same words for what is wrong.
 *
 * Law: no request reaches a route, and no unknown path an answer, before the guard has passed it.
 */
import { createServer as createSocketServer } from "node:net"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Scope from "effect/Scope"
import { StartError } from "../Config.ts"
import { maximumFrame } from "./Connection.ts"
import { cookieName, type GuardOptions, guard, hasOwnHost, isEqual } from "./Guard.ts"
import { makeNodeServer, securityHeaders } from "./nodeServer.ts"
import { defectResponse, fail, failureResponse, type Route, targetOf, toRouterRoutes } from "./Route.ts"

export interface ServerOptions extends GuardOptions {
  readonly port: number
  readonly host: string
  /** Answers GET requests that no route takes: the desktop's files. Undefined: there is nothing there. */
  readonly page: (
    request: HttpServerRequest.HttpServerRequest
  ) => Effect.Effect<HttpServerResponse.HttpServerResponse | undefined>
}

/** Listens until the scope closes; then sockets are closed with 1001. Gives the port. */
export const listen = Effect.fnUntraced(function* (
  routes: ReadonlyArray<Route>,
  options: ServerOptions
): Effect.fn.Return<number, StartError, Scope.Scope> {
  // Two scopes, closed one after the other: the server's end waits for its sockets, so those must be closed before it.
  const serving = yield* Scope.make()
  const listening = yield* Scope.make()
  const { endConnections, server: nodeServer } = makeNodeServer()
  yield* Effect.addFinalizer((exit) =>
    Scope.close(serving, exit).pipe(
      Effect.andThen(Effect.sync(endConnections)),
      Effect.andThen(Scope.close(listening, exit))
    )
  )
  const server = yield* NodeHttpServer.make(() => nodeServer, {
    port: options.port,
    host: options.host,
    gracefulShutdownTimeout: "300 millis",
    websocket: { maxPayload: maximumFrame }
  }).pipe(
    Scope.provide(listening),
    Effect.mapError((error) => new StartError({ message: listenFailure(error.cause, options) }))
  )
  const routed = yield* HttpRouter.toHttpEffect(
    HttpRouter.addAll(toRouterRoutes(routes, (request, changesState) => guard(request, options, changesState)))
  ).pipe(Effect.provideService(HttpRouter.RouterConfig, { maxParamLength: longestParameter }))
  const answered = Effect.flatMap(HttpServerRequest.HttpServerRequest, (received) => {
    const request = withPlainPath(received)
    const answer = request.url.startsWith("/")
      ? (exchangeToken(request, options) ??
        Effect.catchTag(routed, "HttpServerError", () => unrouted(request, options)))
      : unrouted(request, options)
    return answer.pipe(
      Effect.provideService(HttpServerRequest.HttpServerRequest, request),
      Effect.catchCause((cause) => defectResponse(cause, { method: request.method }, "success")),
      Effect.map((response) => withHeaders(response, request))
    )
  })
  yield* server.serve(answered).pipe(Scope.provide(serving))
  const { address } = server
  return address._tag === "UnixPathAddress" ? options.port : address.port
})

/** 256 characters of four UTF-8 bytes each, percent-encoded. */
const longestParameter = 256 * 12

/** The router takes `;` for the end of a path, where an id may hold one. */
const withPlainPath = (request: HttpServerRequest.HttpServerRequest): HttpServerRequest.HttpServerRequest => {
  const { path, search } = targetOf(request)
  return path.includes(";") ? request.modify({ url: path.replaceAll(";", "%3B") + search }) : request
}

const unrouted = Effect.fnUntraced(
  function* (request: HttpServerRequest.HttpServerRequest, options: ServerOptions) {
    yield* guard(request, options, request.method !== "GET" && request.method !== "HEAD")
    if (!request.url.startsWith("/")) return yield* fail(400, "The request's target is not a path")
    const page = request.method === "GET" || request.method === "HEAD" ? yield* options.page(request) : undefined
    return page ?? failureResponse({ status: 404, message: "There is nothing at this path" }, "success")
  },
  Effect.catch((failure) => Effect.succeed(failureResponse(failure, "success")))
)

/** The printed address carries the token once; it becomes a cookie that scripts can't read. */
const exchangeToken = (
  request: HttpServerRequest.HttpServerRequest,
  options: ServerOptions
): Effect.Effect<HttpServerResponse.HttpServerResponse> | undefined => {
  if (options.token === null || request.method !== "GET" || !request.url.startsWith("/?")) return undefined
  if (!hasOwnHost(request, options)) return undefined
  const presented = new URLSearchParams(targetOf(request).search).get("token")
  if (presented === null || !isEqual(presented, options.token)) return undefined
  return Effect.succeed(
    HttpServerResponse.redirect("/", { status: 303 }).pipe(
      HttpServerResponse.setCookieUnsafe(cookieName, options.token, {
        httpOnly: true,
        sameSite: "strict",
        path: "/",
        maxAge: "365 days"
      })
    )
  )
}

const withHeaders = (
  response: HttpServerResponse.HttpServerResponse,
  request: HttpServerRequest.HttpServerRequest
): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.setHeaders(response, {
    "cache-control": "no-store",
    ...securityHeaders,
    ...response.headers,
    // Node ends the connection of an upgrade that was refused; a client that pools connections must know.
    ...(request.headers.upgrade === undefined ? {} : { connection: "close" })
  })

/** Fails in words when the port can't be had now. */
export const portIsFree = (options: Pick<ServerOptions, "host" | "port">): Effect.Effect<void, StartError> =>
  Effect.callback((resume) => {
    const trial = createSocketServer()
    trial.once("error", (error) => resume(Effect.fail(new StartError({ message: listenFailure(error, options) }))))
    trial.listen(options.port, options.host, () => trial.close(() => resume(Effect.void)))
  })

const listenFailure = (cause: unknown, { host, port }: Pick<ServerOptions, "host" | "port">): string => {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} on ${host} is in use; stop what uses it, or choose another with --port (PORT)`
    case "EACCES":
      return `Port ${port} needs more rights than this user has; choose one above 1023 with --port (PORT)`
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${host} is not an address of this machine; choose another with --host (HOST)`
    default:
      return `The server can't listen on ${host}:${port}: ${cause instanceof Error ? cause.message : String(cause)}`
  }
}
