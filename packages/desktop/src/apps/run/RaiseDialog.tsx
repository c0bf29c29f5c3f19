import { useState } from "react"
import { Button } from "../../ui/Button.tsx"
import { Dialog } from "../../ui/Dialog.tsx"
import { SelectField } from "../../ui/SelectField.tsx"
import { TextField } from "../../ui/TextField.tsx"
import { type BudgetLine, capWords } from "./budget.ts"
import styles from "./RaiseDialog.module.css"
import { raiseRun } from "./runCommands.ts"
import type { RunFacts } from "./runFacts.ts"

type Kind = BudgetLine["kind"]

const kinds: ReadonlyArray<{ readonly value: Kind; readonly label: string }> = [
  { value: "money", label: "Money (US dollars)" },
  { value: "tokens", label: "Tokens" },
  { value: "steps", label: "Steps" },
  { value: "wall_time", label: "Time at work (seconds)" }
]

const capOf = ({ budget }: RunFacts, kind: Kind): number | undefined =>
  ({ money: budget.usd, tokens: budget.tokens, steps: budget.steps, wall_time: budget.seconds })[kind]

/** What a cap may be raised to when there is none to double. */
const first: Readonly<Record<Kind, number>> = { money: 1, tokens: 100_000, steps: 50, wall_time: 600 }

export const RaiseDialog = ({
  facts,
  open,
  onOpenChange
}: {
  readonly facts: RunFacts
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
}) => (
  <Dialog
    open={open}
    onOpenChange={onOpenChange}
    size="s"
    title="Raise the run's budget"
    description={
      capWords(facts.budget).length === 0
        ? "It has no cap of its own. What its agent and the day may use holds all the same."
        : `It may use ${capWords(facts.budget).join(", ")} now. At a cap it pauses and asks.`
    }
  >
    <RaiseForm facts={facts} onDone={() => onOpenChange(false)} />
  </Dialog>
)

const RaiseForm = ({ facts, onDone }: { readonly facts: RunFacts; readonly onDone: () => void }) => {
  const capped = kinds.find(({ value }) => capOf(facts, value) !== undefined)?.value ?? "money"
  const [kind, setKind] = useState<Kind>(capped)
  const [limit, setLimit] = useState(() => String(2 * (capOf(facts, capped) ?? first[capped] / 2)))
  const [busy, setBusy] = useState(false)
  const value = Number(limit)
  const whole = kind === "steps" || kind === "tokens"
  const wrong = !Number.isFinite(value) || value <= 0 || (whole && !Number.isInteger(value))
  return (
    <form
      className={styles.form}
      onSubmit={async (event) => {
        event.preventDefault()
        if (wrong || busy) return
        setBusy(true)
        const taken = await raiseRun(facts.run_id, { kind, limit: value })
        setBusy(false)
        if (taken) onDone()
      }}
    >
      <SelectField
        label="Of what"
        options={kinds}
        value={kind}
        onChange={(next) => {
          setKind(next)
          setLimit(String(2 * (capOf(facts, next) ?? first[next] / 2)))
        }}
      />
      <TextField
        label="New limit"
        inputMode="decimal"
        value={limit}
        error={wrong ? (whole ? "A whole number above 0" : "A number above 0") : undefined}
        onChange={(event) => setLimit(event.target.value)}
      />
      <div className={styles.buttons}>
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" busy={busy} disabled={wrong}>
          Set the limit
        </Button>
      </div>
    </form>
  )
}
