/** What a line of the prompt is read against: who and what there is, by the names that a person types. */
import type { RunPhase } from "@choiros/protocol"

export interface RunRef {
  readonly run_id: string
  /** As `@run:` and this. */
  readonly handle: string
  readonly objective: string
  readonly agent: string
  readonly phase: RunPhase
}

export interface WindowRef {
  readonly window_id: string
  /** As `@window:` and this. */
  readonly handle: string
  readonly title: string
}

export interface ActionRef {
  readonly id: string
  readonly title: string
  readonly words: string
}

export interface PromptContext {
  readonly agents: ReadonlyArray<string>
  readonly models: ReadonlyArray<string>
  readonly runs: ReadonlyArray<RunRef>
  readonly windows: ReadonlyArray<WindowRef>
  /** Those that can run now. */
  readonly actions: ReadonlyArray<ActionRef>
  /** The run that the window in front shows, also where it has ended. */
  readonly focused: RunRef | null
  /** Who answers an objective that names nobody. */
  readonly answering: string
}

const ended: ReadonlySet<RunPhase> = new Set(["done", "done_with_warnings", "failed", "stopped", "interrupted"])

export const hasEnded = (phase: RunPhase): boolean => ended.has(phase)

const longest = 32

/** Names for things that have none of their own: their first words, each name once. */
export const handles = (titles: ReadonlyArray<string>): ReadonlyArray<string> => {
  const taken = new Set<string>()
  return titles.map((title) => {
    const words = title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
    const whole = words.reduce((name, word) => {
      const longer = name === "" ? word : `${name}-${word}`
      return longer.length > longest ? name : longer
    }, "")
    const base = whole === "" ? (words[0]?.slice(0, longest) ?? "unnamed") : whole
    let name = base
    for (let times = 2; taken.has(name); times += 1) name = `${base}-${times}`
    taken.add(name)
    return name
  })
}
