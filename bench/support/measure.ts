/**
 * Interleaved runs and medians of ratios: what a machine does meanwhile falls on both.
 *
 * Law: a ratio is taken within a pair, never between two medians; the first round warms up and does not count.
 */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.floor(sorted.length / 2)] ?? 0)) / 2
}

/** The value that `share` (0 to 1) of all values don't exceed. */
export const percentile = (values: ReadonlyArray<number>, share: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? 0

/** Milliseconds that it took. */
export const elapsed = async (work: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}

/** What was done a second. */
export const rate = async (count: number, work: () => Promise<unknown>): Promise<number> =>
  (count / (await elapsed(work))) * 1000

export interface Contest {
  /** The median of each contender. */
  readonly medians: ReadonlyArray<number>
  /** The median of what the first is to each other one, pair by pair. */
  readonly ratios: ReadonlyArray<number>
}

/** Runs all contenders in turns, every second round in reverse order; each gives a number. */
export const contest = async (
  rounds: number,
  contenders: ReadonlyArray<() => Promise<number>>,
  between: () => void = () => {}
): Promise<Contest> => {
  const results: Array<ReadonlyArray<number>> = []
  for (let round = 0; round <= rounds; round++) {
    const values = new Array<number>(contenders.length).fill(0)
    const order = [...contenders.entries()]
    for (const [index, run] of round % 2 === 0 ? order : order.toReversed()) values[index] = await run()
    between()
    if (round > 0) results.push(values)
  }
  const column = (of: (values: ReadonlyArray<number>) => number) => median(results.map(of))
  return {
    medians: contenders.map((_, index) => column((values) => values[index] ?? 0)),
    ratios: contenders.map((_, index) => column((values) => (values[0] ?? 0) / (values[index] ?? 0)))
  }
}

/** A setting of a run: how often, how many. */
export const setting = (name: string, otherwise: number): number => {
  const given = process.env[name]
  if (given === undefined || given === "") return otherwise
  const value = Number(given)
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} must be a whole number from 1, not "${given}"`)
  return value
}
