/**
 * The one way from the jail to the network: an HTTP proxy outside, on a unix socket that is bound into the jail.
 *
 * Law: it lives as long as its scope; when that closes, so does every connection through it.
 */
import { chmodSync, chownSync, lstatSync, unlinkSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { type Connect, type Resolve, systemResolver, tcpConnect } from "./dial.ts"
import { compilePolicy, type EgressPolicy, type EgressPolicyInvalid } from "./policy.ts"
import { defaultLimits, type EgressDecision, type EgressLimits, makeProxy } from "./proxy.ts"

export class EgressUnavailable extends Schema.TaggedError<EgressUnavailable>()("Egress.Unavailable", {
  socketPath: Schema.String,
  message: Schema.String
}) {}

export interface EgressOptions {
  /** In a folder that only we can write to. At most 107 bytes, as the kernel wants it. */
  readonly socketPath: string
  readonly policy: EgressPolicy
  /** Called for each request; it must not throw. */
  readonly onDecision?: (decision: EgressDecision) => void
  /** Who may connect, besides us: the jail's own user, when it is another. */
  readonly owner?: { readonly uid: number; readonly gid: number }
  readonly limits?: Partial<EgressLimits>
  /** Names to addresses; by default the system's resolver. */
  readonly resolve?: Resolve
  /** Opens a connection to an address that was found good; by default TCP. */
  readonly connect?: Connect
}

export interface Egress {
  readonly socketPath: string
  /** For everything from now on; open connections that it doesn't allow are cut. */
  readonly setPolicy: (policy: EgressPolicy) => Effect.Effect<void, EgressPolicyInvalid>
  /** How many connections are open. */
  readonly connections: Effect.Effect<number>
}

const MAX_SOCKET_PATH = 107

export const startEgress = Effect.fn("Egress.start")(function* (
  options: EgressOptions
): Effect.fn.Return<Egress, EgressUnavailable | EgressPolicyInvalid, Scope.Scope> {
  const { socketPath } = options
  const policy = yield* Effect.fromResult(compilePolicy(options.policy))
  const unavailable = (message: string) => new EgressUnavailable({ socketPath, message })
  if (Buffer.byteLength(socketPath) > MAX_SOCKET_PATH) {
    return yield* unavailable(
      `a socket's path has at most ${MAX_SOCKET_PATH} bytes: choose a shorter folder than ${socketPath}`
    )
  }
  yield* Effect.try({
    try: () => removeStale(socketPath),
    catch: (cause) => unavailable(`the socket of the jail's network can't be made at ${socketPath}: ${String(cause)}`)
  })

  const proxy = yield* Effect.acquireRelease(
    Effect.callback<ReturnType<typeof makeProxy>, EgressUnavailable>((resume) => {
      const made = makeProxy({
        policy,
        limits: { ...defaultLimits, ...options.limits },
        resolve: options.resolve ?? systemResolver(),
        connect: options.connect ?? tcpConnect,
        onDecision: options.onDecision ?? (() => undefined)
      })
      const failed = (cause: Error) =>
        resume(Effect.fail(unavailable(`the jail's network can't be opened at ${socketPath}: ${cause.message}`)))
      made.server.once("error", failed)
      made.server.listen(socketPath, () => {
        made.server.off("error", failed)
        resume(Effect.succeed(made))
      })
    }),
    ({ server, destroyAll }) =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        destroyAll()
      })
  )
  yield* Effect.try({
    try: () => {
      if (options.owner !== undefined) chownSync(socketPath, options.owner.uid, options.owner.gid)
      chmodSync(socketPath, 0o600)
    },
    catch: (cause) => unavailable(`the socket ${socketPath} can't be given to the jail: ${String(cause)}`)
  })

  return {
    socketPath,
    setPolicy: (next) => Effect.map(Effect.fromResult(compilePolicy(next)), proxy.setPolicy),
    connections: Effect.sync(proxy.connections)
  }
})

/** A server that was killed leaves its socket behind; anything else at that place isn't ours to remove. */
const removeStale = (path: string) => {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isSocket()) throw new Error("something that is no socket is there")
  unlinkSync(path)
}
