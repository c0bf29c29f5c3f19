import { plainName } from "../content/plainText.ts"
import { AgentMark } from "../ui/AgentMark.tsx"
import styles from "./PlanParts.module.css"

/** The parts of a plan as a call proposed them: whatever is in its arguments, without trust in their shape. */
export const PlanParts = ({ parts }: { readonly parts: unknown }) => {
  const rows = Array.isArray(parts) ? parts.flatMap(rowOf) : []
  if (rows.length === 0) return null
  return (
    <ol className={styles.parts}>
      {rows.map((row) => (
        <li key={row.id}>
          <div className={styles.head}>
            <code className={styles.id}>{row.id}</code>
            {row.owner === "" ? null : (
              <span className={styles.owner}>
                <AgentMark name={row.owner} size={14} />
                {row.owner}
              </span>
            )}
            {row.after === "" ? null : <span className={styles.after}>after {row.after}</span>}
          </div>
          <p className={styles.objective}>{row.objective}</p>
        </li>
      ))}
    </ol>
  )
}

const rowOf = (part: unknown) => {
  if (typeof part !== "object" || part === null) return []
  const fields: Readonly<Record<string, unknown>> = { ...part }
  const text = (name: string): string => (typeof fields[name] === "string" ? plainName(fields[name]) : "")
  const after = Array.isArray(fields.after) ? fields.after.filter((id) => typeof id === "string").map(plainName) : []
  const id = text("id")
  return id === ""
    ? []
    : [{ id, objective: text("objective"), owner: text("agent") || text("capability"), after: after.join(", ") }]
}
