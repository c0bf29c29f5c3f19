/** One thing that was looked at. */

export interface Finding {
  readonly name: string
  /** `missing`: it is needed. `advised`: it works without, and something is slower, weaker or left out. */
  readonly state: "ok" | "advised" | "missing"
  readonly detail: string
  /** What to do about it. */
  readonly remedy?: string
}

export const ok = (name: string, detail: string): Finding => ({ name, state: "ok", detail })
export const advised = (name: string, detail: string, remedy: string): Finding => ({
  name,
  state: "advised",
  detail,
  remedy
})
export const missing = (name: string, detail: string, remedy: string): Finding => ({
  name,
  state: "missing",
  detail,
  remedy
})
