/** Which model answers, which ones can't and why, and the keys of their providers. */
import { AgentsReply, ModelChoiceReply, ModelsReply, SecretsReply, SettingsReply } from "@choiros/protocol"
import { useId, useRef, useState } from "react"
import { get, inWords, request } from "../../client/api.ts"
import { plainName } from "../../content/plainText.ts"
import { openApp } from "../../state/windows.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Button } from "../../ui/Button.tsx"
import { TextField } from "../../ui/TextField.tsx"
import { Keys } from "./Keys.tsx"
import styles from "./ModelsSection.module.css"
import { byProvider } from "./modelGroups.ts"
import { fixedBecause, Line, Note, Part, Source } from "./Part.tsx"
import { Show, Whole } from "./Show.tsx"
import { useLoaded } from "./useLoaded.ts"

const readModels = () => get("/models", ModelsReply)
const readSecrets = () => get("/secrets", SecretsReply)
const readSettings = () => get("/settings", SettingsReply)
const readAgents = () => get("/agents", AgentsReply)

export const ModelsSection = () => {
  const models = useLoaded(readModels)
  const secrets = useLoaded(readSecrets)
  const settings = useLoaded(readSettings)
  const agents = useLoaded(readAgents, isAgentEvent)
  return (
    <Whole of={[models, secrets, settings, agents]}>
      <Show of={models} what="the models">
        {(reply) => <DefaultModel reply={reply} onChanged={models.reload} />}
      </Show>
      <Keys secrets={secrets} onChanged={models.reload} />
      <Show of={settings} what="the settings">
        {(reply) => <ModelServer reply={reply} onChanged={settings.put} />}
      </Show>
      <Show of={agents} what="the agents">
        {(reply) => <AgentModels reply={reply} />}
      </Show>
    </Whole>
  )
}

const isAgentEvent = (event_type: string): boolean => event_type.startsWith("agent.")

interface DefaultModelProps {
  readonly reply: ModelsReply
  readonly onChanged: () => Promise<void>
}

const DefaultModel = ({ onChanged, reply }: DefaultModelProps) => {
  const name = useId()
  const [search, setSearch] = useState("")
  const [busy, setBusy] = useState(false)
  const [choosing, setChoosing] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const last = useRef<Promise<unknown>>(Promise.resolve())
  const fixed = fixedBecause(reply.source)
  const { unusable, usable } = byProvider(reply.models, search)
  const matching = usable.reduce((sum, { models }) => sum + models.length, 0)

  const choose = async (model: string | null): Promise<void> => {
    setBusy(true)
    setChoosing(model)
    setProblem(null)
    // Each choice goes after the one before it, so that the last one stands.
    const put = () => request("PUT", "/models/default", ModelChoiceReply, { body: { model } })
    const mine = last.current.then(put, put)
    last.current = mine
    try {
      await mine
      await onChanged()
    } catch (error) {
      if (last.current === mine) setProblem(inWords(error))
    }
    if (last.current !== mine) return
    setChoosing(null)
    setBusy(false)
  }

  return (
    <Part
      title="Default model"
      intro="It answers where a run or an agent names none."
      end={<Source source={reply.source} />}
    >
      <Line label="Answers now">
        <code>{reply.default === null ? "off" : plainName(reply.default)}</code>
        {reply.source === "setting" ? (
          <Button size="s" variant="ghost" busy={busy} onClick={() => void choose(null)}>
            Use the default
          </Button>
        ) : null}
      </Line>
      {fixed === null ? null : <Note>{fixed}</Note>}
      {problem === null ? null : <Note tone="danger">{problem}</Note>}
      {reply.models.length > 8 ? (
        <TextField
          label="Find a model"
          hideLabel
          type="search"
          placeholder="Find a model"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      ) : null}
      {matching === 0 ? <Note>No model that can be used has these words.</Note> : null}
      <fieldset className={styles.models} aria-label="Default model" disabled={fixed !== null}>
        {usable.map(({ models, provider }) => (
          <div key={provider} className={styles.provider}>
            <h4 className={styles.providerName}>{plainName(provider)}</h4>
            {models.map((model) => (
              <label key={model.id} className={styles.model}>
                <input
                  type="radio"
                  name={name}
                  checked={model.id === (choosing ?? reply.default)}
                  onChange={() => void choose(model.id)}
                />
                <span>{plainName(model.name)}</span>
              </label>
            ))}
          </div>
        ))}
      </fieldset>
      {unusable.length === 0 ? null : (
        <details className={styles.rest}>
          <summary>Models that can't be used now, and why ({unusable.length})</summary>
          <ul>
            {unusable.map(({ models, provider, reason }) => (
              <li key={`${provider} ${reason}`} className={styles.unusable}>
                <p>
                  <strong>{plainName(provider)}</strong>: {reason}
                </p>
                <p className={styles.names}>{models.map((model) => plainName(model.name)).join(", ")}</p>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Part>
  )
}

interface ModelServerProps {
  readonly reply: SettingsReply
  readonly onChanged: (reply: SettingsReply) => void
}

const ModelServer = ({ onChanged, reply }: ModelServerProps) => {
  const { needs_restart, problem: fileProblem, sources, values } = reply
  const [text, setText] = useState(values.model_base_url ?? "")
  const [busy, setBusy] = useState(false)
  const [saved, setSaved] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const fixed = fixedBecause(sources.model_base_url)
  const restart = needs_restart.includes("model_base_url")
  const changed = text.trim() !== (values.model_base_url ?? "")

  const save = async (model_base_url: string | null): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      onChanged(await request("PATCH", "/settings", SettingsReply, { body: { model_base_url } }))
      // It may have been corrected meanwhile.
      setText((now) => (now === text ? (model_base_url ?? "") : now))
      setSaved(true)
    } catch (error) {
      setProblem(inWords(error))
    }
    setBusy(false)
  }

  return (
    <Part
      title="A model server of your own"
      intro="The address of a server that speaks the OpenAI protocol."
      end={<Source source={sources.model_base_url} />}
    >
      {fileProblem === null ? null : <Note tone="danger">{fileProblem}</Note>}
      <form
        className={styles.server}
        onSubmit={(event) => {
          event.preventDefault()
          void save(text.trim() === "" ? null : text.trim())
        }}
      >
        <TextField
          label="Address"
          type="url"
          placeholder="http://localhost:1234/v1"
          value={text}
          readOnly={fixed !== null}
          error={problem}
          hint={fixed ?? (restart ? "A change is felt after the next start of the computer." : undefined)}
          onChange={(event) => {
            setSaved(false)
            setText(event.target.value)
          }}
        />
        {fixed === null ? (
          <div className={styles.buttons}>
            <Button type="submit" busy={busy} disabled={!changed}>
              Save
            </Button>
            {sources.model_base_url === "setting" ? (
              <Button variant="ghost" onClick={() => void save(null)}>
                Use none
              </Button>
            ) : null}
          </div>
        ) : null}
      </form>
      {saved && restart && !changed ? <Note tone="warning">Saved. Restart the computer for it to be used.</Note> : null}
    </Part>
  )
}

const AgentModels = ({ reply }: { readonly reply: AgentsReply }) => {
  const own = reply.agents.filter(({ model }) => model !== null)
  return (
    <Part
      title="Models of single agents"
      intro="An agent that names a model in its file uses that one. All others use the default."
    >
      {own.length === 0 ? <Note>No agent names a model of its own.</Note> : null}
      {own.map(({ model, name, path, source }) => (
        <Line
          key={name}
          label={
            <span className={styles.agent}>
              <AgentMark name={name} size={14} /> {plainName(name)}
            </span>
          }
        >
          <code>{plainName(model ?? "")}</code>
          {source === "workspace" && path !== null ? (
            <Button size="s" variant="ghost" onClick={() => openApp("editor", { path })}>
              Edit its file
            </Button>
          ) : null}
        </Line>
      ))}
    </Part>
  )
}
