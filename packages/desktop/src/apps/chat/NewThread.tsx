/** A conversation that has not begun: tasks to begin with, and who is to answer. */
import { PanelLeft } from "lucide-react"
import { useRef, useState } from "react"
import { useStore } from "zustand"
import { inWords } from "../../client/api.ts"
import { connectionStore } from "../../client/Connection.ts"
import { notify } from "../../state/notices.ts"
import type { ThreadScope } from "../../state/runs.ts"
import { useStillHere } from "../../state/stillHere.ts"
import { openApp } from "../../state/windows.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Button } from "../../ui/Button.tsx"
import { IconButton } from "../../ui/IconButton.tsx"
import { SelectField } from "../../ui/SelectField.tsx"
import { Composer } from "./Composer.tsx"
import { giveBack, moveDraft } from "./drafts.ts"
import styles from "./NewThread.module.css"
import { threadKey } from "./outbox.ts"
import { createThread, sendFirst } from "./requests.ts"
import { starters } from "./starters.ts"
import { modelOptions, useChoices } from "./useChoices.ts"
import { useComposerFocus } from "./useComposerFocus.ts"

interface NewThreadProps {
  readonly active: boolean
  readonly listShown: boolean
  readonly onToggleList: () => void
  readonly onBegun: (scope: ThreadScope) => void
}

const draft = "new"
const firstAgent = "chat"

export const NewThread = ({ active, listShown, onBegun, onToggleList }: NewThreadProps) => {
  const { choices, problem: unknown, retry } = useChoices()
  const offline = useStore(connectionStore, ({ status }) => status === "offline")
  const [agent, setAgent] = useState(firstAgent)
  const [model, setModel] = useState("")
  const [problem, setProblem] = useState<string | null>(null)
  const [beginning, setBeginning] = useState(false)
  const field = useRef<HTMLTextAreaElement>(null)
  const here = useStillHere()
  useComposerFocus(field, active)

  const begin = async (text: string, by: string): Promise<void> => {
    if (beginning) return giveBack(draft, text)
    setBeginning(true)
    setProblem(null)
    try {
      const scope = await createThread({ agent: by, model: model === "" ? null : model })
      if (here.current) moveDraft(draft, threadKey(scope))
      const sent = sendFirst(scope, text)
      if (here.current) onBegun(scope)
      await sent
    } catch (error) {
      giveBack(draft, text)
      if (here.current) setProblem(`It was not sent: ${inWords(error)}`)
      else notify("It was not sent", { level: "error", text: inWords(error) })
    } finally {
      setBeginning(false)
    }
  }

  const chosen = choices?.agents.find(({ name }) => name === agent)
  return (
    <section className={styles.view} aria-label="What to begin with">
      <div className={styles.bar}>
        {listShown ? null : (
          <IconButton
            size="s"
            label="Show the list"
            keys="Mod+Alt+L"
            icon={<PanelLeft size={16} strokeWidth={1.75} />}
            onClick={onToggleList}
          />
        )}
      </div>
      <div className={styles.middle}>
        <h3 className={styles.title}>What is to be done?</h3>
        <p className={styles.words}>Ask in words, or begin with one of these.</p>
        <ul className={styles.starters}>
          {starters.map(({ about, agent: by, icon: Icon, text, title }) => (
            <li key={title}>
              <button
                type="button"
                className={styles.starter}
                disabled={offline || beginning}
                onClick={() => void begin(text, by ?? agent)}
              >
                <Icon size={18} strokeWidth={1.75} aria-hidden="true" />
                <span className={styles.starterWords}>
                  <span className={styles.starterTitle}>{title}</span>
                  <span className={styles.about}>{about}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
        {choices !== null && choices.defaultModel === null && model === "" ? (
          <p className={styles.note} role="status">
            No model is in use, so nobody would answer.
            <Button size="s" onClick={() => openApp("settings", { section: "models" })}>
              Choose a model
            </Button>
          </p>
        ) : null}
        {unknown === null ? null : (
          <p className={styles.note} role="status">
            Agents and models could not be listed: {unknown}
            <Button size="s" onClick={retry}>
              Try again
            </Button>
          </p>
        )}
      </div>
      <Composer
        draft={draft}
        working={false}
        history={[]}
        instead={null}
        onCancelInstead={() => undefined}
        problem={problem}
        onSend={(text) => void begin(text, agent)}
        field={field}
      >
        {choices === null ? null : (
          <span className={styles.pickers}>
            <AgentMark name={agent} />
            <SelectField
              className={styles.picker}
              label="Agent"
              hideLabel
              title={chosen?.description}
              value={agent}
              options={choices.agents.map(({ name }) => ({ value: name, label: name }))}
              onChange={setAgent}
            />
            <SelectField
              className={styles.picker}
              label="Model"
              hideLabel
              value={model}
              options={modelOptions(choices, model)}
              onChange={setModel}
            />
          </span>
        )}
      </Composer>
    </section>
  )
}
