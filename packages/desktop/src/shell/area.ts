/** The part of the page that windows have, and how the screen is laid out. */
import { createStore } from "zustand/vanilla"
import { middle, type Size, type Split } from "./geometry.ts"
import { type Layout, layoutOf } from "./layout.ts"

const key = "choiros.split"

const storedSplit = (): Split => {
  try {
    const [x, y] = (localStorage.getItem(key) ?? "").split(" ").map(Number)
    const isPart = (value: number | undefined): value is number => value !== undefined && value >= 0.1 && value <= 0.9
    return isPart(x) && isPart(y) ? { x, y } : middle
  } catch {
    return middle
  }
}

export const areaStore = createStore<{ readonly area: Size; readonly layout: Layout; readonly split: Split }>(() => ({
  area: { width: window.innerWidth, height: window.innerHeight },
  layout: layoutOf(window.innerWidth),
  split: storedSplit()
}))

/** Of this screen alone: where neighbours meet depends on how large it is. */
export const setSplit = (split: Split): void => {
  areaStore.setState({ split })
  try {
    localStorage.setItem(key, `${split.x} ${split.y}`)
  } catch {
    // Without storage they meet in the middle the next time.
  }
}

/** Keeps the store with an element's size; returns the way to stop. */
export const watchArea = (element: HTMLElement): (() => void) => {
  const observer = new ResizeObserver(() => {
    const { clientHeight: height, clientWidth: width } = element
    // A page that is being hidden has no size, which is no reason to lay it out anew.
    if (width > 0 && height > 0) areaStore.setState({ area: { width, height }, layout: layoutOf(window.innerWidth) })
  })
  observer.observe(element)
  return () => observer.disconnect()
}
