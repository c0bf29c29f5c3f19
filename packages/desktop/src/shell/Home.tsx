/** What lies under the windows: the apps, and, where no window is to be seen, what to begin with and where one was. */
import { threadsOf } from "@choiros/protocol"
import { useMemo } from "react"
import { useStore } from "zustand"
import { appIcon, standaloneApps } from "../apps/catalog.tsx"
import { plainName } from "../content/plainText.ts"
import { desktopStore } from "../state/desktop.ts"
import { me } from "../state/session.ts"
import { threadsStore } from "../state/threads.ts"
import { focusWindow, openApp } from "../state/windows.ts"
import { Waiting } from "../ui/Late.tsx"
import { areaStore } from "./area.ts"
import { compactStore, showView } from "./compact.ts"
import styles from "./Home.module.css"
import { late, PartCrash } from "./late.tsx"
import { openThread, titleOfThread } from "./prompt/options.ts"
import { beginWith } from "./prompt/send.ts"
import { starters } from "./starters.ts"
import { titleOf, titlesStore } from "./titles.ts"

const More = late(() => import("./More.tsx"))

export const Home = () => {
  const layout = useStore(areaStore, (store) => store.layout)
  const view = useStore(compactStore, (store) => store.view)
  const isBare = useStore(desktopStore, ({ state }) => state.windows.every(({ hidden }) => hidden))
  if (layout === "compact" && view === "more") {
    return (
      <div className={styles.cover}>
        <PartCrash onCrash={() => showView("home")}>
          <Waiting fallback={null}>
            <More />
          </Waiting>
        </PartCrash>
      </div>
    )
  }
  const covers = layout === "compact" && view !== null
  return (
    <div className={covers ? styles.cover : styles.home}>
      {(layout !== "compact" || view !== "ask") && <Apps />}
      {(isBare || covers) && <Start />}
    </div>
  )
}

const Apps = () => (
  <nav aria-label="Apps" className={styles.apps}>
    {standaloneApps.map(({ id, name }) => {
      const Icon = appIcon(id)
      return (
        <button key={id} type="button" className={styles.app} onClick={() => openApp(id)}>
          <span className={styles.icon}>
            <Icon size={20} strokeWidth={1.5} aria-hidden="true" />
          </span>
          <span className={styles.name}>{name}</span>
        </button>
      )
    })}
  </nav>
)

const mostRecent = 6

const Start = () => {
  const threads = useStore(threadsStore, (store) => store.threads)
  const recent = useMemo(
    () =>
      threadsOf(threads, me)
        .filter(({ archived, parent_run_id }) => !archived && parent_run_id === null)
        .slice(0, mostRecent),
    [threads]
  )
  return (
    <div className={styles.start}>
      <h1 className={styles.heading}>What should be done?</h1>
      <p className={styles.words}>Type it below, or begin with one of these.</p>
      <ul className={styles.starters}>
        {starters.map(({ agent, icon: Icon, id, objective, title }) => (
          <li key={id}>
            <button type="button" className={styles.starter} onClick={() => beginWith(objective, agent)}>
              <Icon size={18} strokeWidth={1.5} aria-hidden="true" />
              <span className={styles.starterWords}>
                <span>{title}</span>
                <span className={styles.objective}>{objective}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <Minimized />
      {recent.length > 0 && (
        <section aria-label="Recent threads" className={styles.recent}>
          <h2 className={styles.sub}>Where you were</h2>
          <ul>
            {recent.map((thread) => (
              <li key={`${thread.session_id} ${thread.thread_id}`}>
                <button type="button" className={styles.thread} onClick={() => openThread(thread)}>
                  {titleOfThread(thread)}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}

/** Windows that are open and not seen. */
const Minimized = () => {
  const windows = useStore(desktopStore, ({ state }) => state.windows)
  const titles = useStore(titlesStore, (store) => store.titles)
  if (windows.length === 0) return null
  return (
    <section aria-label="Open windows" className={styles.recent}>
      <h2 className={styles.sub}>Open windows</h2>
      <ul>
        {windows.toReversed().map((window) => {
          const Icon = appIcon(window.app_id)
          return (
            <li key={window.id}>
              <button type="button" className={styles.thread} onClick={() => focusWindow(window.id)}>
                <Icon size={16} strokeWidth={1.75} aria-hidden="true" />
                {plainName(titleOf(window, titles))}
              </button>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
