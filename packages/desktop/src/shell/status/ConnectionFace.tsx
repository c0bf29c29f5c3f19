import { useEffect, useState } from "react"
import { useStore } from "zustand"
import { type Connection, connectionStore } from "../../client/Connection.ts"
import { counted } from "../../ui/format.ts"
import { useNow } from "../../ui/useNow.ts"
import styles from "./status.module.css"

/** Milliseconds that the catching up is spoken of. */
const toldFor = 6_000

/** Without the countdown: that is for the eye. */
export const connectionWords = ({ problem, status }: Pick<Connection, "problem" | "status">): string => {
  switch (status) {
    case "live":
      return "live"
    case "connecting":
      return "connecting"
    case "catching_up":
      return "catching up"
    case "offline":
      return problem === null ? "the computer does not answer" : "the computer answers with an error"
  }
}

export const ConnectionFace = () => {
  const connection = useStore(connectionStore)
  const { problem, replayed, retryAt, status } = connection
  const [told, setTold] = useState(false)
  useEffect(() => {
    if (status !== "live" || replayed === null) return setTold(false)
    setTold(true)
    const timer = setTimeout(() => setTold(false), toldFor)
    return () => clearTimeout(timer)
  }, [status, replayed])
  return (
    <>
      <span className={styles.dot} data-status={status} />
      {retryAt !== null ? (
        <Countdown until={retryAt} words={problem === null ? "Reconnecting in" : "Error, trying again in"} />
      ) : told && replayed !== null ? (
        `Replayed ${counted(replayed, "event")}`
      ) : (
        connectionWords(connection)
      )}
    </>
  )
}

const Countdown = ({ until, words }: { readonly until: number; readonly words: string }) => {
  const now = useNow(500)
  return (
    <>
      {words} {Math.max(0, Math.ceil((until - now) / 1_000))} s
    </>
  )
}
