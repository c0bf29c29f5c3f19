/** What lies over the desktop. */
import { Suspense } from "react"
import { useStore } from "zustand"
import { late, PartCrash } from "./late.tsx"
import { overlayStore, showOverlay } from "./overlay.ts"
import { Switcher } from "./Switcher.tsx"

const Palette = late(() => import("./palette/Palette.tsx"))
const ShortcutSheet = late(() => import("./palette/ShortcutSheet.tsx"))
const FirstRun = late(() => import("./first/FirstRun.tsx"))

const close = () => showOverlay(null)

export const Overlays = () => {
  const overlay = useStore(overlayStore, (store) => store.overlay)
  return (
    <>
      <Switcher />
      <PartCrash attempt={overlay} onCrash={close}>
        <Suspense fallback={null}>
          {overlay === "palette" && <Palette.Part onClose={close} />}
          {overlay === "shortcuts" && <ShortcutSheet.Part onClose={close} />}
          {overlay === "first_run" && <FirstRun.Part onClose={close} />}
        </Suspense>
      </PartCrash>
    </>
  )
}
