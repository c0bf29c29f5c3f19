/** What the tree's models read and said: by step for the chosen run, in sums for each. Money is the computer's own count. */
import { type UsageLine, UsageReply } from "@choiros/protocol"
import { useCallback, useEffect, useState } from "react"
import { get, inWords } from "../../client/api.ts"
import { onLive } from "../../client/Connection.ts"
import { plainName } from "../../content/plainText.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Button } from "../../ui/Button.tsx"
import { classes } from "../../ui/classes.ts"
import { money, tokens } from "../../ui/format.ts"
import { late, Waiting } from "../../ui/Late.tsx"
import { Loading } from "../../ui/Loading.tsx"
import type { Selection } from "./selection.ts"
import styles from "./Tokens.module.css"
import type { RunSteps } from "./traceStore.ts"
import type { TreeRow } from "./tree.ts"

const TokenChart = late(() => import("./TokenChart.tsx"))

interface TokensProps {
  readonly rows: ReadonlyArray<TreeRow>
  readonly runs: ReadonlyMap<string, RunSteps>
  readonly selected: Selection
  readonly onSelect: (selection: Selection) => void
  readonly onOpen: (selection: Selection) => void
  readonly onPoint: (selection: Selection | null) => void
}

export const Tokens = ({ rows, runs, selected, onSelect, onOpen, onPoint }: TokensProps) => {
  const { run_id } = selected
  const of = runs.get(run_id)
  const calls = rows.reduce((sum, { card }) => sum + card.spent.calls, 0)
  const usage = useUsage(rows[0]?.card.run_id ?? run_id, calls)
  return (
    <div className={styles.tokens}>
      <ul className={styles.legend}>
        <li className={styles.cached}>Cached input</li>
        <li className={styles.input}>Input</li>
        <li className={styles.output}>Output</li>
      </ul>
      {of === undefined || (of.status === "loading" && of.steps.length === 0) ? (
        <Loading label="the steps" lines={5} />
      ) : of.status === "failed" ? (
        <p className={styles.problem} role="alert">
          {of.error}{" "}
          <Button size="s" onClick={of.retry}>
            Try again
          </Button>
        </p>
      ) : of.steps.every(({ step }) => step === 0) ? (
        <p className={styles.none}>This run has made no step yet.</p>
      ) : (
        <Waiting fallback={<Loading label="the chart" lines={5} />}>
          <TokenChart
            steps={of.steps}
            chosen={selected.step}
            onSelect={(step) => onSelect({ run_id, step })}
            onPoint={(step) => onPoint(step === null ? null : { run_id, step })}
          />
        </Waiting>
      )}
      {usage.error !== null && (
        <p className={styles.problem} role="alert">
          The sums could not be read: {usage.error}.{" "}
          <Button size="s" onClick={usage.retry}>
            Try again
          </Button>
        </p>
      )}
      <table className={styles.sums}>
        <caption className="visually-hidden">Tokens and money by run</caption>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Input</th>
            <th scope="col">Cached</th>
            <th scope="col">Output</th>
            <th scope="col">Calls</th>
            <th scope="col">Cost</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ card, depth }) => (
            <Row
              key={card.run_id}
              line={usage.lines.get(card.run_id)}
              agent={card.agent}
              depth={depth}
              chosen={card.run_id === run_id}
              onSelect={() => onSelect({ run_id: card.run_id, step: null })}
              onOpen={() => onOpen({ run_id: card.run_id, step: null })}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface RowProps {
  readonly line: UsageLine | undefined
  readonly agent: string
  readonly depth: number
  readonly chosen: boolean
  readonly onSelect: () => void
  readonly onOpen: () => void
}

const Row = ({ line, agent, depth, chosen, onSelect, onOpen }: RowProps) => {
  const own = line?.own
  return (
    <tr className={classes(chosen && styles.chosen)}>
      <th scope="row" style={{ paddingLeft: 12 + Math.min(4, depth) * 12 }}>
        <button
          type="button"
          className={styles.run}
          aria-pressed={chosen}
          onClick={onSelect}
          onDoubleClick={onOpen}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return
            event.preventDefault()
            onOpen()
          }}
        >
          <AgentMark name={agent} size={12} />
          {plainName(agent)}
        </button>
      </th>
      <td>{own === undefined ? "" : tokens(own.input_tokens)}</td>
      <td>{own === undefined ? "" : tokens(own.cached_tokens)}</td>
      <td>{own === undefined ? "" : tokens(own.output_tokens)}</td>
      <td>{own?.calls ?? ""}</td>
      <td>{own === undefined ? "" : costWords(own.usd, own.unpriced_calls, own.calls)}</td>
    </tr>
  )
}

/** What has no known price is said to have none, and not to be free. */
const costWords = (usd: number, unpriced: number, calls: number): string => {
  if (calls === 0) return ""
  if (unpriced === calls) return "no price"
  return unpriced === 0 ? money(usd) : `${money(usd)} +?`
}

interface Usage {
  readonly lines: ReadonlyMap<string, UsageLine>
  readonly error: string | null
}

const every = 3_000

/** Read again as calls are made, at most every three seconds. */
const useUsage = (root: string, calls: number): Usage & { readonly retry: () => void } => {
  const [usage, setUsage] = useState<Usage>({ lines: new Map(), error: null })
  const [tries, setTries] = useState(0)
  const retry = useCallback(() => setTries((before) => before + 1), [])
  const unread = usage.error !== null
  useEffect(() => (unread ? onLive(retry) : undefined), [unread, retry])
  const [read, setRead] = useState({ root: "", calls: -1, at: 0 })
  useEffect(() => {
    if (tries >= 0 && read.root === root && read.calls === calls) return
    const abort = new AbortController()
    const wait = read.root === root ? Math.max(0, read.at + every - performance.now()) : 0
    const timer = setTimeout(() => {
      const asked = { root, calls, at: performance.now() }
      get("/usage", UsageReply, { by: "run", run_id: root, since: "2000-01-01" }, abort.signal).then(
        ({ lines }) => {
          setUsage({ lines: new Map(lines.map((line) => [line.run_id ?? line.key, line])), error: null })
          setRead(asked)
        },
        (error: unknown) => {
          if (!abort.signal.aborted) setUsage((before) => ({ ...before, error: inWords(error) }))
        }
      )
    }, wait)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [root, calls, read, tries])
  return { ...usage, retry }
}
