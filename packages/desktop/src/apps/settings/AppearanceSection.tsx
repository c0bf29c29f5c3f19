/** How the desktop looks: the theme on every screen, the contrast on this one. */
import { useState, useSyncExternalStore } from "react"
import { useStore } from "zustand"
import { inWords } from "../../client/api.ts"
import { preferencesStore, setContrast, setTheme } from "../../state/preferences.ts"
import { SegmentedControl } from "../../ui/SegmentedControl.tsx"
import { Switch } from "../../ui/Switch.tsx"
import { Note, Part } from "./Part.tsx"

const themes = [
  { value: "dark", label: "Dark" },
  { value: "light", label: "Light" }
] as const

const lessMotion = window.matchMedia("(prefers-reduced-motion: reduce)")

const useLessMotion = (): boolean =>
  useSyncExternalStore(
    (tell) => {
      lessMotion.addEventListener("change", tell)
      return () => lessMotion.removeEventListener("change", tell)
    },
    () => lessMotion.matches
  )

export const AppearanceSection = () => {
  const { contrast, theme } = useStore(preferencesStore)
  const [problem, setProblem] = useState<string | null>(null)
  const reduced = useLessMotion()
  return (
    <>
      <Part
        title="Theme"
        intro="Kept on the computer, so that it is the same on every screen."
        end={
          <SegmentedControl
            label="Theme"
            options={themes}
            value={theme}
            onChange={(chosen) => {
              setProblem(null)
              setTheme(chosen).catch((error: unknown) => setProblem(inWords(error)))
            }}
          />
        }
      >
        {problem === null ? null : <Note tone="danger">It holds on this page only: {problem}</Note>}
      </Part>
      <Part title="Contrast" intro="Kept in this browser.">
        <Switch
          label="More contrast"
          hint="Stronger lines and text, no shades of grey behind them"
          checked={contrast === "more"}
          onChange={(more) => setContrast(more ? "more" : "normal")}
        />
      </Part>
      <Part title="Motion">
        <Note>
          {reduced
            ? "Your system asks for less motion, and the desktop follows: nothing slides or fades."
            : "The desktop follows your system: ask it for less motion, and nothing here slides or fades."}
        </Note>
      </Part>
    </>
  )
}
