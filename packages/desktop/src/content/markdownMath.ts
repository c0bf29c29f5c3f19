/**
 * Formulas, loaded when a text has one.
 *
 * Law: KaTeX trusts nobody (no links, images or attributes of others), and nothing that it draws is larger than a page.
 */
import { createMathPlugin, type MathPlugin } from "@streamdown/math"
import "./markdownMath.css"

/** Ems, of rules and spaces that a formula asks for. */
const largest = 20
/** Macros that a formula may expand. */
const mostExpansions = 200

const plain = createMathPlugin({ errorColor: "var(--danger)" })
if (!Array.isArray(plain.rehypePlugin)) throw new Error("the formulas' plugin takes no options")
const [plugin, options] = plain.rehypePlugin

export const math: MathPlugin = {
  ...plain,
  rehypePlugin: [plugin, { ...options, trust: false, strict: "ignore", maxSize: largest, maxExpand: mostExpansions }]
}
