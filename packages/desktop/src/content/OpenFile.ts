import { type ComponentType, createContext } from "react"

/** Opens a file of the workspace, at a line (from 1). */
export type OpenFile = (path: string, line?: number) => void

/** Given beside the text and not in its parts, so that a block that is drawn stays as it is. */
export const OpenFileContext = createContext<OpenFile | undefined>(undefined)

interface ImageFileProps {
  /** A path, as the text says it. */
  readonly src: string
  readonly alt: string
}

/** Draws an image of the workspace that a text names; without it the image is a link to its file. */
export const ImageFileContext = createContext<ComponentType<ImageFileProps> | undefined>(undefined)
