import { ChevronRight, House } from "lucide-react"
import { type DragEvent, Fragment, useState } from "react"
import { draggedPaths, isMove } from "../../content/draggedFiles.ts"
import { classes } from "../../ui/classes.ts"
import styles from "./Crumbs.module.css"
import { crumbsOf } from "./paths.ts"

interface CrumbsProps {
  readonly root: string
  readonly path: string
  readonly onGo: (path: string) => void
  readonly onMove: (paths: ReadonlyArray<string>, folder: string) => void
}

/** The way to this folder; each part leads there, and takes what is dropped on it. */
export const Crumbs = ({ root, path, onGo, onMove }: CrumbsProps) => {
  const [target, setTarget] = useState<string | null>(null)
  const crumbs = crumbsOf(root, path)
  const onDragOver = (event: DragEvent, folder: string) => {
    if (!isMove(event.dataTransfer)) return
    event.preventDefault()
    event.dataTransfer.dropEffect = "move"
    setTarget(folder)
  }
  return (
    <nav aria-label="Folder" className={styles.crumbs}>
      <ol className={styles.parts}>
        {crumbs.map(({ name, path: folder }, index) => (
          <Fragment key={folder}>
            {index > 0 && (
              <li aria-hidden="true" className={styles.mark}>
                <ChevronRight size={14} strokeWidth={1.75} />
              </li>
            )}
            <li className={styles.part}>
              <button
                type="button"
                className={classes(styles.crumb, target === folder && styles.target)}
                aria-current={index === crumbs.length - 1 ? "location" : undefined}
                onClick={() => onGo(folder)}
                onDragOver={(event) => onDragOver(event, folder)}
                onDragLeave={() => setTarget(null)}
                onDrop={(event) => {
                  setTarget(null)
                  if (!isMove(event.dataTransfer)) return
                  event.preventDefault()
                  onMove(draggedPaths(event.dataTransfer), folder)
                }}
              >
                {index === 0 && <House size={14} strokeWidth={1.75} aria-hidden />}
                <span className={styles.name}>{name}</span>
              </button>
            </li>
          </Fragment>
        ))}
      </ol>
    </nav>
  )
}
