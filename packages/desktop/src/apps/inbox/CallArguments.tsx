/** The exact arguments of a call: shown as they are, changed by who wants to. */
import { Pencil, Undo2 } from "lucide-react"
import { useState } from "react"
import { CodeBlock } from "../../content/CodeBlock.tsx"
import { plainName } from "../../content/plainText.ts"
import { Button } from "../../ui/Button.tsx"
import { Checkbox } from "../../ui/Checkbox.tsx"
import { SegmentedControl } from "../../ui/SegmentedControl.tsx"
import { TextArea } from "../../ui/TextArea.tsx"
import { TextField } from "../../ui/TextField.tsx"
import styles from "./CallArguments.module.css"
import { Marked } from "./CallEffect.tsx"
import {
  type ArgumentField,
  applyDraft,
  argumentsOf,
  type Draft,
  type Edited,
  fieldsOf,
  inMode,
  textFor
} from "./callArguments.ts"

interface CallArgumentsProps {
  readonly tool_name: string
  readonly tool_args: string
  readonly dangerous: ReadonlyArray<string>
  /** What stands above already, and is not said twice. */
  readonly effect: string | null
  /** Null: as the agent wrote them. */
  readonly draft: Draft | null
  /** Absent: nothing can be changed now. */
  readonly onDraft?: ((draft: Draft | null) => void) | undefined
}

export const CallArguments = ({ dangerous, draft, effect, onDraft, tool_args, tool_name }: CallArgumentsProps) => {
  const args = argumentsOf(tool_args)
  if (draft !== null && onDraft !== undefined) {
    return <Editor draft={draft} tool_args={tool_args} onDraft={onDraft} />
  }
  const fields = args === null ? null : fieldsOf(args)
  const above = fields?.find(({ text }) => text === effect)
  const shown = fields?.filter((field) => field !== above)
  return (
    <div className={styles.arguments} role="group" aria-label="Arguments">
      <div className={styles.head}>
        <span className={styles.title}>
          Calls <code>{plainName(tool_name)}</code>
          {fields?.length === 0
            ? " without arguments"
            : above === undefined
              ? " with"
              : ` with this ${plainName(above.name)}${shown?.length === 0 ? ", and nothing else" : " and"}`}
        </span>
        {onDraft === undefined ? null : (
          <Button
            size="s"
            variant="ghost"
            icon={<Pencil size={14} strokeWidth={1.75} />}
            onClick={() =>
              onDraft(
                fields === null || fields.length === 0
                  ? { mode: "json", text: tool_args }
                  : { mode: "fields", texts: Object.fromEntries(fields.map(({ name, text }) => [name, text])) }
              )
            }
          >
            Change
          </Button>
        )}
      </div>
      {shown === undefined ? (
        <CodeBlock code={tool_args} language="json" wrap />
      ) : shown.length === 0 ? null : (
        <dl className={styles.list}>
          {shown.map((field) => (
            <Shown key={field.name} field={field} dangerous={dangerous} />
          ))}
        </dl>
      )}
    </div>
  )
}

/** Characters that are shown at first. */
const shownAtFirst = 600

const Shown = ({ dangerous, field }: { readonly field: ArgumentField; readonly dangerous: ReadonlyArray<string> }) => {
  const [all, setAll] = useState(false)
  const { name, text } = field
  const long = text.length > shownAtFirst
  return (
    <div className={styles.row}>
      <dt className={styles.name}>{plainName(name)}</dt>
      <dd className={styles.value}>
        <code>
          <Marked text={long && !all ? text.slice(0, shownAtFirst) : text} dangerous={dangerous} />
        </code>
        {long ? (
          <Button size="s" variant="ghost" onClick={() => setAll(!all)}>
            {all ? "Show less" : `Show all ${text.length} characters`}
          </Button>
        ) : null}
      </dd>
    </div>
  )
}

const modes = [
  { value: "fields", label: "Fields" },
  { value: "json", label: "JSON" }
] as const

interface EditorProps {
  readonly draft: Draft
  readonly tool_args: string
  readonly onDraft: (draft: Draft | null) => void
}

const Editor = ({ draft, onDraft, tool_args }: EditorProps) => {
  const [refused, setRefused] = useState(false)
  const edited = applyDraft(draft, tool_args)
  const fields = fieldsOf(argumentsOf(tool_args) ?? {})
  return (
    <div className={styles.arguments} role="group" aria-label="Change the arguments">
      <div className={styles.head}>
        {fields.length === 0 ? null : (
          <SegmentedControl
            label="Change the arguments as"
            options={modes}
            value={draft.mode}
            onChange={(mode) => {
              const next = inMode(draft, mode, tool_args)
              setRefused(next === draft)
              onDraft(next)
            }}
          />
        )}
        <Button size="s" variant="ghost" icon={<Undo2 size={14} strokeWidth={1.75} />} onClick={() => onDraft(null)}>
          As the agent asked
        </Button>
      </div>
      {refused ? (
        <p className={styles.refused} role="status">
          {draft.mode === "json"
            ? "This can't be shown as fields: the names are not those that the agent used."
            : "A field can't be read yet; correct it first."}
        </p>
      ) : null}
      {draft.mode === "json" ? (
        <TextArea
          label="Arguments as JSON"
          hideLabel
          className={styles.mono}
          rows={6}
          spellCheck={false}
          value={draft.text}
          error={errorOf(edited, null)}
          onChange={(event) => onDraft({ mode: "json", text: event.target.value })}
        />
      ) : (
        fields.map((field) => (
          <FieldEditor
            key={field.name}
            field={field}
            text={textFor(draft.texts, field)}
            error={errorOf(edited, field.name)}
            onText={(text) => onDraft({ mode: "fields", texts: { ...draft.texts, [field.name]: text } })}
          />
        ))
      )}
    </div>
  )
}

const errorOf = (edited: Edited, field: string | null): string | null =>
  !edited.ok && edited.field === field ? edited.reason : null

interface FieldEditorProps {
  readonly field: ArgumentField
  readonly text: string
  readonly error: string | null
  readonly onText: (text: string) => void
}

const FieldEditor = ({ error, field, onText, text }: FieldEditorProps) => {
  const label = plainName(field.name)
  if (field.kind === "flag") {
    return (
      <Checkbox label={label} checked={text === "true"} onChange={(checked) => onText(checked ? "true" : "false")} />
    )
  }
  if (field.kind === "number") {
    return (
      <TextField
        label={label}
        className={styles.mono}
        inputMode="decimal"
        value={text}
        error={error}
        onChange={(event) => onText(event.target.value)}
      />
    )
  }
  return (
    <TextArea
      label={label}
      className={styles.mono}
      rows={Math.min(8, Math.max(1, text.split("\n").length))}
      spellCheck={false}
      value={text}
      error={error}
      onChange={(event) => onText(event.target.value)}
    />
  )
}
