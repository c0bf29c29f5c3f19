/** What every view of a file has to go by. */
import type { FileEntry } from "@choiros/protocol"

export interface ViewProps {
  readonly entry: FileEntry
  readonly visible: boolean
}

/** Moves when the file has. */
export const versionOf = ({ bytes, modified_at }: FileEntry): string => `${modified_at} ${bytes}`
