import { BudgetsReply, type UsageLine, UsageReply } from "@choiros/protocol"
import { useCallback, useEffect, useState } from "react"
import { useStore } from "zustand"
import { get, inWords } from "../../client/api.ts"
import { usageStore } from "../../state/usage.ts"
import { openApp } from "../../state/windows.ts"
import { Button } from "../../ui/Button.tsx"
import { count, money, tokens } from "../../ui/format.ts"
import { Loading } from "../../ui/Loading.tsx"
import { showStatus } from "../overlay.ts"
import styles from "./status.module.css"

interface Read {
  readonly agents: ReadonlyArray<UsageLine>
  readonly models: ReadonlyArray<UsageLine>
  readonly caps: BudgetsReply["today"]
}

const readSpend = async (): Promise<Read> => {
  const { today } = await get("/usage", UsageReply)
  const since = today.day
  const [agents, models, budgets] = await Promise.all([
    get("/usage", UsageReply, { by: "agent", since }),
    get("/usage", UsageReply, { by: "model", since }),
    get("/budgets", BudgetsReply)
  ])
  return { agents: agents.lines, models: models.lines, caps: budgets.today }
}

const Spend = () => {
  const today = useStore(usageStore, (store) => store.today)
  const [read, setRead] = useState<Read | null>(null)
  const [error, setError] = useState<string | null>(null)
  const ask = useCallback(() => {
    setError(null)
    readSpend().then(setRead, (reason: unknown) => setError(inWords(reason)))
  }, [])
  const calls = today?.calls ?? 0
  useEffect(() => {
    // Each further call means other lines.
    if (calls >= 0) ask()
  }, [ask, calls])
  if (error !== null) {
    return (
      <>
        <p className={styles.note}>{error}</p>
        <div className={styles.actions}>
          <Button onClick={ask}>Try again</Button>
        </div>
      </>
    )
  }
  if (read === null) return <Loading label="what was spent today" lines={3} />
  const moneyCaps = read.caps.flatMap(({ budget, scope, subject, used }) =>
    budget.usd === undefined ? [] : [{ scope, subject, used: used.usd, limit: budget.usd }]
  )
  return (
    <>
      {read.agents.length === 0 ? (
        <p className={styles.note}>No model was called today (UTC).</p>
      ) : (
        <>
          <Lines caption="By agent" lines={read.agents} name={({ agent, key }) => agent ?? key} />
          <Lines caption="By model" lines={read.models} name={({ key, model }) => model ?? key} />
        </>
      )}
      {today !== null && today.unpriced_calls > 0 && (
        <p className={styles.note}>
          {count(today.unpriced_calls)} {today.unpriced_calls === 1 ? "call has" : "calls have"} no known price and{" "}
          {today.unpriced_calls === 1 ? "is" : "are"} not in the sum.
        </p>
      )}
      <p className={styles.note}>
        {moneyCaps.length === 0
          ? "No cap on money is set for today."
          : moneyCaps
              .map(
                ({ limit, scope, subject, used }) =>
                  `${scope === "day" ? "The day" : subject}: ${money(used)} of ${money(limit)}`
              )
              .join(". ")}
      </p>
      <div className={styles.actions}>
        <Button
          size="s"
          onClick={() => {
            showStatus(null)
            openApp("settings", { section: "limits" })
          }}
        >
          Set limits
        </Button>
      </div>
    </>
  )
}

interface LinesProps {
  readonly caption: string
  readonly lines: ReadonlyArray<UsageLine>
  readonly name: (line: UsageLine) => string
}

const Lines = ({ caption, lines, name }: LinesProps) => (
  <table className={styles.table}>
    <caption>{caption}</caption>
    <tbody>
      {lines.map((line) => (
        <tr key={line.key}>
          <th scope="row">{name(line)}</th>
          <td>{tokens(line.total.tokens)} tokens</td>
          <td>{money(line.total.usd)}</td>
        </tr>
      ))}
    </tbody>
  </table>
)

export default Spend
