/** Whose calls the cards below show: the whole of a cut output is asked of that run. Null: of none that is known. */
import { createContext } from "react"

export const RunOfCards = createContext<string | null>(null)
