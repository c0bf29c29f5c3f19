import { createContext } from "react"

/**
 * Which blocks of code a person has wrapped in a text, by how each begins: a text that is drawn by other rules from some
 * word on (a formula, HTML) is drawn anew, and what was chosen in it stays.
 */
export const WrappedContext = createContext<Map<string, boolean> | null>(null)
