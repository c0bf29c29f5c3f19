/** The bottom of the page, which no window goes under: what is asked, what is open, how the computer is. */
import { useStore } from "zustand"
import { desktopStore } from "../state/desktop.ts"
import { Waiting } from "../ui/Late.tsx"
import { areaStore } from "./area.ts"
import styles from "./Bar.module.css"
import { ChoirLine } from "./ChoirLine.tsx"
import { CompactTabs } from "./CompactTabs.tsx"
import { compactStore } from "./compact.ts"
import { late, PartCrash } from "./late.tsx"
import { outputStore } from "./prompt/output.ts"
import { PromptBar } from "./prompt/PromptBar.tsx"
import { SentChips } from "./prompt/SentChips.tsx"
import { type SentLine, sentStore } from "./prompt/sent.ts"
import { StatusCluster } from "./status/StatusCluster.tsx"
import { Toasts } from "./Toasts.tsx"

// There is no list before the first window is.
const WindowList = late(async () => ({ default: (await import("./WindowList.tsx")).WindowList }))
const ShellOutput = late(() => import("./prompt/ShellOutput.tsx"))

export const Bar = () => {
  const layout = useStore(areaStore, (store) => store.layout)
  const hasWindows = useStore(desktopStore, ({ state }) => state.windows.length > 0)
  return (
    <footer className={styles.bar} data-layout={layout}>
      <Toasts />
      <Output />
      <ChoirLine />
      {layout === "compact" ? (
        <CompactBar />
      ) : (
        <div className={styles.rows}>
          <PromptBar />
          <div className={styles.row}>
            {hasWindows && (
              <PartCrash>
                <Waiting fallback={null}>
                  <WindowList />
                </Waiting>
              </PartCrash>
            )}
            <SentChips />
            <span className={styles.space} />
            <StatusCluster />
          </div>
        </div>
      )}
    </footer>
  )
}

/** An app has the screen to itself, and its own place to type where it has one. */
const CompactBar = () => {
  const view = useStore(compactStore, (store) => store.view)
  const isBare = useStore(desktopStore, (store) => store.active === null)
  const hasPrompt = view === "home" || view === "ask" || (view === null && isBare)
  return (
    <>
      {hasPrompt && (
        <div className={styles.rows}>
          <SentChips />
          <PromptBar />
        </div>
      )}
      <CompactTabs />
    </>
  )
}

const Output = () => {
  const shown = useStore(outputStore, (store) => store.shown)
  const line = useStore(sentStore, ({ sent }) =>
    sent.find((one): one is SentLine => one.kind === "shell" && one.id === shown)
  )
  return line === undefined ? null : (
    <PartCrash>
      <Waiting fallback={null}>
        <ShellOutput line={line} />
      </Waiting>
    </PartCrash>
  )
}
