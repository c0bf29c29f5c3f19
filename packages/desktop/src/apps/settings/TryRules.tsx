/** What would become of a call: nothing is run. */
import { type Agent, RuleTryReply } from "@choiros/protocol"
import { useState } from "react"
import { inWords, post } from "../../client/api.ts"
import { plainName, visibleText } from "../../content/plainText.ts"
import { Button } from "../../ui/Button.tsx"
import { SelectField } from "../../ui/SelectField.tsx"
import { TextField } from "../../ui/TextField.tsx"
import { TierBadge } from "../../ui/TierBadge.tsx"
import { Note, Part } from "./Part.tsx"
import { toolsOf } from "./RuleEditor.tsx"
import type { ListedRule } from "./rules.ts"
import styles from "./TryRules.module.css"
import { argumentsToTry } from "./tryArguments.ts"

interface TryRulesProps {
  readonly agents: ReadonlyArray<Agent>
  readonly rules: ReadonlyArray<ListedRule>
  readonly onFires: (rule_id: string | null) => void
}

const verdicts = {
  allow: { words: "It would be allowed.", tone: "success" },
  ask: { words: "You would be asked.", tone: "warning" },
  refuse: { words: "It would be refused.", tone: "danger" }
} as const

export const TryRules = ({ agents, onFires, rules }: TryRulesProps) => {
  const [tool, setTool] = useState("bash")
  const [agent, setAgent] = useState("")
  const [text, setText] = useState("")
  const [busy, setBusy] = useState(false)
  const [tried, setTried] = useState<RuleTryReply | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const args = argumentsToTry(tool, text)

  const attempt = async (): Promise<void> => {
    if (args.tool_args === null) return
    setBusy(true)
    setProblem(null)
    setTried(null)
    try {
      const reply = await post(
        "/rules/try",
        { tool_name: tool, tool_args: args.tool_args, ...(agent === "" ? {} : { agent }) },
        RuleTryReply
      )
      setTried(reply)
      onFires(reply.rule_id)
    } catch (error) {
      setProblem(inWords(error))
    }
    setBusy(false)
  }

  const place = tried === null ? -1 : rules.findIndex(({ id }) => id === tried.rule_id)
  return (
    <Part title="Try it" intro="See what the rules make of a call. Nothing is run.">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          void attempt()
        }}
      >
        <SelectField
          label="Tool"
          value={tool}
          options={toolsOf(agents, tool).map((name) => ({ value: name, label: name }))}
          onChange={(chosen) => {
            setTool(chosen)
            setTried(null)
            onFires(null)
          }}
        />
        <SelectField
          label="Agent"
          value={agent}
          options={[
            { value: "", label: "Any agent: the rules alone" },
            ...agents.map(({ name }) => ({ value: name, label: plainName(name) }))
          ]}
          onChange={setAgent}
        />
        <TextField
          label={args.label}
          className={styles.text}
          spellCheck={false}
          placeholder={args.example}
          value={text}
          error={text !== "" ? args.problem : null}
          onChange={(event) => setText(event.target.value)}
        />
        <Button
          type="submit"
          className={styles.button}
          busy={busy}
          disabled={text.trim() === "" || args.tool_args === null}
        >
          Try it
        </Button>
      </form>
      {problem === null ? null : <Note tone="danger">{problem}</Note>}
      {tried === null ? null : (
        <div role="status" className={styles.result}>
          <Note tone={verdicts[tried.verdict].tone}>
            <strong>{verdicts[tried.verdict].words}</strong> {visibleText(tried.intent)}.{" "}
            {place === -1 ? visibleText(tried.because) : `Rule ${place + 1}: ${visibleText(tried.because)}`}
          </Note>
          <span className={styles.tiers}>
            {tried.tiers.map((tier) => (
              <TierBadge key={tier} tier={tier} />
            ))}
          </span>
        </div>
      )}
    </Part>
  )
}
