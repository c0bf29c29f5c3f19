/**
 * How often something may be restarted: at most `intensity` times within `periodMs`, and how long to wait before each.
 */
import * as Duration from "effect/Duration"

export interface Backoff {
  /** Before the first restart within the period. */
  readonly initial: Duration.Input
  /** Each further restart waits this many times longer. */
  readonly factor: number
  readonly max: Duration.Input
}

export interface Limits {
  readonly intensity: number
  readonly periodMs: number
  readonly initialMs: number
  readonly factor: number
  readonly maxMs: number
}

export const millis = (input: Duration.Input): number =>
  typeof input === "number" ? input : Duration.toMillis(Duration.fromInputUnsafe(input))

export const limits = (spec: {
  readonly intensity: number
  readonly period: Duration.Input
  readonly backoff?: Backoff | undefined
}): Limits => {
  const backoff = spec.backoff ?? { initial: "100 millis", factor: 2, max: "10 seconds" }
  return {
    intensity: spec.intensity,
    periodMs: millis(spec.period),
    initialMs: millis(backoff.initial),
    factor: backoff.factor,
    maxMs: millis(backoff.max)
  }
}

export class Intensity {
  private times: Array<number> = []

  /** Counts a crash at `now`. Returns how long to wait before the restart, or `undefined` when it is one too many. */
  hit(limits: Limits, now: number): number | undefined {
    this.times = this.times.filter((time) => now - time <= limits.periodMs)
    if (this.times.length >= limits.intensity) return undefined
    this.times.push(now)
    return Math.min(limits.maxMs, limits.initialMs * limits.factor ** (this.times.length - 1))
  }
}
