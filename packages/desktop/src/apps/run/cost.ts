/** What a run and those below it have used up, as lines of a table and of a chart. Pure. */
import type { ChoirCard, UsageLine } from "@choiros/protocol"

export type CostGroup = "step" | "model" | "agent" | "run"

export interface CostRow {
  readonly key: string
  readonly label: string
  /** Of this run, where it is a step. */
  readonly step: number | null
  /** Where it is a run. */
  readonly run_id: string | null
  readonly agent: string | null
  readonly calls: number
  /** Without what came from the cache. */
  readonly input: number
  readonly cached: number
  readonly output: number
  readonly usd: number
  readonly unpriced: number
  readonly estimated: number
}

const rowOf = (line: UsageLine, tally: UsageLine["own"], label: string): CostRow => ({
  key: line.key,
  label,
  step: line.step,
  run_id: line.run_id,
  agent: line.agent,
  calls: tally.calls,
  input: Math.max(0, tally.input_tokens - tally.cached_tokens),
  cached: tally.cached_tokens,
  output: tally.output_tokens,
  usd: tally.usd,
  unpriced: tally.unpriced_calls,
  estimated: tally.estimated_calls
})

/** `lines` by step are of this run and of all below it: the run's own steps first, as they came. */
export const costRows = (
  by: CostGroup,
  lines: ReadonlyArray<UsageLine>,
  run_id: string,
  cards: ReadonlyMap<string, ChoirCard>
): ReadonlyArray<CostRow> => {
  switch (by) {
    case "step":
      return lines
        .filter((line) => line.run_id === run_id && line.step !== null)
        .toSorted((a, b) => (a.step ?? 0) - (b.step ?? 0))
        .map((line) => rowOf(line, line.own, `Step ${line.step}`))
    case "run":
      return lines
        .toSorted((a, b) => Number(b.run_id === run_id) - Number(a.run_id === run_id) || compare(a.run_id, b.run_id))
        .map((line) => rowOf(line, line.own, line.run_id === run_id ? "This run" : nameOf(line, cards)))
    case "agent":
      return lines
        .toSorted((a, b) => b.own.tokens - a.own.tokens)
        .map((line) => rowOf(line, line.own, line.agent ?? line.key))
    case "model":
      return lines
        .toSorted((a, b) => b.own.tokens - a.own.tokens)
        .map((line) => rowOf(line, line.own, line.model ?? line.key))
  }
}

const compare = (a: string | null, b: string | null): number => ((a ?? "") < (b ?? "") ? -1 : a === b ? 0 : 1)

const nameOf = ({ agent, run_id }: UsageLine, cards: ReadonlyMap<string, ChoirCard>): string => {
  const objective = cards.get(run_id ?? "")?.objective
  return objective === undefined ? (agent ?? "A run") : `${agent ?? "agent"}: ${objective}`
}

/** Columns of the chart, lowest of the stack first: x, then the sums up to each series, then the money so far. */
export interface CostSeries {
  readonly x: ReadonlyArray<number>
  /** The top of each stack: input; input and cached; input, cached and output. */
  readonly input: ReadonlyArray<number>
  readonly cached: ReadonlyArray<number>
  readonly output: ReadonlyArray<number>
  readonly usd: ReadonlyArray<number>
}

export const seriesOf = (rows: ReadonlyArray<CostRow>): CostSeries => {
  let usd = 0
  return {
    x: rows.map((row, index) => row.step ?? index + 1),
    input: rows.map((row) => row.input),
    cached: rows.map((row) => row.input + row.cached),
    output: rows.map((row) => row.input + row.cached + row.output),
    usd: rows.map((row) => {
      usd += row.usd
      return usd
    })
  }
}
