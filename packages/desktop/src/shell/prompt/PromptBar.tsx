/** Where everything is asked for: what is typed, what it means, whom it goes to. */
import { CornerDownLeft } from "lucide-react"
import {
  type ClipboardEvent,
  type DragEvent,
  type KeyboardEvent,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState
} from "react"
import { useStore } from "zustand"
import { runAction } from "../../actions/Action.ts"
import { mentionsOf, uploadAll } from "../../client/uploads.ts"
import { draggedPaths, isMove } from "../../content/draggedFiles.ts"
import { inserted } from "../../prompt/complete.ts"
import { describe } from "../../prompt/describe.ts"
import { walked } from "../../prompt/history.ts"
import { withMentions } from "../../prompt/mentions.ts"
import { read } from "../../prompt/read.ts"
import { notify } from "../../state/notices.ts"
import { addBehind } from "../../ui/addBehind.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { backToWindow, leavePromptFor, promptIs } from "./focus.ts"
import { ModeMenu } from "./ModeMenu.tsx"
import { OptionList, optionId } from "./OptionList.tsx"
import { type Option, useOptions } from "./options.ts"
import { showOutput } from "./output.ts"
import styles from "./PromptBar.module.css"
import { usePromptContext } from "./promptContext.ts"
import { promptStore, readWho, setText, setWay } from "./promptStore.ts"
import { ReadingChip } from "./ReadingChip.tsx"
import { isLocal, submit } from "./send.ts"
import { WayMenu } from "./WayMenu.tsx"

export const PromptBar = () => {
  const { history, model, problem, text, walk, way } = useStore(promptStore)
  const context = usePromptContext()
  const [caret, setCaret] = useState(0)
  const [focused, setFocused] = useState(false)
  /** The text for which the panel was put away. */
  const [dismissed, setDismissed] = useState<string | null>(null)
  const [moved, setMoved] = useState(-1)
  const [uploading, setUploading] = useState(0)
  const field = useRef<HTMLTextAreaElement>(null)
  const list = useId()

  const reading = read(text, context)
  const described = describe(reading, way, model)
  const { error, isSearch, loading, options, token } = useOptions(text, caret, context)
  const isOpen = focused && dismissed !== text && walk.back === 0 && (isSearch || options.length > 0)
  const chosen = isOpen ? (moved >= 0 ? Math.min(moved, options.length - 1) : isSearch && !loading ? 0 : -1) : -1

  // Before any effect that gives it the keyboard.
  useLayoutEffect(() => (field.current === null ? undefined : promptIs(field.current)), [])
  const runInFront = context.focused?.run_id
  useEffect(() => {
    // What is said to one run is not said to the next in the same way.
    if (runInFront !== undefined || promptStore.getState().way !== "steer") setWay("steer")
  }, [runInFront])

  const type = (next: string, at: number) => {
    setText(next)
    if (next !== "") showOutput(null)
    setMoved(-1)
    setCaret(at)
  }
  const place = (next: string, at: number) => {
    type(next, at)
    // After React has put the text in.
    requestAnimationFrame(() => field.current?.setSelectionRange(at, at))
  }
  const choose = (option: Option) => {
    if (option.open !== undefined) {
      type("", 0)
      leavePromptFor(option.open)
    } else if (option.action !== undefined) {
      type("", 0)
      runAction(option.action)
    } else if (option.insert !== undefined && token !== null) {
      const next = inserted(text, token, option.insert)
      place(next.text, next.caret)
    }
  }
  const send = () => {
    // What it mentions has yet to come.
    if (uploading > 0 && !isLocal(reading)) {
      promptStore.setState({ problem: "A file is still on its way. Your text stays here." })
      return
    }
    submit(text, reading, way, context)
    setMoved(-1)
  }
  const back = (): void => {
    if (isOpen) setDismissed(text)
    else if (walk.back > 0) place(walk.draft, walk.draft.length)
    else backToWindow()
  }
  const walkHistory = (by: 1 | -1): boolean => {
    const step = walked(history, walk, text, by)
    if (step === null) return false
    promptStore.setState({ text: step.text, walk: step.walk, problem: null })
    requestAnimationFrame(() => field.current?.setSelectionRange(step.text.length, step.text.length))
    return true
  }
  const pressed = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return
    const plain = !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey
    const option = options[chosen]
    const done = ((): boolean => {
      if (!plain) return false
      switch (event.key) {
        case "Enter":
          if (option !== undefined && (isSearch || moved >= 0)) choose(option)
          else send()
          return true
        case "Tab": {
          const one = isOpen ? (option ?? options[0]) : undefined
          if (one !== undefined) choose(one)
          return one !== undefined
        }
        case "Escape":
          back()
          return true
        case "ArrowDown":
          if (isOpen) setMoved((Math.max(chosen, -1) + 1) % Math.max(1, options.length))
          else return isOnLine(event.currentTarget, "last") && walkHistory(-1)
          return true
        case "ArrowUp":
          if (isOpen && (chosen > 0 || moved >= 0)) setMoved((chosen - 1 + options.length) % options.length)
          else return isOnLine(event.currentTarget, "first") && walkHistory(1)
          return true
        default:
          return false
      }
    })()
    if (done) {
      event.preventDefault()
      event.stopPropagation()
    }
  }
  const mention = (mentions: ReadonlyArray<string>): void => {
    // A problem that is told stays where nothing comes.
    if (mentions.length === 0) return
    addBehind(field.current, () => setText(withMentions(promptStore.getState().text, mentions)))
  }
  const take = (files: FileList): boolean => {
    if (files.length === 0) return false
    setUploading((count) => count + files.length)
    void uploadAll([...files]).then(({ failures, mentions }) => {
      setUploading((count) => count - files.length)
      mention(mentions)
      for (const text of failures) notify("A file was not uploaded", { level: "error", text })
    })
    return true
  }
  const takePaths = (paths: ReadonlyArray<string>): void => {
    setUploading((count) => count + paths.length)
    void mentionsOf(paths).then((mentions) => {
      setUploading((count) => count - paths.length)
      mention(mentions)
    })
  }

  return (
    <div
      className={styles.prompt}
      data-keeps-focus
      onDragOver={(event: DragEvent) => {
        if (isMove(event.dataTransfer)) event.dataTransfer.dropEffect = "copy"
        else if (!event.dataTransfer.types.includes("Files")) return
        event.preventDefault()
      }}
      onDrop={(event: DragEvent) => {
        const paths = draggedPaths(event.dataTransfer)
        if (paths.length > 0) takePaths(paths)
        else if (!take(event.dataTransfer.files)) return
        event.preventDefault()
      }}
    >
      {isOpen && (
        <OptionList
          id={list}
          label={isSearch ? "What was found" : "Completions"}
          options={options}
          chosen={chosen}
          note={noteOf(text, isSearch, loading, error, options.length)}
          onChoose={choose}
        />
      )}
      <div className={styles.row}>
        <ModeMenu />
        <textarea
          ref={field}
          className={styles.field}
          rows={1}
          value={text}
          aria-label="Ask, or type a command"
          placeholder="Ask, or type / ! > ? @ #"
          aria-autocomplete="list"
          aria-controls={isOpen && options.length > 0 ? list : undefined}
          aria-activedescendant={isOpen && chosen >= 0 ? optionId(list, chosen) : undefined}
          aria-invalid={problem === null ? undefined : true}
          autoComplete="off"
          spellCheck={false}
          onFocus={() => {
            readWho()
            setFocused(true)
          }}
          onBlur={() => setFocused(false)}
          onChange={(event) => type(event.target.value, event.target.selectionStart)}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={pressed}
          onPaste={(event: ClipboardEvent) => {
            if (take(event.clipboardData.files)) event.preventDefault()
          }}
        />
        <ReadingChip described={described} uploading={uploading} agents={context.agents} />
        <div className={styles.send}>
          <IconButton
            variant="primary"
            label={reading.kind === "objective" && described.target !== null ? described.label : "Send"}
            icon={<CornerDownLeft size={16} strokeWidth={1.75} />}
            onClick={() => {
              const option = isSearch ? options[chosen] : undefined
              if (option === undefined) send()
              else choose(option)
              field.current?.focus()
            }}
          />
          {reading.kind === "objective" || reading.kind === "empty" ? (
            <WayMenu context={context} reading={reading} way={way} />
          ) : null}
        </div>
      </div>
      {problem !== null && (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}

const noteOf = (
  text: string,
  isSearch: boolean,
  loading: boolean,
  error: string | null,
  found: number
): string | null => {
  if (error !== null) return error
  if (!isSearch) return null
  if (text.slice(1).trim() === "") return "Type what to look for: threads, runs, files and events are searched"
  if (loading) return "Searching"
  return found > 0 ? null : "Nothing was found"
}

const isOnLine = ({ selectionEnd, selectionStart, value }: HTMLTextAreaElement, which: "first" | "last"): boolean =>
  which === "first" ? !value.slice(0, selectionStart).includes("\n") : !value.slice(selectionEnd).includes("\n")
