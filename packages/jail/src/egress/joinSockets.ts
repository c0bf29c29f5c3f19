/**
 * Two sockets become one line: what comes in at one end goes out at the other, with backpressure both ways.
 *
 * Law: an end that closes cleanly lets the other drain; an end that breaks, or a line that is silent for `idleMs`,
 * takes the other down. Both must have been made with `allowHalfOpen`, or a half-close would cut the answer off.
 */

import type { Socket } from "node:net"
import type { Duplex } from "node:stream"

export const joinSockets = (near: Socket, far: Duplex, idleMs: number): void => {
  // Every byte of either direction passes `near`, so its clock is the line's clock.
  near.setTimeout(idleMs, () => near.destroy())
  const bind = (one: Duplex, other: Duplex) => {
    one.on("error", () => other.destroy())
    one.on("close", () => {
      if (one.readableEnded && !one.errored) finish(other)
      else other.destroy()
    })
    one.pipe(other)
  }
  bind(near, far)
  bind(far, near)
}

/** Writes what is still queued, then closes; nothing that still arrives has anywhere to go. */
const finish = (duplex: Duplex) => {
  if (duplex.destroyed) return
  if (duplex.writableFinished) duplex.destroy()
  else duplex.end(() => duplex.destroy())
}
