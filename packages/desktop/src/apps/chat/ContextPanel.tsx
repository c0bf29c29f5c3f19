/** What the agent of a conversation is: who, with which model, and what that model was sent at its last call. */
import { RunContextReply, type Thread } from "@choiros/protocol"
import { ChevronRight, RefreshCw, X } from "lucide-react"
import { memo, useCallback, useEffect, useRef, useState } from "react"
import { useStore } from "zustand"
import { ApiError, get, inWords, path } from "../../client/api.ts"
import { connectionStore } from "../../client/Connection.ts"
import { plainName, visibleText } from "../../content/plainText.ts"
import { scrollable } from "../../content/scrollable.ts"
import type { ThreadScope } from "../../state/runs.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { classes } from "../../ui/classes.ts"
import { Empty } from "../../ui/Empty.tsx"
import { ErrorState } from "../../ui/ErrorState.tsx"
import { clockTime, tokens } from "../../ui/format.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { Loading } from "../../ui/Loading.tsx"
import { SelectField } from "../../ui/SelectField.tsx"
import styles from "./ContextPanel.module.css"
import { changeThread } from "./requests.ts"
import { modelOptions, useChoices } from "./useChoices.ts"

interface ContextPanelProps {
  readonly scope: ThreadScope
  readonly thread: Thread | undefined
  /** Of the last turn; null without one. */
  readonly run_id: string | null
  /** Another one when its model was called, or has answered; 0 before the first call. */
  readonly calls: number
  /** Beside the conversation, or in its place. */
  readonly beside: boolean
  readonly onClose: () => void
}

export const ContextPanel = memo(({ beside, calls, onClose, run_id, scope, thread }: ContextPanelProps) => (
  <aside className={classes(styles.panel, beside && styles.beside)} aria-label="What the agent sees">
    <header className={styles.header}>
      <h3 className={styles.title}>What the agent sees</h3>
      <IconButton size="s" label="Close" icon={<X size={16} strokeWidth={1.75} />} onClick={onClose} />
    </header>
    <div className={styles.body}>
      {thread === undefined ? null : <Who scope={scope} thread={thread} />}
      {run_id === null || calls === 0 ? (
        <Empty title="Nothing was sent to the model yet" />
      ) : (
        <Sent key={run_id} run_id={run_id} call={calls} />
      )}
    </div>
  </aside>
))
ContextPanel.displayName = "ContextPanel"

const Who = ({ scope, thread }: { readonly scope: ThreadScope; readonly thread: Thread }) => {
  const { choices } = useChoices()
  const offline = useStore(connectionStore, ({ status }) => status === "offline")
  const [problem, setProblem] = useState<string | null>(null)
  const [wanted, setWanted] = useState<string | null>(null)
  const agent = choices?.agents.find(({ name }) => name === thread.agent)
  const change = async (model: string): Promise<void> => {
    if (model === "") return
    setWanted(model)
    setProblem(null)
    try {
      await changeThread(scope, { model })
    } catch (error) {
      setProblem(inWords(error))
    }
    setWanted(null)
  }
  return (
    <section className={styles.who}>
      <div className={styles.agent}>
        <AgentMark name={thread.agent} />
        <span className={styles.name}>{plainName(thread.agent)}</span>
      </div>
      {agent === undefined ? null : <p className={styles.about}>{plainName(agent.description)}</p>}
      {choices === null ? null : (
        <SelectField
          label="Model of this conversation"
          hint="From the next turn on"
          error={problem}
          disabled={offline || wanted !== null}
          value={wanted ?? thread.model ?? ""}
          options={modelOptions(choices, thread.model).map((option) =>
            // What was chosen for a conversation can be changed, and not taken back.
            option.value === "" && thread.model !== null ? { ...option, disabled: true } : option
          )}
          onChange={(model) => void change(model)}
        />
      )}
    </section>
  )
}

type Read =
  | { readonly status: "loading" }
  | { readonly status: "none" }
  | { readonly status: "failed"; readonly cause: string }
  | { readonly status: "ready"; readonly context: RunContextReply }

/** Read anew for each call of the model. */
const Sent = ({ call, run_id }: { readonly run_id: string; readonly call: number }) => {
  const [read, setRead] = useState<Read>({ status: "loading" })
  const reading = useRef<AbortController | null>(null)
  const load = useCallback(async (): Promise<void> => {
    // An older answer that comes last would stand for the newer one.
    reading.current?.abort()
    const own = new AbortController()
    reading.current = own
    try {
      const context = await get(path`runs/${run_id}/context`, RunContextReply, {}, own.signal)
      if (!own.signal.aborted) setRead({ status: "ready", context })
    } catch (error) {
      if (own.signal.aborted) return
      setRead(
        error instanceof ApiError && error.status === 404
          ? { status: "none" }
          : { status: "failed", cause: inWords(error) }
      )
    }
  }, [run_id])
  // `call` counts what was sent: another one is another context.
  useEffect(() => {
    if (call > 0) void load()
    return () => reading.current?.abort()
  }, [call, load])

  switch (read.status) {
    case "loading":
      return <Loading label="what was sent to the model" />
    case "none":
      return <Empty title="Nothing was sent to the model yet" />
    case "failed":
      return (
        <ErrorState
          title="What was sent to the model could not be read"
          cause={read.cause}
          onRetry={() => {
            setRead({ status: "loading" })
            void load()
          }}
        />
      )
    case "ready":
      return <Parts context={read.context} onRefresh={() => void load()} />
  }
}

const Parts = ({
  context: { at, context_window, input_tokens, model, parts, reported_tokens },
  onRefresh
}: {
  readonly context: RunContextReply
  readonly onRefresh: () => void
}) => {
  // A provider that does not count says nothing, or none.
  const counted = reported_tokens !== null && reported_tokens > 0
  const used = counted ? reported_tokens : input_tokens
  const most = Math.max(1, ...parts.map((part) => part.tokens))
  const known = new Map<string, number>()
  return (
    <section className={styles.sent}>
      <div className={styles.sum}>
        <p className={styles.words}>
          {counted ? "" : "About "}
          <strong>{tokens(used)}</strong>
          {context_window === null ? " tokens" : ` of ${tokens(context_window)} tokens`}, sent to {plainName(model)} at{" "}
          <time dateTime={at}>{clockTime(at, true)}</time>
        </p>
        <IconButton size="s" label="Read again" icon={<RefreshCw size={14} strokeWidth={1.75} />} onClick={onRefresh} />
      </div>
      <ul className={styles.parts}>
        {parts.map((part) => {
          const name = `${part.kind} ${part.source} ${part.title}`
          const times = known.get(name) ?? 0
          known.set(name, times + 1)
          return <Part key={`${name} ${times}`} part={part} most={most} />
        })}
      </ul>
    </section>
  )
}

const Part = ({ most, part }: { readonly part: RunContextReply["parts"][number]; readonly most: number }) => {
  const [isOpen, setOpen] = useState(false)
  return (
    <li className={styles.part}>
      <button type="button" className={styles.partHead} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <ChevronRight
          className={classes(styles.chevron, isOpen && styles.turned)}
          size={14}
          strokeWidth={1.75}
          aria-hidden="true"
        />
        <span className={styles.partTitle} title={plainName(part.source)}>
          {plainName(part.title)}
        </span>
        <span className={styles.figure}>{tokens(part.tokens)}</span>
        <span className={styles.track} aria-hidden="true">
          <span className={styles.fill} style={{ transform: `scaleX(${part.tokens / most})` }} />
        </span>
      </button>
      {isOpen ? (
        <>
          <p className={styles.source}>
            {plainName(part.source)}
            {part.stable ? ", the same in every call" : ""}
          </p>
          <pre className={styles.text} {...scrollable}>
            {visibleText(part.text)}
          </pre>
        </>
      ) : null}
    </li>
  )
}
