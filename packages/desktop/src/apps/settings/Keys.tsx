/**
 * The keys of providers.
 *
 * Law: a key is written and never read: it stays in its field until it is sent, and is nowhere on this page after that.
 */
import { Done, type Secret, SecretReply, type SecretsReply } from "@choiros/protocol"
import { useState } from "react"
import { inWords, path, request } from "../../client/api.ts"
import { plainName } from "../../content/plainText.ts"
import { notify } from "../../state/notices.ts"
import { useStillHere } from "../../state/stillHere.ts"
import { Badge } from "../../ui/Badge.tsx"
import { Button } from "../../ui/Button.tsx"
import { Checkbox } from "../../ui/Checkbox.tsx"
import { relativeTime } from "../../ui/format.ts"
import { SelectField } from "../../ui/SelectField.tsx"
import { TextField } from "../../ui/TextField.tsx"
import { useNow } from "../../ui/useNow.ts"
import styles from "./Keys.module.css"
import { Note, Part } from "./Part.tsx"
import { Show } from "./Show.tsx"
import type { Loaded } from "./useLoaded.ts"

interface KeysProps {
  readonly secrets: Loaded<SecretsReply>
  readonly onChanged: () => Promise<void>
}

export const Keys = ({ onChanged, secrets }: KeysProps) => {
  const changed = async (): Promise<void> => {
    await Promise.all([secrets.reload(), onChanged()])
  }
  return (
    <Part
      title="Keys"
      intro="A key is tried with its provider and kept in CHOIR_HOME. It can be replaced or removed, and is never shown again."
    >
      <Show of={secrets} what="the keys">
        {(reply) => <KeyList reply={reply} onChanged={changed} />}
      </Show>
    </Part>
  )
}

/** `tested` null: there was no trial, or no way to. */
type OnStored = (name: string, tested: SecretReply["tested"]) => void

interface KeyListProps {
  readonly reply: SecretsReply
  readonly onChanged: () => Promise<void>
}

const KeyList = ({ onChanged, reply: { problem, secrets } }: KeyListProps) => {
  const there = secrets.filter(({ present }) => present)
  const missing = secrets.filter(({ present }) => !present)
  const [adding, setAdding] = useState<string | null>(null)
  const [told, setTold] = useState<{ readonly words: string; readonly ok: boolean } | null>(null)
  const stored: OnStored = (name, tested) => {
    // Another one may be added by now.
    setAdding((now) => (now === name ? null : now))
    setTold({
      words:
        tested === null
          ? `${name} is stored, untried.`
          : tested.ok
            ? `${name} is stored. ${tested.message}`
            : `${name} is stored, but it could not be tried: ${tested.message}`,
      ok: tested?.ok === true
    })
    void onChanged()
  }
  const chosen = missing.find(({ name }) => name === adding)
  return (
    <>
      {problem === null ? null : <Note tone="danger">{problem}</Note>}
      {there.length === 0 ? <Note>No key is stored here yet.</Note> : null}
      {told === null ? null : (
        <div role="status">
          <Note tone={told.ok ? "success" : "warning"}>{told.words}</Note>
        </div>
      )}
      <ul className={styles.keys}>
        {there.map((secret) => (
          <Key key={secret.name} secret={secret} onChanged={onChanged} onStored={stored} />
        ))}
      </ul>
      {missing.length === 0 ? null : (
        <SelectField
          label="Add a key"
          className={styles.add}
          value={chosen?.name ?? ""}
          options={[
            { value: "", label: "Choose what it is for" },
            ...missing.map(({ name, provider }) => ({
              value: name,
              label: provider === null ? name : `${provider}: ${name}`
            }))
          ]}
          onChange={(name) => setAdding(name === "" ? null : name)}
        />
      )}
      {chosen === undefined ? null : (
        <KeyForm key={chosen.name} name={chosen.name} onCancel={() => setAdding(null)} onStored={stored} />
      )}
    </>
  )
}

interface KeyProps {
  readonly secret: Secret
  readonly onChanged: () => Promise<void>
  readonly onStored: OnStored
}

const Key = ({ onChanged, onStored, secret: { name, provider, source, updated_at } }: KeyProps) => {
  const now = useNow(60_000)
  const [open, setOpen] = useState<"replace" | "remove" | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  const remove = async (): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      await request("DELETE", path`secrets/${name}`, Done)
      await onChanged()
    } catch (error) {
      setProblem(inWords(error))
    }
    setBusy(false)
    setOpen((now) => (now === "remove" ? null : now))
  }

  return (
    <li className={styles.key}>
      <div className={styles.head}>
        <code className={styles.name}>{name}</code>
        {provider === null ? null : <span className={styles.provider}>{plainName(provider)}</span>}
        <Badge tone={source === "environment" ? "info" : "success"}>
          {source === "environment" ? "From the environment" : "Stored here"}
        </Badge>
        {updated_at === null ? null : (
          <time className={styles.at} dateTime={updated_at}>
            {relativeTime(updated_at, now)}
          </time>
        )}
        <span className={styles.space} />
        {source === "stored" ? (
          <>
            <Button size="s" onClick={() => setOpen(open === "replace" ? null : "replace")}>
              Replace
            </Button>
            <Button size="s" variant="ghost" onClick={() => setOpen(open === "remove" ? null : "remove")}>
              Remove
            </Button>
          </>
        ) : null}
      </div>
      {source === "environment" ? (
        <p className={styles.why}>
          The environment's key is used before any stored one. Start the computer without it to set it here.
        </p>
      ) : null}
      {problem === null ? null : <Note tone="danger">{problem}</Note>}
      {open === "remove" ? (
        <div className={styles.head}>
          <span>Models of this provider can't be used without it.</span>
          <Button size="s" variant="danger" busy={busy} onClick={() => void remove()}>
            Remove the key
          </Button>
          <Button size="s" variant="ghost" onClick={() => setOpen(null)}>
            Keep it
          </Button>
        </div>
      ) : null}
      {open === "replace" ? (
        <KeyForm
          name={name}
          onCancel={() => setOpen(null)}
          onStored={(stored, tested) => {
            setOpen((now) => (now === "replace" ? null : now))
            onStored(stored, tested)
          }}
        />
      ) : null}
    </li>
  )
}

interface KeyFormProps {
  readonly name: string
  readonly onCancel: () => void
  readonly onStored: OnStored
}

const KeyForm = ({ name, onCancel, onStored }: KeyFormProps) => {
  const [value, setValue] = useState("")
  const [test, setTest] = useState(true)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const here = useStillHere()

  const save = async (): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      const reply = await request("PUT", path`secrets/${name}`, SecretReply, { body: { value: value.trim(), test } })
      setValue("")
      setBusy(false)
      onStored(name, reply.tested)
    } catch (error) {
      // Nobody sees the field of a form that was left.
      if (!here.current) notify(`${name} was not stored`, { level: "error", text: inWords(error) })
      setProblem(inWords(error))
      setBusy(false)
    }
  }

  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (value.trim() !== "") void save()
      }}
    >
      <TextField
        label={`Value of ${name}`}
        type="password"
        autoComplete="off"
        spellCheck={false}
        value={value}
        error={problem}
        onChange={(event) => setValue(event.target.value)}
      />
      <Checkbox label="Try it with the provider before it is stored" checked={test} onChange={setTest} />
      <div className={styles.head}>
        <Button type="submit" variant="primary" busy={busy} disabled={value.trim() === ""}>
          {busy && test ? "Trying it" : "Store the key"}
        </Button>
        <Button variant="ghost" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
