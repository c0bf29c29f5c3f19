/** The windows, from bottom to top, and what lies between them while they are arranged. */
import { type ReactNode, useEffect, useMemo, useRef } from "react"
import { useStore } from "zustand"
import { useShallow } from "zustand/react/shallow"
import { desktopStore } from "../state/desktop.ts"
import { Waiting } from "../ui/Late.tsx"
import { areaStore, watchArea } from "./area.ts"
import { snapStore } from "./drag.ts"
import { zoneRect } from "./geometry.ts"
import { late, PartCrash } from "./late.tsx"
import { focusPrompt } from "./prompt/focus.ts"
import { SnapSplitters } from "./SnapSplitters.tsx"
import styles from "./Windows.module.css"

/** Frames, their menus and their gestures come with the first window. */
const WindowFrame = late(async () => ({ default: (await import("./WindowFrame.tsx")).WindowFrame }))

/** `children` lie under the windows. */
export const Windows = ({ children }: { readonly children?: ReactNode }) => {
  const element = useRef<HTMLElement>(null)
  const ids = useStore(
    desktopStore,
    useShallow(({ state }) => state.windows.map(({ id }) => id))
  )
  const active = useStore(desktopStore, (store) => store.active)
  // In the order of their ids: an element that changes its place among its siblings loses its frame's page and its scroll.
  const drawn = useMemo(() => ids.map((id, index) => ({ id, index })).toSorted((a, b) => (a.id < b.id ? -1 : 1)), [ids])
  useEffect(() => (element.current === null ? undefined : watchArea(element.current)), [])
  // Where no window is left to have the keyboard, the prompt has it. On a small screen that would cover half of it with keys.
  useEffect(() => {
    if (active !== null || areaStore.getState().layout === "compact") return
    giveToPrompt()
    // A menu by which the last one was closed has let it go by then.
    const frame = requestAnimationFrame(giveToPrompt)
    return () => cancelAnimationFrame(frame)
  }, [active])
  return (
    <main ref={element} className={styles.area} aria-label="Windows">
      {children}
      <SnapPreview />
      {drawn.map(({ id, index }) => (
        <PartCrash key={id}>
          <Waiting fallback={null}>
            <WindowFrame id={id} index={index + 1} active={id === active} />
          </Waiting>
        </PartCrash>
      ))}
      <SnapSplitters />
    </main>
  )
}

/** What was in a window that is minimized can't be seen any more, and has the keyboard for a moment all the same. */
const giveToPrompt = (): void => {
  const { activeElement } = document
  if (activeElement === null || activeElement === document.body || !activeElement.checkVisibility()) focusPrompt()
}

const SnapPreview = () => {
  const snap = useStore(snapStore, (store) => store.snap)
  const { area, split } = useStore(areaStore)
  if (snap === null) return null
  const { height, width, x, y } = zoneRect(snap, area, split)
  return (
    <div
      className={styles.preview}
      data-snap={snap}
      style={{ width, height, transform: `translate(${x}px, ${y}px)` }}
    />
  )
}
