import { plainName } from "../../content/plainText.ts"
import { Button } from "../../ui/Button.tsx"
import { Dialog } from "../../ui/Dialog.tsx"
import { moveOver } from "./fileVerbs.ts"
import { nameOf } from "./paths.ts"
import styles from "./TakenDialog.module.css"

export interface Taken {
  readonly paths: ReadonlyArray<string>
  readonly folder: string
}

/** What is to be moved has the name of something that is there. */
export const TakenDialog = ({ taken, onClose }: { readonly taken: Taken | null; readonly onClose: () => void }) => {
  const names = taken?.paths.map((path) => plainName(nameOf(path))) ?? []
  const go = (how: "replace" | "both") => {
    if (taken !== null) void moveOver(taken.paths, taken.folder, how)
    onClose()
  }
  return (
    <Dialog
      open={taken !== null}
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      title={names.length === 1 ? `${names[0] ?? ""} is there already` : `${names.length} files are there already`}
      description={`In ${plainName(nameOf(taken?.folder ?? ""))}. What is replaced goes to the trash.`}
      footer={
        <>
          <Button onClick={onClose}>Leave it</Button>
          <Button onClick={() => go("replace")}>Replace</Button>
          <Button variant="primary" onClick={() => go("both")}>
            Keep both
          </Button>
        </>
      }
    >
      {names.length > 1 && (
        <ul className={styles.names}>
          {names.map((name) => (
            <li key={name}>{name}</li>
          ))}
        </ul>
      )}
    </Dialog>
  )
}
