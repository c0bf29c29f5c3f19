/** Where a message is written. It is never closed: what can't be sent now stays written. */
import {
  ArrowUp,
  ChevronDown,
  CornerDownRight,
  ListEnd,
  MessageSquarePlus,
  Paperclip,
  SquareArrowRight,
  X
} from "lucide-react"
import {
  type ClipboardEvent,
  type DragEvent,
  type KeyboardEvent,
  memo,
  type ReactNode,
  type RefObject,
  useId,
  useRef,
  useState
} from "react"
import { useStore } from "zustand"
import { inWords } from "../../client/api.ts"
import { awayWords, connectionStore } from "../../client/Connection.ts"
import { mentionsOf, uploadFile } from "../../client/uploads.ts"
import { draggedPaths, isMove } from "../../content/draggedFiles.ts"
import { plainName } from "../../content/plainText.ts"
import { fileMention, withMentions } from "../../prompt/mentions.ts"
import { addBehind } from "../../ui/addBehind.ts"
import { Button } from "../../ui/Button.tsx"
import { classes } from "../../ui/classes.ts"
import { counted } from "../../ui/format.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { Menu } from "../../ui/Menu.tsx"
import { Spinner } from "../../ui/Spinner.tsx"
import styles from "./Composer.module.css"
import { draftsStore, setDraft } from "./drafts.ts"
import type { Mode } from "./requests.ts"

export type SendMode = Mode | "new_run"

interface ComposerProps {
  /** Whose draft it is. */
  readonly draft: string
  /** A run works in the conversation. */
  readonly working: boolean
  /** What was said before, the latest first. */
  readonly history: ReadonlyArray<string>
  /** What the next message does other than being said; null: it is said. */
  readonly instead: { readonly title: string; readonly verb: string } | null
  readonly onCancelInstead: () => void
  /** Why the last one could not be sent. */
  readonly problem: string | null
  readonly onSend: (text: string, mode: SendMode) => void
  readonly field: RefObject<HTMLTextAreaElement | null>
  /** Below the field, at its beginning. */
  readonly children?: ReactNode
}

export const Composer = memo(
  ({ children, draft, field, history, instead, onCancelInstead, onSend, problem, working }: ComposerProps) => {
    const text = useStore(draftsStore, ({ drafts }) => drafts.get(draft) ?? "")
    const offline = useStore(connectionStore, ({ status }) => status === "offline")
    const away = useStore(connectionStore, awayWords)
    const { drop, problem: uploadProblem, take, takePaths, uploading } = useUploads(draft, field)
    const [recalled, setRecalled] = useState(-1)
    const [over, setOver] = useState(false)
    const picker = useRef<HTMLInputElement>(null)
    const noteId = useId()
    const canSend = text.trim() !== "" && !offline && uploading === 0

    const send = (mode: SendMode): void => {
      if (!canSend) return
      setRecalled(-1)
      setDraft(draft, "")
      onSend(text.trim(), mode)
    }

    const recall = (to: number): void => {
      const said = history[to]
      setRecalled(said === undefined ? -1 : to)
      setDraft(draft, said ?? "")
    }

    const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
      if (event.nativeEvent.isComposing || event.altKey || event.ctrlKey || event.metaKey) return
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault()
        return send("steer")
      }
      if (event.key === "Escape" && instead !== null) {
        event.preventDefault()
        return onCancelInstead()
      }
      const untouched = text === "" || text === history[recalled]
      if (event.key === "ArrowUp" && untouched && recalled + 1 < history.length) {
        event.preventDefault()
        recall(recalled + 1)
      } else if (event.key === "ArrowDown" && recalled >= 0 && untouched) {
        event.preventDefault()
        recall(recalled - 1)
      }
    }

    const onPaste = (event: ClipboardEvent) => {
      const files = [...event.clipboardData.files]
      // A text that was copied may carry a picture of itself.
      if (files.length === 0 || event.clipboardData.types.includes("text/plain")) return
      event.preventDefault()
      take(files)
    }

    const onDrop = (event: DragEvent) => {
      setOver(false)
      const paths = draggedPaths(event.dataTransfer)
      if (paths.length > 0) takePaths(paths)
      else if (event.dataTransfer.files.length > 0) take([...event.dataTransfer.files])
      else return
      event.preventDefault()
    }

    const why = offline ? `${away}. What you write stays here until it is back.` : (problem ?? uploadProblem)
    const verb = instead?.verb ?? (working ? "Steer" : "Send")
    return (
      <form
        className={classes(styles.composer, over && styles.over)}
        onSubmit={(event) => {
          event.preventDefault()
          send("steer")
        }}
        onDragOver={(event) => {
          if (isMove(event.dataTransfer)) event.dataTransfer.dropEffect = "copy"
          else if (!event.dataTransfer.types.includes("Files")) return
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
      >
        {instead === null ? null : (
          <div className={styles.instead}>
            <CornerDownRight size={14} strokeWidth={1.75} aria-hidden="true" />
            <span className={styles.insteadWords}>{instead.title}</span>
            <IconButton size="s" label="Cancel" icon={<X size={14} strokeWidth={1.75} />} onClick={onCancelInstead} />
          </div>
        )}
        {why === null ? null : (
          <p id={noteId} className={classes(styles.why, offline && styles.quietly)} role="status">
            {why}
          </p>
        )}
        <textarea
          ref={field}
          className={styles.field}
          aria-label="Message"
          aria-describedby={why === null ? undefined : noteId}
          placeholder={working ? "Say something to the run" : "Ask, or tell an agent what to do"}
          rows={1}
          value={text}
          onChange={(event) => setDraft(draft, event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <div className={styles.bar}>
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            onChange={(event) => {
              take([...(event.target.files ?? [])])
              event.target.value = ""
            }}
          />
          <IconButton
            size="s"
            label="Attach files"
            disabled={offline}
            icon={<Paperclip size={16} strokeWidth={1.75} />}
            onClick={() => picker.current?.click()}
          />
          {uploading > 0 ? (
            <span className={styles.uploading} role="status">
              <Spinner /> Uploading {counted(uploading, "file")}
              <Button size="s" variant="ghost" onClick={drop}>
                Cancel
              </Button>
            </span>
          ) : null}
          {children}
          <span className={styles.send}>
            <Button
              size="s"
              variant="primary"
              type="submit"
              disabled={!canSend}
              className={working && instead === null ? styles.joined : undefined}
              icon={<ArrowUp size={16} strokeWidth={1.75} />}
            >
              {verb}
            </Button>
            {working && instead === null ? (
              <Menu
                align="end"
                side="top"
                trigger={
                  <IconButton
                    size="s"
                    variant="primary"
                    className={styles.more}
                    label="Other ways to send"
                    icon={<ChevronDown size={14} strokeWidth={2} />}
                  />
                }
                items={[
                  {
                    id: "steer",
                    label: "Steer",
                    icon: <ArrowUp size={16} strokeWidth={1.75} />,
                    disabled: !canSend,
                    onSelect: () => send("steer")
                  },
                  {
                    id: "queue",
                    label: "Queue after",
                    icon: <ListEnd size={16} strokeWidth={1.75} />,
                    disabled: !canSend,
                    onSelect: () => send("queue")
                  },
                  {
                    id: "replace",
                    label: "Stop and send",
                    icon: <SquareArrowRight size={16} strokeWidth={1.75} />,
                    disabled: !canSend,
                    onSelect: () => send("replace")
                  },
                  {
                    id: "new_run",
                    label: "New run",
                    icon: <MessageSquarePlus size={16} strokeWidth={1.75} />,
                    disabled: !canSend,
                    onSelect: () => send("new_run")
                  }
                ]}
              />
            ) : null}
          </span>
        </div>
      </form>
    )
  }
)
Composer.displayName = "Composer"

/** Files that become mentions: `#uploads/a.png`. */
const useUploads = (draft: string, field: ComposerProps["field"]) => {
  const [uploading, setUploading] = useState(0)
  const [problem, setProblem] = useState<string | null>(null)
  const round = useRef(0)
  const mention = (mentions: ReadonlyArray<string>): void =>
    addBehind(field.current, () =>
      setDraft(draft, withMentions(draftsStore.getState().drafts.get(draft) ?? "", mentions))
    )
  const take = (files: ReadonlyArray<File>): void => {
    const mine = round.current
    setProblem(null)
    setUploading((before) => before + files.length)
    for (const file of files) {
      uploadFile(file).then(
        (path) => {
          if (mine !== round.current) return
          setUploading((before) => before - 1)
          mention([fileMention(path)])
        },
        (error: unknown) => {
          if (mine !== round.current) return
          setUploading((before) => before - 1)
          setProblem(`${plainName(file.name)} could not be uploaded: ${inWords(error)}`)
        }
      )
    }
  }
  /** Files of the workspace: how they are called there takes an answer, too. */
  const takePaths = (paths: ReadonlyArray<string>): void => {
    const mine = round.current
    setUploading((before) => before + paths.length)
    void mentionsOf(paths).then((mentions) => {
      if (mine !== round.current) return
      setUploading((before) => before - paths.length)
      mention(mentions)
    })
  }
  /** What is on its way is not mentioned when it has come. */
  const drop = (): void => {
    round.current += 1
    setUploading(0)
  }
  return { drop, problem, take, takePaths, uploading }
}
