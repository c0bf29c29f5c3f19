import type { HealthReply } from "@choiros/protocol"
import { CircleAlert, CircleCheck } from "lucide-react"
import { visibleText } from "../../content/plainText.ts"
import styles from "./Supervision.module.css"

const names: Readonly<Record<string, string>> = { database: "Database", actors: "Actors", jail: "Jail" }

/** What says "ok", or names what it runs by. The words of the computer itself decide whether it is healthy. */
export const HealthChecks = ({ health }: { readonly health: HealthReply }) => {
  const healthy = health.status === "healthy"
  const Icon = healthy ? CircleCheck : CircleAlert
  return (
    <div className={styles.health} data-healthy={healthy}>
      <span className={styles.status} role="status">
        <Icon size={16} strokeWidth={1.75} aria-hidden="true" />
        {healthy ? "Healthy" : "Degraded"}
      </span>
      <ul className={styles.checks} aria-label="Health checks">
        {Object.entries(health.checks).map(([name, words]) => (
          <li key={name} className={styles.check}>
            <span className={styles.muted}>{Object.hasOwn(names, name) ? names[name] : visibleText(name)}</span>{" "}
            {visibleText(words)}
          </li>
        ))}
        <li className={styles.check}>
          <span className={styles.muted}>Version</span> {health.version}
        </li>
      </ul>
    </div>
  )
}
