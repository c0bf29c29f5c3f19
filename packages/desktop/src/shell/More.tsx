/** What has no tab of its own on a narrow screen. */
import { appIcon, standaloneApps } from "../apps/catalog.tsx"
import { openApp } from "../state/windows.ts"
import { Button } from "../ui/Button.tsx"
import { Waiting } from "../ui/Late.tsx"
import { Loading } from "../ui/Loading.tsx"
import { late } from "./late.tsx"
import styles from "./More.module.css"
import { showOverlay } from "./overlay.ts"

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
      <section aria-label="Notices" className={styles.part}>
        <h2>Notices</h2>
        <NoticesList />
      </section>
      <section aria-label="Spent today" className={styles.part}>
        <h2>Spent today</h2>
        <Spend />
      </section>
      <section aria-label="Connection" className={styles.part}>
        <h2>Connection</h2>
        <ConnectionDetails />
      </section>
    </Waiting>
  </div>
)

export default More
