import { RulePreset, RulesReply } from "@choiros/protocol"
import { useId, useRef, useState } from "react"
import { get, inWords, request } from "../../client/api.ts"
import { classes } from "../../ui/classes.ts"
import { ErrorState } from "../../ui/ErrorState.tsx"
import { Loading } from "../../ui/Loading.tsx"
import styles from "./FirstRun.module.css"
import { useRead } from "./useRead.ts"

const words: Readonly<Record<RulePreset, { readonly name: string; readonly does: string }>> = {
  careful: { name: "Careful", does: "Asks you for everything but reading." },
  balanced: {
    name: "Balanced",
    does: "Asks for what deletes, touches secrets, leaves the workspace or spends money."
  },
  trusting: { name: "Trusting", does: "Asks only for what deletes or touches secrets." }
}

const readRules = () => get("/rules", RulesReply)

export const RulesStep = () => {
  const name = useId()
  const { again, error, value } = useRead(readRules)
  const [problem, setProblem] = useState<string | null>(null)
  /** Chosen here; it is shown before the computer has answered. */
  const [chosen, setChosen] = useState<RulePreset | null>(null)
  const revision = useRef<Promise<string> | null>(null)
  if (error !== null) return <ErrorState title="The rules could not be read" cause={error} onRetry={again} />
  if (value === null) return <Loading label="the rules" />
  const current = chosen ?? value.preset
  const choose = (preset: RulePreset) => {
    setProblem(null)
    setChosen(preset)
    // Each choice is of what the one before it has made.
    const stored = (revision.current ?? Promise.resolve(value.revision))
      .then((revision) => request("PUT", "/rules", RulesReply, { body: { preset, revision } }))
      .then((reply) => reply.revision)
    revision.current = stored
    stored.then(again, (reason: unknown) => {
      revision.current = null
      setChosen(null)
      setProblem(inWords(reason))
      again()
    })
  }
  return (
    <fieldset className={styles.step} aria-label="How careful">
      {RulePreset.literals.map((preset) => (
        <label key={preset} className={classes(styles.preset, preset === current && styles.chosen)}>
          <input type="radio" name={name} checked={preset === current} onChange={() => choose(preset)} />
          <span>
            <strong>{words[preset].name}</strong>
            <span className={styles.words}>{words[preset].does}</span>
          </span>
        </label>
      ))}
      <p className={styles.words}>Each rule can be seen and changed in Settings.</p>
      {value.advisory && value.problem !== null && <p className={styles.warning}>{value.problem}</p>}
      {problem !== null && (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      )}
    </fieldset>
  )
}
