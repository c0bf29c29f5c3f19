/**
 * One sweep for the deadlines of all calls: a timer a call would halve their rate.
 *
 * Law: there is at most one sleeping fiber a tree, and none when nothing waits for long.
 *
 * Deadlines of one duration fall due in the order they were set, so each duration has a lane, and a lane's head is its
 * earliest. The sleeper wakes at the earliest head; an answered call leaves its lane at once and never wakes anyone.
 */
import type * as Fiber from "effect/Fiber"
import { Chain, Link } from "./Chain.ts"

export interface Timed {
  readonly deadline: number
  expire(): void
}

export interface Timers {
  /** Monotonic milliseconds. */
  now(): number
  /** Runs `act` after `milliseconds`; the fiber is interrupted to call it off. */
  after(milliseconds: number, act: () => void): Fiber.Fiber<void>
}

export class Deadlines {
  private readonly timers: Timers
  private readonly lanes = new Map<number, Chain<Timed>>()
  private sleeper: Fiber.Fiber<void> | undefined = undefined
  private wakesAt = Number.POSITIVE_INFINITY

  constructor(timers: Timers) {
    this.timers = timers
  }

  add(milliseconds: number, timed: Timed): Link<Timed> {
    let lane = this.lanes.get(milliseconds)
    if (lane === undefined) {
      lane = new Chain()
      this.lanes.set(milliseconds, lane)
    }
    const link = Link.append(lane, timed)
    if (timed.deadline < this.wakesAt) this.sleepUntil(timed.deadline)
    return link
  }

  close(): void {
    this.sleeper?.interruptUnsafe()
    this.sleeper = undefined
    this.wakesAt = Number.POSITIVE_INFINITY
    this.lanes.clear()
  }

  private sleepUntil(deadline: number): void {
    this.sleeper?.interruptUnsafe()
    this.wakesAt = deadline
    this.sleeper = this.timers.after(Math.ceil(deadline - this.timers.now()), this.sweep)
  }

  private readonly sweep = (): void => {
    this.sleeper = undefined
    this.wakesAt = Number.POSITIVE_INFINITY
    const now = this.timers.now()
    let earliest = Number.POSITIVE_INFINITY
    for (const [milliseconds, lane] of this.lanes) {
      let head = lane.first
      while (head !== undefined && head.value.deadline <= now) {
        head.remove()
        head.value.expire()
        head = lane.first
      }
      if (head === undefined) this.lanes.delete(milliseconds)
      else earliest = Math.min(earliest, head.value.deadline)
    }
    // A caller that was just told may have set an earlier one already.
    if (earliest < this.wakesAt) this.sleepUntil(earliest)
  }
}
