/** Interleaved runs, medians of ratios: what a machine does meanwhile falls on both. */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.floor(sorted.length / 2)] ?? 0)) / 2
}

/** What was done a second. */
export const rate = async (count: number, work: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now()
  await work()
  return (count / (performance.now() - begin)) * 1000
}

/** Runs all contenders in turns; each gives a rate. Gives the medians, and those of the first to each other one. */
export const contest = async (
  rounds: number,
  contenders: ReadonlyArray<readonly [name: string, run: () => Promise<number>]>
): Promise<{ readonly rates: ReadonlyArray<number>; readonly ratios: ReadonlyArray<number> }> => {
  const results: Array<Array<number>> = []
  for (let round = 0; round <= rounds; round++) {
    const rates: Array<number> = []
    for (const [, run] of contenders) rates.push(await run())
    // The first round warms up.
    if (round > 0) results.push(rates)
  }
  const column = (of: (rates: ReadonlyArray<number>) => number) => median(results.map(of))
  return {
    rates: contenders.map((_, index) => column((rates) => rates[index] ?? 0)),
    ratios: contenders.map((_, index) => column((rates) => (rates[0] ?? 0) / (rates[index] ?? 0)))
  }
}

export const table = (title: string, head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): void => {
  const widths = head.map((cell, index) => Math.max(cell.length, ...rows.map((row) => row[index]?.length ?? 0)))
  const line = (cells: ReadonlyArray<string>) =>
    `| ${cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0))).join(" | ")} |`
  console.log(
    [`\n${title}\n`, line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n")
  )
}

export const thousands = (value: number): string => Math.round(value).toLocaleString("en-US")
