import { type ReactNode, useContext } from "react"
import styles from "./FileLink.module.css"
import { OpenFileContext } from "./OpenFile.ts"
import { plainName } from "./plainText.ts"
import type { FileMention } from "./safeUrl.ts"

/** A file that the text names: a button where files can be opened, and the text alone where not. */
export const FileLink = ({ file, children }: { readonly file: FileMention; readonly children: ReactNode }) => {
  const open = useContext(OpenFileContext)
  if (open === undefined) return children
  const where = plainName(file.path)
  return (
    <button
      type="button"
      className={styles.file}
      title={file.line === undefined ? `Open ${where}` : `Open ${where} at line ${file.line}`}
      onClick={() => open(file.path, file.line)}
    >
      {children}
    </button>
  )
}
