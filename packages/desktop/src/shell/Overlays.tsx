/** What lies over the desktop. */
import { useStore } from "zustand"
import { Waiting } from "../ui/Late.tsx"
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
        <Waiting fallback={null}>
          {overlay === "palette" && <Palette onClose={close} />}
          {overlay === "shortcuts" && <ShortcutSheet onClose={close} />}
          {overlay === "first_run" && <FirstRun onClose={close} />}
        </Waiting>
      </PartCrash>
    </>
  )
}
