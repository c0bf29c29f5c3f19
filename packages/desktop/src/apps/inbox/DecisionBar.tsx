/** The buttons of a request: allow once, for this run, always; deny, deny with a note. */
import type { Approval } from "@choiros/protocol"
import { Pencil } from "lucide-react"
import { type ComponentProps, useState } from "react"
import { plainName, shortened } from "../../content/plainText.ts"
import { Button } from "../../ui/Button.tsx"
import { IconButton } from "../../ui/IconButton.tsx"
import { TextArea } from "../../ui/TextArea.tsx"
import { TextField } from "../../ui/TextField.tsx"
import styles from "./DecisionBar.module.css"
import type { Answer } from "./decide.ts"
import { changeRequest, useBegunRequest } from "./kept.ts"

interface DecisionBarProps {
  readonly approval: Approval
  /** The arguments are the person's. */
  readonly changed: boolean
  readonly unreadable: boolean
  /** Too new to be decided, or there is nobody to be told. */
  readonly unready: boolean
  readonly busy: Answer["decision"] | null
  readonly onAnswer: (answer: Answer) => void
}

const shownPattern = 48

export const DecisionBar = ({ approval, busy, changed, onAnswer, unreadable, unready }: DecisionBarProps) => {
  const { approval_id } = approval
  const { form: open, note, pattern: typed } = useBegunRequest(approval_id)
  const pattern = typed ?? approval.pattern ?? ""
  /** Its button was pressed on this card just now, and not on the same one elsewhere. */
  const [asksNote, setAsksNote] = useState(false)
  const grave = approval.tiers.includes("destructive") || approval.tiers.includes("secrets")
  const off = unready || busy !== null
  const always = () => onAnswer({ decision: "always", pattern: pattern.trim() })
  return (
    <div className={styles.bar}>
      <fieldset className={styles.buttons} aria-label="Decide">
        <Choice
          variant={grave ? "danger" : "primary"}
          busy={busy === "once"}
          off={off || unreadable}
          onClick={() => onAnswer({ decision: "once" })}
        >
          {changed ? "Allow once, as changed" : "Allow once"}
        </Choice>
        {changed || unreadable ? null : (
          <Choice busy={busy === "run"} off={off} onClick={() => onAnswer({ decision: "run" })}>
            Allow for this run
          </Choice>
        )}
        {approval.pattern === null || changed || unreadable ? null : (
          <span className={styles.always}>
            <Choice busy={busy === "always"} off={off || pattern.trim() === ""} onClick={always}>
              Always allow <code className={styles.pattern}>{shortened(plainName(pattern), shownPattern)}</code>
            </Choice>
            <IconButton
              label="Change what is always allowed"
              size="s"
              icon={<Pencil size={14} strokeWidth={1.75} />}
              aria-expanded={open === "pattern"}
              onClick={() => changeRequest(approval_id, { form: open === "pattern" ? null : "pattern" })}
            />
          </span>
        )}
        <span className={styles.space} />
        <Choice busy={busy === "deny" && open !== "note"} off={off} onClick={() => onAnswer({ decision: "deny" })}>
          Deny
        </Choice>
        <Button
          variant="ghost"
          aria-expanded={open === "note"}
          onClick={() => {
            setAsksNote(open !== "note")
            changeRequest(approval_id, { form: open === "note" ? null : "note" })
          }}
        >
          Deny with a note…
        </Button>
      </fieldset>
      {changed ? <p className={styles.hint}>What you have changed is allowed for this one call.</p> : null}
      {open === "pattern" && approval.pattern !== null ? (
        <TextField
          label="Always allow"
          className={styles.mono}
          spellCheck={false}
          value={pattern}
          maxLength={1_000}
          hint={
            <>
              Offered: <code>{plainName(approval.pattern)}</code>. It can be made narrower here; a wider rule is made
              under Settings, Permissions.
            </>
          }
          onChange={(event) => changeRequest(approval_id, { pattern: event.target.value })}
        />
      ) : null}
      {open === "note" ? (
        <form
          className={styles.note}
          onSubmit={(event) => {
            event.preventDefault()
            if (!off) onAnswer({ decision: "deny", ...(note.trim() === "" ? {} : { note: note.trim() }) })
          }}
        >
          <TextArea
            label="Tell the agent why, or what to do instead"
            rows={2}
            // Asked for by the button that opened it.
            autoFocus={asksNote}
            onFocus={() => setAsksNote(false)}
            maxLength={10_000}
            value={note}
            onChange={(event) => changeRequest(approval_id, { note: event.target.value })}
          />
          <Button type="submit" busy={busy === "deny"} aria-disabled={off ? true : undefined}>
            Deny and tell it
          </Button>
        </form>
      ) : null}
    </div>
  )
}

type ChoiceProps = Omit<ComponentProps<typeof Button>, "disabled"> & { readonly off: boolean }

/** Keeps the focus where it is while it can't be pressed. */
const Choice = ({ off, onClick, ...rest }: ChoiceProps) => (
  <Button {...rest} aria-disabled={off ? true : undefined} onClick={off ? undefined : onClick} />
)
