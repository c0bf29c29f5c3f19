/** Every key of the desktop, each of which can be another one; and what the prompt understands. */
import { RotateCcw } from "lucide-react"
import { type KeyboardEvent, useState } from "react"
import { useStore } from "zustand"
import { type Action, actionsStore } from "../../actions/Action.ts"
import { keysOf, keysOfEvent, keysStore, setKeys } from "../../actions/keys.ts"
import { verbs } from "../../prompt/read.ts"
import { Button } from "../../ui/Button.tsx"
import { Dialog } from "../../ui/Dialog.tsx"
import { IconButton } from "../../ui/IconButton.tsx"
import { Kbd } from "../../ui/Kbd.tsx"
import { keysInWords } from "../../ui/keyNames.ts"
import { TextField } from "../../ui/TextField.tsx"
import styles from "./ShortcutSheet.module.css"

const ShortcutSheet = ({ onClose }: { readonly onClose: () => void }) => (
  <Dialog open onOpenChange={onClose} size="l" title="Shortcuts" description={shortcutWords}>
    <ShortcutList autoFocus />
  </Dialog>
)

export const shortcutWords = "Each key can be changed. A star works inside a terminal or an editor too."

/** The sheet's content, which the settings show as well. */
export const ShortcutList = ({ autoFocus = false }: { readonly autoFocus?: boolean }) => {
  const actions = useStore(actionsStore, (store) => store.actions)
  useStore(keysStore)
  const [query, setQuery] = useState("")
  const [recording, setRecording] = useState<string | null>(null)
  const shown = [...actions.values()].filter((action) =>
    `${action.title} ${action.group} ${keysOf(action).join(" ")}`.toLowerCase().includes(query.toLowerCase())
  )
  const groups = Map.groupBy(shown, ({ group }) => group)
  return (
    <>
      <TextField
        label="Find"
        hideLabel
        autoFocus={autoFocus}
        placeholder="Find a shortcut"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
      />
      <div className={styles.groups}>
        {query === "" && <PromptSigns />}
        {[...groups].map(([name, inGroup]) => (
          <section key={name} aria-label={name} className={styles.group}>
            <h3 className={styles.heading}>{name}</h3>
            <ul>
              {inGroup.map((action) => (
                <Row
                  key={action.id}
                  action={action}
                  isRecording={recording === action.id}
                  onRecord={(on) => setRecording(on ? action.id : null)}
                />
              ))}
            </ul>
          </section>
        ))}
        {shown.length === 0 && <p className={styles.none}>No shortcut is called that.</p>}
      </div>
    </>
  )
}

interface RowProps {
  readonly action: Action
  readonly isRecording: boolean
  readonly onRecord: (on: boolean) => void
}

const Row = ({ action, isRecording, onRecord }: RowProps) => {
  const [clash, setClash] = useState<string | null>(null)
  const keys = keysOf(action)
  const isOwn = keysStore.getState().overrides[action.id] === undefined
  const stop = () => {
    setClash(null)
    onRecord(false)
  }
  const pressed = (event: KeyboardEvent) => {
    event.preventDefault()
    event.stopPropagation()
    if (event.key === "Escape") return stop()
    if (["Control", "Shift", "Alt", "Meta"].includes(event.key)) return
    const chord = keysOfEvent(event.nativeEvent)
    const taken = [...actionsStore.getState().actions.values()].find(
      (other) => other.id !== action.id && keysOf(other).includes(chord)
    )
    if (taken !== undefined) return setClash(`${keysInWords(chord)} is “${taken.title}”`)
    setKeys(action.id, [chord])
    stop()
  }
  return (
    <li className={styles.row}>
      <span className={styles.name}>
        {action.title}
        {action.everywhere === true && (
          <span className={styles.star} title="Works everywhere">
            {" ★"}
          </span>
        )}
        {clash !== null && (
          <span className={styles.clash} role="alert">
            {clash}
          </span>
        )}
      </span>
      {isRecording ? (
        <Button size="s" data-records-keys autoFocus onKeyDown={pressed} onBlur={stop}>
          Press the keys
        </Button>
      ) : (
        <>
          {keys.length === 0 ? (
            <span className={styles.none}>None</span>
          ) : (
            keys.map((one) => <Kbd key={one} keys={one} />)
          )}
          {!isOwn && (
            <IconButton
              size="s"
              label={`Bring back the keys of ${action.title}`}
              icon={<RotateCcw size={14} />}
              onClick={() => setKeys(action.id, null)}
            />
          )}
          <Button
            size="s"
            variant="ghost"
            aria-label={`Change the keys of ${action.title}`}
            onClick={() => onRecord(true)}
          >
            Change
          </Button>
        </>
      )}
    </li>
  )
}

const signs: ReadonlyArray<readonly [string, string]> = [
  ["words", "An objective: for the run in front, or for a new run"],
  [">", "A command of the desktop"],
  ["!", "A shell line, as you; no agent sees it"],
  ["?", "Search threads, runs, files and events; no agent is started"],
  ["@", "Name an agent, a run or a window; first in the line, it is who is spoken to"],
  ["#", "Name a file, or a step of the run in front; files may be dropped or pasted too"]
]

const PromptSigns = () => (
  <section aria-label="In the prompt" className={styles.group}>
    <h3 className={styles.heading}>In the prompt</h3>
    <dl className={styles.signs}>
      {signs.map(([sign, does]) => (
        <div key={sign}>
          <dt>
            <code>{sign}</code>
          </dt>
          <dd>{does}</dd>
        </div>
      ))}
      {verbs.map(({ does, name, takes }) => (
        <div key={name}>
          <dt>
            <code>
              /{name} {takes}
            </code>
          </dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
  </section>
)

export default ShortcutSheet
