/**
 * Where neighbours that are snapped meet.
 *
 * Law: a line lies over the windows that it is between, and under what is over these. Where one of them is covered (by one
 * that is maximized, or by a half over its quarters) there is none.
 */
import type { WindowState } from "@choiros/protocol"

export interface SplitterPlace {
  /** `x`: between left and right, over the whole height. Else between the quarters of a side. */
  readonly at: "x" | "left" | "right"
  /** The place in the order of windows, counted from 0, of the higher one of the two. */
  readonly index: number
}

/** `windows` from bottom to top. */
export const splittersOf = (windows: ReadonlyArray<WindowState>): ReadonlyArray<SplitterPlace> => {
  const between = (
    at: SplitterPlace["at"],
    isOne: (zone: string) => boolean,
    isOther: (zone: string) => boolean,
    covers: (window: WindowState) => boolean
  ): ReadonlyArray<SplitterPlace> => {
    const covered = windows.findLastIndex((window) => !window.hidden && covers(window))
    const top = (is: (zone: string) => boolean) =>
      windows.findLastIndex(
        ({ hidden, maximized, zone }, index) => index > covered && !hidden && !maximized && zone !== null && is(zone)
      )
    const [one, other] = [top(isOne), top(isOther)]
    return one === -1 || other === -1 ? [] : [{ at, index: Math.max(one, other) }]
  }
  return [
    ...between(
      "x",
      (zone) => zone.endsWith("left"),
      (zone) => zone.endsWith("right"),
      ({ maximized }) => maximized
    ),
    ...(["left", "right"] as const).flatMap((side) =>
      between(
        side,
        (zone) => zone === `top_${side}`,
        (zone) => zone === `bottom_${side}`,
        ({ maximized, zone }) => maximized || zone === side
      )
    )
  ]
}
