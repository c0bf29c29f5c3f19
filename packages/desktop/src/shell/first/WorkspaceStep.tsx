import { FilesReply, HealthReply } from "@choiros/protocol"
import { File, Folder } from "lucide-react"
import { get } from "../../client/api.ts"
import { plainName } from "../../content/plainText.ts"
import { ErrorState } from "../../ui/ErrorState.tsx"
import { counted } from "../../ui/format.ts"
import { Loading } from "../../ui/Loading.tsx"
import styles from "./FirstRun.module.css"
import { useRead } from "./useRead.ts"

const mostShown = 8

const readWorkspace = async () => {
  const [files, health] = await Promise.all([
    get("/files", FilesReply),
    get("/health", HealthReply).catch((): null => null)
  ])
  return { files, jail: health?.checks.jail ?? null }
}

export const WorkspaceStep = () => {
  const { again, error, value } = useRead(readWorkspace)
  if (error !== null) return <ErrorState title="The workspace could not be read" cause={error} onRetry={again} />
  if (value === null) return <Loading label="the workspace" />
  const { files, jail } = value
  const more = files.entries.length - mostShown
  return (
    <div className={styles.step}>
      <p className={styles.words}>
        The workspace is <code>{plainName(files.path)}</code>, as agents and shells see it. Files are moved in and out
        in the Files app, or dropped on the prompt.
      </p>
      {jail !== null && <p className={styles.words}>Their commands run in a jail: {jail}.</p>}
      {files.entries.length === 0 ? (
        <p className={styles.words}>It is empty now.</p>
      ) : (
        <ul className={styles.files} aria-label="What is in it">
          {files.entries.slice(0, mostShown).map(({ kind, name }) => {
            const Icon = kind === "folder" ? Folder : File
            return (
              <li key={name}>
                <Icon size={14} strokeWidth={1.75} aria-hidden="true" />
                {plainName(name)}
              </li>
            )
          })}
          {more > 0 && <li>and {counted(more, "more entry", "more entries")}</li>}
        </ul>
      )}
    </div>
  )
}
