/** How the computer is, in signs: runs, what waits, what was spent, what was said, and the line to it. */
import { Bell, CircleDot, CirclePause, Hand } from "lucide-react"
import { useEffect } from "react"
import { useStore } from "zustand"
import { connectionStore } from "../../client/Connection.ts"
import { choirStore } from "../../state/choir.ts"
import { noticesStore } from "../../state/notices.ts"
import { usageStore } from "../../state/usage.ts"
import { waitingStore } from "../../state/waiting.ts"
import { classes } from "../../ui/classes.ts"
import { counted, money } from "../../ui/format.ts"
import { late } from "../late.tsx"
import { showStatus } from "../overlay.ts"
import { runsNowStore } from "../runsNow.ts"
import { ConnectionFace, connectionWords } from "./ConnectionFace.tsx"
import { StatusEntry } from "./StatusEntry.tsx"
import styles from "./status.module.css"

const RunsList = late(() => import("./RunsList.tsx"))
const WaitingList = late(() => import("./WaitingList.tsx"))
const Spend = late(() => import("./Spend.tsx"))
const NoticesList = late(() => import("./NoticesList.tsx"))
const ConnectionDetails = late(() => import("./ConnectionDetails.tsx"))

export const StatusCluster = () => {
  // Its lists go with it: a screen that has become narrow shows none of them.
  useEffect(() => () => showStatus(null), [])
  return (
    <div className={styles.cluster} role="group" aria-label="Status">
      <Runs />
      <Waiting />
      <SpentToday />
      <Notices />
      <Connection />
    </div>
  )
}

const Runs = () => {
  const paused = useStore(runsNowStore, ({ open }) => open.filter(({ phase }) => phase === "paused").length)
  const working = useStore(runsNowStore, ({ open }) => open.length) - paused
  const known = useStore(choirStore, (store) => store.known)
  const words = !known
    ? ["Which runs are at work is not known yet"]
    : [
        working === 0 ? "No run at work" : `${counted(working, "run")} at work`,
        ...(paused === 0 ? [] : [`${paused} paused`])
      ]
  return (
    <StatusEntry
      part="runs"
      title="Runs"
      label={words.join(", ")}
      face={
        <>
          <span className={classes(styles.pair, working > 0 && styles.working)}>
            <CircleDot size={14} strokeWidth={1.75} aria-hidden="true" />
            {known ? working : "–"}
          </span>
          {paused > 0 && (
            <span className={classes(styles.pair, styles.paused)}>
              <CirclePause size={14} strokeWidth={1.75} aria-hidden="true" />
              {paused}
            </span>
          )}
        </>
      }
    >
      <RunsList />
    </StatusEntry>
  )
}

export const useWaitingCount = (): number =>
  useStore(waitingStore, ({ waiting }) => waiting.approvals.size + waiting.questions.size)

const Waiting = () => {
  const count = useWaitingCount()
  const known = useStore(waitingStore, (store) => store.known)
  return (
    <StatusEntry
      part="waiting"
      title="What waits for you"
      label={
        !known
          ? "What waits for you is not known yet"
          : count === 0
            ? "Nothing waits for you"
            : `${counted(count, "thing")} ${count === 1 ? "waits" : "wait"} for you`
      }
      tone={count > 0 ? "warning" : "quiet"}
      face={
        <>
          <Hand size={14} strokeWidth={1.75} aria-hidden="true" />
          {known ? count : "–"}
        </>
      }
    >
      <WaitingList />
    </StatusEntry>
  )
}

const SpentToday = () => {
  const today = useStore(usageStore, (store) => store.today)
  const spent = today === null ? "–" : `${today.unpriced_calls > 0 && today.usd > 0 ? "over " : ""}${money(today.usd)}`
  return (
    <StatusEntry
      part="spend"
      title="Spent today"
      label={today === null ? "What was spent today is not known yet" : `${spent} spent today`}
      face={<span>{spent}</span>}
    >
      <Spend />
    </StatusEntry>
  )
}

const Notices = () => {
  const unseen = useStore(noticesStore, ({ notices, seen }) => notices.filter(({ id }) => id > seen).length)
  return (
    <StatusEntry
      part="notices"
      title="Notices"
      label={unseen === 0 ? "Notices" : `Notices, ${unseen} new`}
      face={
        <>
          <Bell size={14} strokeWidth={1.75} aria-hidden="true" />
          {unseen > 0 && unseen}
        </>
      }
    >
      <NoticesList />
    </StatusEntry>
  )
}

const Connection = () => {
  const connection = useStore(connectionStore)
  return (
    <StatusEntry
      part="connection"
      title="Connection"
      label={`Connection: ${connectionWords(connection)}`}
      tone={connection.status === "offline" ? "danger" : "quiet"}
      face={<ConnectionFace />}
    >
      <ConnectionDetails />
    </StatusEntry>
  )
}
