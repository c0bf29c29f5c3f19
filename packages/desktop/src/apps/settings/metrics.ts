/** Numbers out of the computer's metrics, which are lines of a name and a value. */

export const metricOf = (text: string, name: string): number | null => {
  for (const line of text.split("\n")) {
    if (!line.startsWith(`${name} `)) continue
    const value = Number(line.slice(name.length + 1))
    return Number.isFinite(value) ? value : null
  }
  return null
}
