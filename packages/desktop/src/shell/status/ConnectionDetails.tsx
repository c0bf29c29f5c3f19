import { useStore } from "zustand"
import { connectionStore } from "../../client/Connection.ts"
import { desktopStore } from "../../state/desktop.ts"
import { reconnectNow } from "../../state/sync.ts"
import { Button } from "../../ui/Button.tsx"
import { counted } from "../../ui/format.ts"
import styles from "./status.module.css"

const ConnectionDetails = () => {
  const { attempts, problem, replayed, status } = useStore(connectionStore)
  const pending = useStore(desktopStore, (store) => store.pending.length)
  return (
    <>
      <p className={styles.note} role="status">
        {problem === null ? words[status] : problemWords(problem)}
        {status === "live" && replayed !== null && ` The last reconnect replayed ${counted(replayed, "event")}.`}
        {status === "offline" && attempts > 1 && ` ${attempts} attempts so far.`}
        {status !== "live" && pending > 0 && ` ${counted(pending, "change")} of the desktop will follow then.`}
      </p>
      {status === "offline" && (
        <div className={styles.actions}>
          <Button variant={problem === null ? "primary" : "secondary"} onClick={reconnectNow}>
            Try now
          </Button>
          {problem !== null && (
            <Button variant="primary" onClick={() => location.reload()}>
              Reload the page
            </Button>
          )}
        </div>
      )}
    </>
  )
}

const words = {
  live: "Live: what happens on the computer shows here as it happens.",
  connecting: "Connecting to the computer.",
  catching_up: "Connected: what happened meanwhile is being read.",
  offline:
    "The computer does not answer. What runs there does not need this page, and what you see is what was known last. Windows can be moved; agents and shells can't be told anything until it is back."
} as const

const problemWords = (problem: string): string =>
  `The computer is there, but this page can't read from it what is on the desktop: ${problem}. What you see is what was known last.`

export default ConnectionDetails
