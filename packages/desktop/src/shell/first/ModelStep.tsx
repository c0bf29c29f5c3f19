import { ModelChoiceReply, ModelsReply, SecretReply, SecretsReply } from "@choiros/protocol"
import { Check } from "lucide-react"
import { useRef, useState } from "react"
import { get, inWords, path, request } from "../../client/api.ts"
import { plainName } from "../../content/plainText.ts"
import { Button } from "../../ui/Button.tsx"
import { ErrorState } from "../../ui/ErrorState.tsx"
import { Loading } from "../../ui/Loading.tsx"
import { SegmentedControl } from "../../ui/SegmentedControl.tsx"
import { SelectField } from "../../ui/SelectField.tsx"
import { TextField } from "../../ui/TextField.tsx"
import styles from "./FirstRun.module.css"
import { useRead } from "./useRead.ts"

const readModels = async () => {
  const [models, secrets] = await Promise.all([get("/models", ModelsReply), get("/secrets", SecretsReply)])
  return { models, secrets: secrets.secrets.filter(({ provider }) => provider !== null) }
}

export const ModelStep = () => {
  const { again, error, value } = useRead(readModels)
  const [way, setWay] = useState<"now" | "key">("now")
  if (error !== null)
    return <ErrorState title="What models there are could not be read" cause={error} onRetry={again} />
  if (value === null) return <Loading label="the models" />
  const { models, secrets } = value
  const usable = models.models.filter((model) => model.usable)
  return (
    <div className={styles.step}>
      <SegmentedControl
        label="What should think"
        value={way}
        onChange={setWay}
        options={[
          { value: "now", label: "What is there" },
          { value: "key", label: "Enter a key" }
        ]}
      />
      {way === "key" ? (
        <KeyForm secrets={secrets} onStored={again} />
      ) : (
        <p className={styles.words}>
          {models.default === null ? (
            "Models are turned off. Choose one below."
          ) : (
            <>
              New runs are answered by <strong>{plainName(models.default)}</strong>.
              {models.default.startsWith("demo") &&
                " It is a demo: it needs no key, costs nothing, and understands a few sentences (“help” lists them)."}
            </>
          )}
        </p>
      )}
      {usable.length > 1 && <Choice models={usable.map(({ id }) => id)} chosen={models.default} onChosen={again} />}
    </div>
  )
}

interface ChoiceProps {
  readonly models: ReadonlyArray<string>
  readonly chosen: string | null
  readonly onChosen: () => void
}

const Choice = ({ chosen, models, onChosen }: ChoiceProps) => {
  const [problem, setProblem] = useState<string | null>(null)
  /** Chosen here; it is shown before the computer has answered. */
  const [wanted, setWanted] = useState<string | null>(null)
  const last = useRef<Promise<unknown>>(Promise.resolve())
  const choose = (model: string) => {
    setProblem(null)
    setWanted(model)
    const put = () => request("PUT", "/models/default", ModelChoiceReply, { body: { model } })
    // What was chosen last is stored last, whatever became of the choice before it.
    const stored = last.current.then(put, put)
    last.current = stored
    stored.then(
      () => {
        if (last.current === stored) onChosen()
      },
      (error: unknown) => {
        if (last.current !== stored) return
        setWanted(null)
        setProblem(inWords(error))
        onChosen()
      }
    )
  }
  return (
    <SelectField
      label="Model of new runs"
      options={models.map((id) => ({ value: id, label: id }))}
      value={wanted ?? chosen ?? ""}
      onChange={choose}
      error={problem}
    />
  )
}

interface KeyFormProps {
  readonly secrets: SecretsReply["secrets"]
  readonly onStored: () => void
}

const KeyForm = ({ onStored, secrets }: KeyFormProps) => {
  const [name, setName] = useState(secrets[0]?.name ?? "")
  const [value, setValue] = useState("")
  const [state, setState] = useState<"typing" | "testing">("typing")
  const [problem, setProblem] = useState<string | null>(null)
  const [told, setTold] = useState<string | null>(null)
  const secret = secrets.find((one) => one.name === name)
  const store = async () => {
    if (state === "testing") return
    if (value.trim() === "") return setProblem("Type the key, or choose what is there")
    setState("testing")
    setProblem(null)
    setTold(null)
    try {
      const reply = await request("PUT", path`secrets/${name}`, SecretReply, { body: { value: value.trim() } })
      setValue("")
      setTold(
        reply.tested === null
          ? "Stored. There was no way to try it."
          : reply.tested.message || "It works, and is stored."
      )
      onStored()
    } catch (error) {
      setProblem(inWords(error))
    } finally {
      setState("typing")
    }
  }
  return (
    <form
      className={styles.step}
      onSubmit={(event) => {
        event.preventDefault()
        void store()
      }}
    >
      <SelectField
        label="Provider"
        options={secrets.map((one) => ({ value: one.name, label: one.provider ?? one.name }))}
        value={name}
        // What is tried is the key of this provider until it is answered.
        disabled={state === "testing"}
        onChange={setName}
      />
      <TextField
        label={`Key${secret?.present === true ? " (one is stored: this takes its place)" : ""}`}
        type="password"
        autoComplete="off"
        readOnly={state === "testing"}
        value={value}
        hint="It is tried with its provider, stored on this computer, and never shown again."
        error={problem}
        onChange={(event) => setValue(event.target.value)}
      />
      <div>
        <Button type="submit" busy={state === "testing"}>
          Try and store
        </Button>
      </div>
      {told !== null && (
        <p className={styles.good} role="status">
          <Check size={16} strokeWidth={1.75} aria-hidden="true" />
          {told}
        </p>
      )}
    </form>
  )
}
