import { CircleAlert, CircleCheck, X } from "lucide-react"
import { useStore } from "zustand"
import { plainName } from "../../content/plainText.ts"
import { Button } from "../../ui/Button.tsx"
import { bytes, counted } from "../../ui/format.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { Progress } from "../../ui/Progress.tsx"
import { nameOf } from "./paths.ts"
import styles from "./UploadList.module.css"
import {
  clearUploads,
  keepBoth,
  removeUpload,
  replaceTaken,
  retryUpload,
  type Upload,
  uploadsStore
} from "./uploads.ts"

const icon = { size: 16, strokeWidth: 1.75, "aria-hidden": true } as const
const none: ReadonlyArray<Upload> = []
/** Lines that are drawn. */
const shown = 100

/** What is being uploaded into this window; nothing where there is nothing. */
export const UploadList = ({
  window_id,
  taken
}: {
  readonly window_id: string
  readonly taken: ReadonlySet<string>
}) => {
  const uploads = useStore(uploadsStore, (store) => store.uploads.get(window_id) ?? none)
  if (uploads.length === 0) return null
  const open = uploads.filter(({ state }) => state._tag === "Sending" || state._tag === "Waiting").length
  const done = uploads.filter(({ state }) => state._tag === "Done").length
  const troubled = uploads.length - open - done
  return (
    <section className={styles.uploads} aria-label="Uploads">
      <header className={styles.head}>
        <p role="status">{headWords(open, done, troubled)}</p>
        {open === 0 && (
          <IconButton size="s" label="Clear the list" icon={<X {...icon} />} onClick={() => clearUploads(window_id)} />
        )}
      </header>
      <ul className={styles.list}>
        {uploads
          .toSorted((a, b) => rank(a) - rank(b))
          .slice(0, shown)
          .map((upload) => (
            <Line key={upload.id} upload={upload} window_id={window_id} taken={taken} />
          ))}
      </ul>
    </section>
  )
}

const headWords = (open: number, done: number, troubled: number): string => {
  const left = troubled === 0 ? "" : `${counted(troubled, "file")} not uploaded`
  const first = open > 0 ? `Uploading ${counted(open, "file")}` : done > 0 ? `Uploaded ${counted(done, "file")}` : ""
  return [first, left].filter((part) => part !== "").join(", ")
}

const ranks = { Taken: 0, Failed: 1, Sending: 2, Waiting: 3, Done: 4 } as const
const rank = ({ state }: Upload): number => ranks[state._tag]

interface LineProps {
  readonly upload: Upload
  readonly window_id: string
  readonly taken: ReadonlySet<string>
}

const Line = ({ taken, upload, window_id }: LineProps) => {
  const { file, id, path, state } = upload
  const name = plainName(nameOf(path))
  return (
    <li className={styles.line}>
      <span className={styles.name}>{name}</span>
      {state._tag === "Sending" && (
        <>
          <Progress
            className={styles.progress}
            value={state.sent}
            max={Math.max(1, file.size)}
            label={`Uploading ${name}`}
          />
          <span className={styles.words}>{`${bytes(state.sent)} of ${bytes(file.size)}`}</span>
        </>
      )}
      {state._tag === "Waiting" && <span className={styles.words}>waiting</span>}
      {state._tag === "Done" && (
        <CircleCheck className={styles.done} {...icon} aria-hidden={false} aria-label="Uploaded" />
      )}
      {state._tag === "Taken" && (
        <>
          <span className={styles.words}>is there already</span>
          <Button size="s" onClick={() => replaceTaken(window_id, id)}>
            Replace
          </Button>
          <Button size="s" onClick={() => keepBoth(window_id, id, taken)}>
            Keep both
          </Button>
        </>
      )}
      {state._tag === "Failed" && (
        <>
          <CircleAlert className={styles.failed} {...icon} />
          <span className={styles.words}>{state.why}</span>
          {!state.why.startsWith("It has") && (
            <Button size="s" onClick={() => retryUpload(window_id, id)}>
              Try again
            </Button>
          )}
        </>
      )}
      {state._tag !== "Done" && (
        <IconButton
          size="s"
          label={state._tag === "Sending" ? `Stop uploading ${name}` : `Take ${name} from the list`}
          icon={<X {...icon} />}
          onClick={() => removeUpload(window_id, id)}
        />
      )}
    </li>
  )
}
