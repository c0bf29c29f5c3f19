/** The way around a narrow screen. */
import { CircleDot, Ellipsis, House, Inbox, MessageSquarePlus } from "lucide-react"
import type { ReactNode } from "react"
import { useStore } from "zustand"
import { desktopStore } from "../state/desktop.ts"
import { openApp } from "../state/windows.ts"
import styles from "./CompactTabs.module.css"
import { compactStore, showView } from "./compact.ts"
import { focusPrompt } from "./prompt/focus.ts"
import { runsNowStore } from "./runsNow.ts"
import { useWaitingCount } from "./status/StatusCluster.tsx"

export const CompactTabs = () => {
  const view = useStore(compactStore, (store) => store.view)
  const app = useStore(
    desktopStore,
    ({ active, state }) => state.windows.find(({ id }) => id === active)?.app_id ?? null
  )
  const working = useStore(runsNowStore, ({ open }) => open.length)
  const waiting = useWaitingCount()
  const isApp = (id: string) => view === null && app === id
  const isHome = view === "home" || (view === null && app === null)
  return (
    <nav aria-label="Places" className={styles.tabs}>
      <Tab label="Home" icon={<House />} current={isHome} onClick={() => showView("home")} />
      <Tab
        label="Runs"
        icon={<CircleDot />}
        count={working}
        current={isApp("choir")}
        onClick={() => openApp("choir")}
      />
      <Tab
        label="Ask"
        icon={<MessageSquarePlus />}
        current={view === "ask"}
        onClick={() => {
          showView("ask")
          focusPrompt()
        }}
      />
      <Tab
        label="Inbox"
        icon={<Inbox />}
        count={waiting}
        attention
        current={isApp("inbox")}
        onClick={() => openApp("inbox")}
      />
      <Tab label="More" icon={<Ellipsis />} current={view === "more"} onClick={() => showView("more")} />
    </nav>
  )
}

interface TabProps {
  readonly label: string
  readonly icon: ReactNode
  readonly count?: number
  readonly attention?: boolean
  readonly current: boolean
  readonly onClick: () => void
}

const Tab = ({ attention = false, count = 0, current, icon, label, onClick }: TabProps) => (
  <button
    type="button"
    className={styles.tab}
    aria-current={current ? "page" : undefined}
    aria-label={count === 0 ? label : `${label}, ${count}`}
    onClick={onClick}
  >
    <span className={styles.icon}>
      {icon}
      {count > 0 && (
        <span className={styles.count} data-attention={attention}>
          {count}
        </span>
      )}
    </span>
    {label}
  </button>
)
