import { useStore } from "zustand"
import { connectionStore } from "../../client/Connection.ts"
import { desktopStore } from "../../state/desktop.ts"
import { reconnectNow } from "../../state/sync.ts"
import { Button } from "../../ui/Button.tsx"
import { counted } from "../../ui/format.ts"
import styles from "./status.module.css"

const ConnectionDetails = () => {
  const { attempts, replayed, status } = useStore(connectionStore)
  const pending = useStore(desktopStore, (store) => store.pending.length)
  return (
    <>
      <p className={styles.note} role="status">
        {words[status]}
        {status === "live" && replayed !== null && ` The last reconnect replayed ${counted(replayed, "event")}.`}
        {status === "offline" && attempts > 1 && ` ${attempts} attempts so far.`}
        {status !== "live" && pending > 0 && ` ${counted(pending, "change")} of the desktop will follow then.`}
      </p>
      {status === "offline" && (
        <div className={styles.actions}>
          <Button variant="primary" onClick={reconnectNow}>
            Try now
          </Button>
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
    "The computer does not answer. What runs there goes on without this page, and what you see is what was known last. Windows can be moved; agents and shells can't be told anything until it is back."
} as const

export default ConnectionDetails
