import { createContext } from "react"

/** Opens a file of the workspace, at a line (from 1). */
export type OpenFile = (path: string, line?: number) => void

/** Given beside the text and not in its parts, so that a block that is drawn stays as it is. */
export const OpenFileContext = createContext<OpenFile | undefined>(undefined)
