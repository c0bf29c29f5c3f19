/**
 * Topics: dot-separated names (an event's type is its topic), and patterns over them.
 *
 * In a pattern `*` stands for exactly one part, and `>` (last) for one part or more.
 */

/** Compiles patterns into one test. No pattern at all matches nothing. */
export const matcher = (patterns: ReadonlyArray<string>): ((topic: string) => boolean) => {
  if (patterns.includes(">")) return () => true
  const exact = new Set(patterns.filter((pattern) => !/[*>]/.test(pattern)))
  const wild = patterns.filter((pattern) => !exact.has(pattern)).map((pattern) => pattern.split("."))
  return (topic) => exact.has(topic) || (wild.length > 0 && wild.some((parts) => matchesParts(parts, topic.split("."))))
}

const matchesParts = (pattern: ReadonlyArray<string>, topic: ReadonlyArray<string>): boolean => {
  for (let index = 0; index < pattern.length; index++) {
    const part = pattern[index]
    if (part === ">" && index === pattern.length - 1) return topic.length > index
    if (index >= topic.length || (part !== "*" && part !== topic[index])) return false
  }
  return pattern.length === topic.length
}
