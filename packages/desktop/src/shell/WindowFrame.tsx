/** A window: its frame, its title bar, its eight handles, and the app inside. */
import { findWindow, type WindowState } from "@choiros/protocol"
import { Copy, Minus, Square, X } from "lucide-react"
import { memo, type PointerEvent as ReactPointerEvent, useCallback, useEffect, useMemo, useRef } from "react"
import { useStore } from "zustand"
import { appIcon, catalogEntry } from "../apps/catalog.tsx"
import { desktopStore, isMeant, refusedStore } from "../state/desktop.ts"
import { dragsStore } from "../state/drags.ts"
import { askedStore, closeWindow, focusWindow, minimizeWindow, toggleMaximized, withAsked } from "../state/windows.ts"
import { IconButton } from "../ui/IconButton.tsx"
import { Waiting } from "../ui/Late.tsx"
import { Loading } from "../ui/Loading.tsx"
import { ContextMenu } from "../ui/Menu.tsx"
import { AppCrash } from "./AppCrash.tsx"
import { areaStore } from "./area.ts"
import { startMove, startResize } from "./drag.ts"
import { type Handle, rectOf, whileDragged } from "./geometry.ts"
import { placeOf, placeRect } from "./layout.ts"
import { setWindowTitle, titleOf, titlesStore } from "./titles.ts"
import { UnknownApp } from "./UnknownApp.tsx"
import styles from "./WindowFrame.module.css"
import { windowMenu } from "./windowMenu.tsx"

const handles: ReadonlyArray<Handle> = ["n", "s", "e", "w", "ne", "nw", "se", "sw"]

export const WindowFrame = memo(
  ({ id, index, active }: { readonly id: string; readonly index: number; readonly active: boolean }) => {
    const window = useStore(desktopStore, ({ state }) => findWindow(state, id))
    return window === undefined ? null : <Frame window={window} index={index} active={active} />
  }
)

interface FrameProps {
  readonly window: WindowState
  readonly index: number
  readonly active: boolean
}

const Frame = ({ active, index, window }: FrameProps) => {
  const { id } = window
  const { area, layout, split } = useStore(areaStore)
  const place = useStore(desktopStore, ({ state }) => placeOf(layout, state.windows, id))
  const drag = useStore(dragsStore, ({ drags }) => drags.get(id))
  const app = useStore(desktopStore, ({ state }) => state.apps.find((one) => one.id === window.app_id))
  const name = useStore(titlesStore, ({ titles }) => titleOf(window, titles))
  const easesBack = useStore(refusedStore, ({ windows }) => windows.has(id))
  const setTitle = useCallback((title: string) => setWindowTitle(id, title), [id])
  const element = useRef<HTMLElement>(null)
  const isFree = place === "free"
  const isVisible = !window.hidden && place !== "none"
  const rect =
    isFree || place === "none" ? whileDragged(window, rectOf(window, area, split), drag) : placeRect(place, area, split)

  // Keyboard focus goes with the front, unless it is in the window already, or in the prompt.
  useEffect(() => {
    const frame = element.current
    if (!active || !isMeant(id) || frame === null || frame.contains(document.activeElement)) return
    if (document.activeElement?.closest("[data-keeps-focus]") === null || document.activeElement === document.body) {
      frame.focus({ preventScroll: true })
    }
  }, [active, id])

  const pressed = useCallback(() => focusWindow(id), [id])
  const begin = (event: ReactPointerEvent, handle: Handle | null) => {
    if (event.button !== 0 || element.current === null) return
    if (event.target instanceof Element && event.target.closest("button, input, a") !== null) return
    if (handle === null) startMove(event.nativeEvent, element.current, id)
    else startResize(event.nativeEvent, element.current, id, handle, app)
  }
  const Icon = appIcon(window.app_id)

  // In three dimensions each window is a layer of its own, and what one draws has no other drawn anew.
  return (
    <section
      ref={element}
      className={styles.frame}
      aria-label={name}
      tabIndex={-1}
      hidden={!isVisible}
      data-window={id}
      data-app={window.app_id}
      data-active={active}
      data-eases-back={easesBack || undefined}
      data-mode={!isFree || window.maximized ? "maximized" : (window.zone ?? "normal")}
      style={{
        width: rect.width,
        height: rect.height,
        transform: `translate3d(${rect.x}px, ${rect.y}px, 0)`,
        zIndex: index
      }}
      onPointerDownCapture={pressed}
    >
      <ContextMenu items={windowMenu(window)}>
        <header
          className={styles.bar}
          onPointerDown={(event) => begin(event, null)}
          onDoubleClick={(event) => {
            if (isFree && event.target instanceof Element && event.target.closest("button") === null)
              toggleMaximized(id)
          }}
        >
          <Icon className={styles.icon} aria-hidden />
          <h2 className={styles.title}>{name}</h2>
          <div className={styles.buttons}>
            <IconButton
              size="s"
              label="Minimize"
              icon={<Minus size={14} strokeWidth={1.75} />}
              onClick={() => minimizeWindow(id)}
            />
            {isFree && (
              <IconButton
                size="s"
                label={window.maximized ? "Restore" : "Maximize"}
                icon={
                  window.maximized ? <Copy size={13} strokeWidth={1.75} /> : <Square size={12} strokeWidth={1.75} />
                }
                onClick={() => toggleMaximized(id)}
              />
            )}
            <IconButton
              size="s"
              label="Close"
              icon={<X size={15} strokeWidth={1.75} />}
              onClick={() => closeWindow(id)}
            />
          </div>
        </header>
      </ContextMenu>
      <WindowBody window={window} active={active} visible={isVisible} setTitle={setTitle} />
      {window.maximized || !isFree
        ? null
        : handles.map((handle) => (
            <div
              key={handle}
              className={`${styles.handle} ${styles[handle]}`}
              data-handle={handle}
              onPointerDown={(event) => begin(event, handle)}
            />
          ))}
    </section>
  )
}

interface BodyProps {
  readonly window: WindowState
  readonly active: boolean
  readonly visible: boolean
  readonly setTitle: (title: string) => void
}

/** Apart from the frame, so that a window that moves does not draw its app anew. */
const WindowBody = memo(
  ({ active, setTitle, visible, window }: BodyProps) => {
    const { app_id, id } = window
    const asked = useStore(askedStore, (store) => store.asked.get(id))
    const props = useMemo(
      () => ({ ...withAsked(window.props, asked), asked: asked?.times ?? 0 }),
      [window.props, asked]
    )
    const app = catalogEntry(app_id)
    if (app === undefined) return <UnknownApp app_id={app_id} window_id={id} />
    return (
      <div className={styles.body}>
        <AppCrash>
          <Waiting fallback={<Loading label="Opening" />}>
            <app.Component window_id={id} props={props} active={active} visible={visible} setTitle={setTitle} />
          </Waiting>
        </AppCrash>
      </div>
    )
  },
  (before, after) =>
    before.active === after.active &&
    before.window.id === after.window.id &&
    before.window.props === after.window.props &&
    before.visible === after.visible
)
