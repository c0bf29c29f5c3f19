/** What lies over the desktop is loaded when it is first asked for. */
import { lazy, Suspense } from "react"
import { useStore } from "zustand"
import { overlayStore, showOverlay } from "./overlay.ts"
import { Switcher } from "./Switcher.tsx"

const Palette = lazy(() => import("./palette/Palette.tsx"))
const ShortcutSheet = lazy(() => import("./palette/ShortcutSheet.tsx"))
const FirstRun = lazy(() => import("./first/FirstRun.tsx"))

const close = () => showOverlay(null)

export const Overlays = () => {
  const overlay = useStore(overlayStore, (store) => store.overlay)
  return (
    <>
      <Switcher />
      <Suspense fallback={null}>
        {overlay === "palette" && <Palette onClose={close} />}
        {overlay === "shortcuts" && <ShortcutSheet onClose={close} />}
        {overlay === "first_run" && <FirstRun onClose={close} />}
      </Suspense>
    </>
  )
}
