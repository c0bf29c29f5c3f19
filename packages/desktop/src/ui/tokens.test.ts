/** What is written can be read: contrast by WCAG 2.2, in every theme, straight from the style sheet. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8").replace(/\/\*[\s\S]*?\*\//g, "")

const rules = [...css.matchAll(/([^{}]+)\{([^{}]*)\}/g)].map(([, selector, body]) => ({
  selectors: (selector ?? "").split(",").map((one) => one.trim()),
  declarations: [...(body ?? "").matchAll(/(--[\w-]+)\s*:\s*([^;]+);/g)].map(
    ([, name, value]) => [name ?? "", (value ?? "").trim()] as const
  )
}))

/** In the order of the sheet, which is also the order of specificity there. */
const tokensOf = (theme: string, contrast: string) => {
  const applies = [
    ":root",
    `html[data-theme="${theme}"]`,
    ...(contrast === "more" ? ['html[data-contrast="more"]', `html[data-theme="${theme}"][data-contrast="more"]`] : [])
  ]
  return new Map(
    rules
      .filter(({ selectors }) => selectors.some((selector) => applies.includes(selector)))
      .flatMap(({ declarations }) => declarations)
  )
}

const colour = (tokens: ReadonlyMap<string, string>, name: string): string => {
  const value = tokens.get(`--${name}`)
  if (value === undefined) throw new Error(`--${name} is not set`)
  const other = /^var\(--([\w-]+)\)$/.exec(value)?.[1]
  if (other !== undefined) return colour(tokens, other)
  if (!/^#[0-9a-f]{6}$/.test(value)) throw new Error(`--${name} is ${value}, not one opaque colour`)
  return value
}

const luminance = (hex: string) => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

const contrastOf = (a: string, b: string) => {
  const [x, y] = [luminance(a), luminance(b)]
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)
}

const surfaces = ["surface-sunken", "surface", "surface-raised", "surface-hover", "surface-active"]
const states = ["working", "waiting", "paused", "done", "failed", "idle"].map((state) => `state-${state}`)
const tones = ["accent", "danger", "warning", "success", "info"]
const agents = [1, 2, 3, 4, 5, 6, 7, 8].map((agent) => `agent-${agent}`)

describe.each(["dark", "light"])("the %s theme", (theme) => {
  describe.each(["normal", "more"])("with %s contrast", (contrast) => {
    const tokens = tokensOf(theme, contrast)
    const aa = contrast === "more" ? 7 : 4.5
    const weak = (pairs: ReadonlyArray<readonly [front: string, back: string]>, least: number) =>
      pairs
        .map(([front, back]) => [front, back, contrastOf(colour(tokens, front), colour(tokens, back))] as const)
        .filter(([, , ratio]) => ratio < least)
        .map(([front, back, ratio]) => `${front} on ${back}: ${ratio.toFixed(2)}`)
    const all = (fronts: ReadonlyArray<string>, backs: ReadonlyArray<string>) =>
      fronts.flatMap((front) => backs.map((back) => [front, back] as const))

    it("shows text on every surface", () => {
      expect(weak(all(["text", "text-muted", "text-faint"], [...surfaces, "bg"]), 4.5)).toEqual([])
      expect(weak(all(["text"], surfaces), 7)).toEqual([])
      expect(weak(all(["text-muted"], surfaces), aa)).toEqual([])
    })

    it("shows tones as text, on surfaces and on their own soft ground", () => {
      expect(weak(all(tones, ["surface-sunken", "surface", "surface-raised", "surface-hover"]), 4.5)).toEqual([])
      expect(
        weak(
          tones.map((tone) => [tone, `${tone}-soft`] as const),
          4.5
        )
      ).toEqual([])
      expect(
        weak(
          tones.map((tone) => ["text", `${tone}-soft`] as const),
          aa
        )
      ).toEqual([])
      expect(
        weak(
          [
            ["accent-text", "accent"],
            ["accent-text", "accent-hover"]
          ],
          4.5
        )
      ).toEqual([])
      expect(weak([["tooltip-text", "tooltip-bg"]], aa)).toEqual([])
    })

    it("shows states and agents, which also have a shape, on every surface", () => {
      expect(weak(all([...states, ...agents], [...surfaces, "bg"]), 3)).toEqual([])
      expect(weak(all([...states, ...agents], ["surface", "surface-raised"]), 4.5)).toEqual([])
    })

    it("shows where the keyboard is", () => {
      expect(weak(all(["focus"], [...surfaces, "bg"]), 3)).toEqual([])
    })

    if (contrast === "more") {
      it("shows the edge of every surface and control", () => {
        expect(weak(all(["border", "border-strong"], ["surface", "surface-raised", "surface-sunken"]), 3)).toEqual([])
      })
    }
  })
})
