/** What has no tab of its own on a narrow screen. */
import { type ReactNode, useEffect, useRef } from "react"
import { useStore } from "zustand"
import { appIcon, standaloneApps } from "../apps/catalog.tsx"
import { openApp } from "../state/windows.ts"
import { Button } from "../ui/Button.tsx"
import { Waiting } from "../ui/Late.tsx"
import { Loading } from "../ui/Loading.tsx"
import { compactStore, showView } from "./compact.ts"
import { late } from "./late.tsx"
import styles from "./More.module.css"
import { type StatusPart, showOverlay } from "./overlay.ts"

const Spend = late(() => import("./status/Spend.tsx"))
const NoticesList = late(() => import("./status/NoticesList.tsx"))
const ConnectionDetails = late(() => import("./status/ConnectionDetails.tsx"))

const inTabs = new Set(["choir", "inbox"])

const More = () => (
  <div className={styles.more}>
    <h1 className={styles.heading}>More</h1>
    <ul className={styles.apps}>
      {standaloneApps
        .filter(({ id }) => !inTabs.has(id))
        .map(({ id, name }) => {
          const Icon = appIcon(id)
          return (
            <li key={id}>
              <button type="button" className={styles.app} onClick={() => openApp(id)}>
                <Icon size={18} strokeWidth={1.5} aria-hidden="true" />
                {name}
              </button>
            </li>
          )
        })}
    </ul>
    <Button onClick={() => showOverlay("palette")}>Search commands</Button>
    <Waiting fallback={<Loading label="the rest" />}>
      <Part part="notices" title="Notices">
        <NoticesList />
      </Part>
      <Part part="spend" title="Spent today">
        <Spend />
      </Part>
      <Part part="connection" title="Connection">
        <ConnectionDetails />
      </Part>
    </Waiting>
  </div>
)

interface PartProps {
  readonly part: StatusPart
  readonly title: string
  readonly children: ReactNode
}

const Part = ({ children, part, title }: PartProps) => {
  const section = useRef<HTMLElement>(null)
  const isAsked = useStore(compactStore, (store) => store.part === part)
  useEffect(() => {
    if (!isAsked) return
    section.current?.scrollIntoView({ block: "start" })
    section.current?.focus({ preventScroll: true })
    // Asked for again, it is shown again.
    showView("more")
  }, [isAsked])
  return (
    <section ref={section} aria-label={title} className={styles.part} tabIndex={-1}>
      <h2>{title}</h2>
      {children}
    </section>
  )
}

export default More
