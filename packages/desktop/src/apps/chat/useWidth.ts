import { type RefObject, useLayoutEffect, useState } from "react"

/** The width of an element, for what is laid out in another way and not only in another size. */
export const useWidth = (element: RefObject<HTMLElement | null>): number => {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const { current } = element
    if (current === null) return
    const measure = () => setWidth((before) => (current.clientWidth === 0 ? before : current.clientWidth))
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(current)
    return () => observer.disconnect()
  }, [element])
  return width
}
