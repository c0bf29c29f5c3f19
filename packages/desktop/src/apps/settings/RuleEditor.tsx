/** One rule in the making: what it is about, and what becomes of it. */
import type { Agent, Rule } from "@choiros/protocol"
import { Button } from "../../ui/Button.tsx"
import { Checkbox } from "../../ui/Checkbox.tsx"
import { SegmentedControl } from "../../ui/SegmentedControl.tsx"
import { SelectField } from "../../ui/SelectField.tsx"
import { TextField } from "../../ui/TextField.tsx"
import { tierWords } from "../../ui/tierWords.ts"
import styles from "./RuleEditor.module.css"
import { actionWords, allTiers, bodyOfDraft, problemOfRule, type RuleDraft, whatOfRule } from "./rules.ts"

interface RuleEditorProps {
  readonly draft: RuleDraft
  readonly agents: ReadonlyArray<Agent>
  readonly busy: boolean
  readonly onChange: (draft: RuleDraft) => void
  readonly onSave: (draft: RuleDraft) => Promise<void>
  readonly onCancel: () => void
}

const actions: ReadonlyArray<{ readonly value: Rule["action"]; readonly label: string }> = [
  { value: "allow", label: "Allow" },
  { value: "ask", label: "Ask" },
  { value: "deny", label: "Deny" }
]

/** What tools the agents here have, with the word for all. */
export const toolsOf = (agents: ReadonlyArray<Agent>, chosen: string): ReadonlyArray<string> =>
  [...new Set([...agents.flatMap(({ tools }) => tools), chosen])]
    .filter((tool) => tool !== "" && tool !== "*")
    .toSorted()

export const RuleEditor = ({ agents, busy, draft, onCancel, onChange, onSave }: RuleEditorProps) => {
  const problem = problemOfRule(draft)
  const body = bodyOfDraft(draft)
  const said = whatOfRule({
    tool: body.tool,
    pattern: body.pattern ?? null,
    ...(body.tiers === undefined || body.tiers === null ? {} : { tiers: body.tiers }),
    ...(body.agent === undefined || body.agent === null ? {} : { agent: body.agent })
  })
  return (
    <form
      className={styles.form}
      aria-label={draft.id === null ? "A new rule" : "Change the rule"}
      onSubmit={(event) => {
        event.preventDefault()
        if (problem === null) void onSave(draft)
      }}
    >
      <SegmentedControl
        label="What becomes of it"
        options={actions}
        value={draft.action}
        onChange={(action) => onChange({ ...draft, action })}
      />
      <div className={styles.fields}>
        <SelectField
          label="Tool"
          value={draft.tool}
          options={[
            { value: "*", label: "Every tool" },
            ...toolsOf(agents, draft.tool).map((tool) => ({ value: tool, label: tool }))
          ]}
          onChange={(tool) => onChange({ ...draft, tool })}
        />
        <SelectField
          label="Agent"
          value={draft.agent}
          options={[
            { value: "", label: "Every agent" },
            ...[...new Set([...agents.map(({ name }) => name), draft.agent])]
              .filter((name) => name !== "")
              .map((name) => ({ value: name, label: name }))
          ]}
          onChange={(agent) => onChange({ ...draft, agent })}
        />
      </div>
      <TextField
        label="Pattern"
        className={styles.mono}
        spellCheck={false}
        maxLength={1_000}
        placeholder={draft.tool === "bash" ? "npm test *" : "src/**"}
        hint={
          draft.tool === "bash"
            ? "A command, word by word; a star stands for any words that follow. Empty: every command."
            : "Paths of files, with stars. Empty: every call."
        }
        value={draft.pattern}
        onChange={(event) => onChange({ ...draft, pattern: event.target.value })}
      />
      <fieldset className={styles.tiers}>
        <legend>
          {draft.action === "allow"
            ? "Only where it does no more than this (none chosen: all but what destroys or touches secrets)"
            : "Only where it does any of this (none chosen: every call)"}
        </legend>
        {allTiers.map((tier) => (
          <Checkbox
            key={tier}
            label={tierWords[tier].label}
            checked={draft.tiers.includes(tier)}
            onChange={(checked) =>
              onChange({
                ...draft,
                tiers: allTiers.filter((one) => (one === tier ? checked : draft.tiers.includes(one)))
              })
            }
          />
        ))}
      </fieldset>
      <TextField
        label="Note"
        maxLength={1_000}
        placeholder="Why this rule is there"
        value={draft.note}
        onChange={(event) => onChange({ ...draft, note: event.target.value })}
      />
      <p className={styles.said} role={problem === null ? undefined : "alert"}>
        {problem ?? `${actionWords[draft.action]}: ${said}.`}
      </p>
      <div className={styles.buttons}>
        <Button type="submit" variant="primary" busy={busy} disabled={problem !== null}>
          {draft.id === null ? "Add the rule at the end" : "Save the rule"}
        </Button>
        <Button variant="ghost" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
