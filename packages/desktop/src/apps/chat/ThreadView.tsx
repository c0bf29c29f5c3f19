/** One conversation: what was said and done, where it is gone on with, and what its agent sees. */
import type { Thread } from "@choiros/protocol"
import { MessageSquarePlus } from "lucide-react"
import { useCallback, useEffect, useMemo, useRef, useState } from "react"
import { useStore } from "zustand"
import { type Doing, takeUp } from "../../actions/appActions.ts"
import { inWords } from "../../client/api.ts"
import { connectionStore } from "../../client/Connection.ts"
import { notify } from "../../state/notices.ts"
import { openFile } from "../../state/openFile.ts"
import { type ThreadScope, useThreadView } from "../../state/runs.ts"
import { useStillHere } from "../../state/stillHere.ts"
import { reconnectNow } from "../../state/sync.ts"
import { threadsStore } from "../../state/threads.ts"
import { openApp } from "../../state/windows.ts"
import { Button } from "../../ui/Button.tsx"
import { Empty } from "../../ui/Empty.tsx"
import { ErrorState } from "../../ui/ErrorState.tsx"
import { Loading } from "../../ui/Loading.tsx"
import { OfflineState } from "../../ui/OfflineState.tsx"
import { phaseWords } from "../../ui/phaseWords.ts"
import { Composer, type SendMode } from "./Composer.tsx"
import { ContextPanel } from "./ContextPanel.tsx"
import { ConversationList } from "./ConversationList.tsx"
import { type ConversationActs, ConversationContext } from "./conversationContext.ts"
import { ConversationRows, lastStepOf, wordsOfTurn } from "./conversationRows.ts"
import { giveBack, setDraft, takeBack } from "./drafts.ts"
import type { ConversationItem, TurnItem } from "./items.ts"
import { outboxStore, takeOut, threadKey } from "./outbox.ts"
import {
  createThread,
  forkRun,
  nudgeRun,
  orTell,
  pauseRun,
  resumeRun,
  retryRun,
  sendFirst,
  sendMessage,
  stopRun
} from "./requests.ts"
import { ThreadHeader } from "./ThreadHeader.tsx"
import styles from "./ThreadView.module.css"
import { useComposerFocus } from "./useComposerFocus.ts"

interface ThreadViewProps {
  readonly scope: ThreadScope
  /** Undefined where the list does not know it (yet). */
  readonly thread: Thread | undefined
  readonly active: boolean
  readonly listShown: boolean
  readonly onToggleList: () => void
  /** Where what the agent sees is shown; null: it is not. */
  readonly sees: "beside" | "over" | null
  readonly onToggleSees: () => void
  readonly onChoose: (scope: ThreadScope | null) => void
}

/** What the next message does other than being said. */
type Instead =
  | { readonly kind: "edit"; readonly run_id: string }
  | { readonly kind: "go_on"; readonly run_id: string; readonly from_step: number }

const insteadWords = {
  edit: { title: "Asked in place of the message above; what came of that stays as it is", verb: "Resend" },
  go_on: { title: "Goes on from that turn in a new conversation", verb: "Send" }
} as const

export const ThreadView = (props: ThreadViewProps) => {
  const { active, listShown, onChoose, onToggleList, onToggleSees, scope, sees, thread } = props
  const view = useThreadView(scope)
  const key = threadKey(scope)
  const sending = useSending(key, view.shown)
  const [maker] = useState(() => new ConversationRows())
  const rows = useMemo(() => maker.of(view.shown, sending), [maker, view.shown, sending])
  const last = useMemo(() => lastTurn(view.shown), [view.shown])
  const atWork = last !== null && last.ended_at === null ? last : null
  const history = useStable(useMemo(() => saidBy(view.shown), [view.shown]))
  const [instead, setInstead] = useState<Instead | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  useComposerFocus(field, active)

  const write = useCallback(
    (text: string) => {
      setDraft(key, text)
      field.current?.focus()
    },
    [key]
  )

  // Who has gone on to another conversation is not taken out of it by an answer that comes late.
  const here = useStillHere()
  const goTo = useCallback(
    (begun: ThreadScope) => {
      if (here.current) return onChoose(begun)
      notify("A new conversation has begun", {
        action: { label: "Show", run: () => void openApp("chat", { ...begun }) }
      })
    },
    [onChoose, here]
  )

  const acts = useMemo<ConversationActs>(
    () => ({
      openTarget: (target) => {
        if (target.kind === "file") void openFile(target.path, target.line)
        else if (target.kind === "run") openApp("run", { run_id: target.run_id })
        else openApp("inbox", { approval_id: target.approval_id })
      },
      openFile,
      openRun: (run_id) => void openApp("run", { run_id }),
      openSettings: () => void openApp("settings", { section: "models" }),
      stop: (run_id) => orTell("The run could not be stopped", stopRun(run_id)),
      pause: (run_id) => orTell("The run could not be paused", pauseRun(run_id)),
      resume: (run_id) => orTell("The run could not go on", resumeRun(run_id)),
      nudge: (run_id) => orTell("The run could not be asked", nudgeRun(run_id)),
      retry: ({ run_id }) => orTell("The run could not be tried again", retryRun(run_id)),
      fork: ({ run_id }) => orTell("The run could not be forked", forkRun(run_id).then(goTo)),
      goOn: ({ run_id, steps }) => {
        setInstead({ kind: "go_on", run_id, from_step: lastStepOf(steps) + 1 })
        write("")
      },
      edit: (message, run_id) => {
        setInstead({ kind: "edit", run_id })
        write(message.text)
      },
      writeAgain: write,
      copy: (text, what) => void copy(text, what)
    }),
    [goTo, write]
  )

  const begin = useCallback(() => onChoose(null), [onChoose])
  const cancelInstead = useCallback(() => setInstead(null), [])
  const { agent, model } = thread ?? { agent: "chat", model: null }
  const deliver = async (text: string, mode: SendMode): Promise<void> => {
    setProblem(null)
    try {
      if (instead !== null) {
        setInstead(null)
        if (instead.kind === "edit") await retryRun(instead.run_id, text)
        else goTo(await forkRun(instead.run_id, { objective: text, from_step: instead.from_step }))
      } else if (mode === "new_run") {
        const begun = await createThread({ agent, model })
        const sent = sendFirst(begun, text)
        goTo(begun)
        await sent
      } else {
        await sendMessage(scope, text, mode, () => {
          takeBack(key, text)
          setProblem(null)
        })
      }
    } catch (error) {
      giveBack(key, text)
      if (!here.current) return notify("It was not sent", { level: "error", text: inWords(error) })
      setInstead(instead)
      setProblem(`It was not sent: ${inWords(error)}`)
    }
  }

  // The composer is not drawn anew with each word of an answer.
  const delivering = useRef(deliver)
  delivering.current = deliver
  const send = useCallback((text: string, mode: SendMode) => void delivering.current(text, mode), [])

  useThreadActions({ active, acts, atWork, last, field, onToggleSees })

  return (
    <ConversationContext value={acts}>
      <section className={styles.view} aria-label="Conversation" hidden={sees === "over"}>
        <ThreadHeader
          scope={scope}
          thread={thread}
          run_id={atWork?.run_id ?? null}
          phase={atWork?.phase ?? null}
          listShown={listShown}
          onToggleList={onToggleList}
          sees={sees !== null}
          onToggleSees={onToggleSees}
          onDeleted={begin}
        />
        {rows.length > 0 ? (
          <ConversationList rows={rows} label="What was said" />
        ) : (
          <div className={styles.state}>
            <Nothing
              status={view.status}
              error={view.error}
              retry={view.retry}
              isThere={thread !== undefined}
              onNew={begin}
            />
          </div>
        )}
        {rows.length > 0 && view.status === "failed" ? (
          <p className={styles.stale} role="alert">
            What is new could not be read: {view.error}
            <Button size="s" onClick={view.retry}>
              Try again
            </Button>
          </p>
        ) : null}
        <Said turn={last} />
        <Composer
          draft={key}
          working={atWork !== null}
          history={history}
          instead={instead === null ? null : insteadWords[instead.kind]}
          onCancelInstead={cancelInstead}
          problem={problem}
          onSend={send}
          field={field}
        />
      </section>
      {sees === null ? null : (
        <ContextPanel
          scope={scope}
          thread={thread}
          run_id={last?.run_id ?? null}
          calls={last === null ? 0 : callsOf(last)}
          beside={sees === "beside"}
          onClose={onToggleSees}
        />
      )}
    </ConversationContext>
  )
}

interface NothingProps {
  readonly status: "loading" | "ready" | "failed"
  readonly error: string | null
  readonly retry: () => void
  readonly isThere: boolean
  readonly onNew: () => void
}

const Nothing = ({ error, isThere, onNew, retry, status }: NothingProps) => {
  const offline = useStore(connectionStore, (connection) => connection.status === "offline")
  const known = useStore(threadsStore, (store) => store.known)
  const begin = (
    <Button icon={<MessageSquarePlus size={16} strokeWidth={1.75} />} onClick={onNew}>
      New conversation
    </Button>
  )
  if (status !== "ready" && offline) return <OfflineState onRetry={reconnectNow} />
  if (status === "loading") return <Loading label="the conversation" lines={6} />
  if (status === "failed") {
    return (
      <ErrorState title="The conversation could not be read" cause={error} onRetry={retry}>
        {begin}
      </ErrorState>
    )
  }
  if (known && !isThere) {
    return (
      <Empty title="This conversation is not there any more" action={begin}>
        It was deleted, here or on another screen.
      </Empty>
    )
  }
  return <Empty title="Nothing was said here yet">Write the first message below.</Empty>
}

/** How the last turn stands, for a screen reader: each change once, and not each word. */
const Said = ({ turn }: { readonly turn: TurnItem | null }) => (
  <p className="visually-hidden" role="status">
    {turn === null ? "" : `${turn.agent} ${phaseWords[turn.phase].verb}`}
  </p>
)

interface ThreadActions {
  readonly active: boolean
  readonly acts: ConversationActs
  readonly atWork: TurnItem | null
  readonly last: TurnItem | null
  readonly field: { readonly current: HTMLTextAreaElement | null }
  readonly onToggleSees: () => void
}

/** What can be done in the conversation in front, for keys and the palette. */
const useThreadActions = ({ active, acts, atWork, field, last, onToggleSees }: ThreadActions): void => {
  // Turns change with every word: actions read the latest, and are taken up once.
  const turns = useRef({ atWork, last })
  turns.current = { atWork, last }
  useEffect(() => {
    if (!active) return
    const onWork = (phases: (turn: TurnItem) => boolean, run: (turn: TurnItem) => void): Doing => ({
      when: () => turns.current.atWork !== null && phases(turns.current.atWork),
      run: () => {
        if (turns.current.atWork !== null) run(turns.current.atWork)
      }
    })
    const onEnded = (run: (turn: TurnItem) => void): Doing => ({
      when: () => turns.current.last !== null && turns.current.atWork === null,
      run: () => {
        if (turns.current.last !== null) run(turns.current.last)
      }
    })
    return takeUp({
      "chat.write": { run: () => field.current?.focus() },
      "chat.stop": onWork(
        ({ phase }) => phase !== "stopping",
        ({ run_id }) => acts.stop(run_id)
      ),
      "chat.pause": onWork(
        ({ phase }) => phase !== "paused" && phase !== "stopping",
        ({ run_id }) => acts.pause(run_id)
      ),
      "chat.resume": onWork(
        ({ phase }) => phase === "paused",
        ({ run_id }) => acts.resume(run_id)
      ),
      "chat.retry": onEnded(acts.retry),
      "chat.fork": onEnded(acts.fork),
      "chat.go_on": onEnded(acts.goOn),
      "chat.copy": onEnded((turn) => acts.copy(wordsOfTurn(turn), "The answer")),
      "chat.sees": { run: onToggleSees }
    })
  }, [active, acts, field, onToggleSees])
}

/** What is on its way from here and not in the conversation yet. */
const useSending = (key: string, items: ReadonlyArray<ConversationItem>) => {
  const messages = useStore(outboxStore, (store) => store.messages)
  const mine = useMemo(() => messages.filter(({ thread }) => thread === key), [messages, key])
  const sending = useMemo(() => {
    if (mine.length === 0) return mine
    const come = new Set(items.flatMap((item) => (item.kind === "user" ? [item.client_message_id] : [])))
    return mine.filter(({ client_message_id }) => !come.has(client_message_id))
  }, [mine, items])
  useEffect(() => {
    if (sending.length === mine.length) return
    const left = new Set(sending)
    takeOut(new Set(mine.filter((message) => !left.has(message)).map(({ client_message_id }) => client_message_id)))
  }, [mine, sending])
  return sending
}

/** The list from before where it says the same. */
const useStable = (list: ReadonlyArray<string>): ReadonlyArray<string> => {
  const before = useRef(list)
  const same = before.current.length === list.length && before.current.every((each, at) => each === list[at])
  if (!same) before.current = list
  return before.current
}

const lastTurn = (items: ReadonlyArray<ConversationItem>): TurnItem | null => {
  const turn = items.findLast((item) => item.kind === "turn" && !item.continued)
  return turn?.kind === "turn" ? turn : null
}

/** How many messages `↑` goes back. */
const remembered = 50

const saidBy = (items: ReadonlyArray<ConversationItem>): ReadonlyArray<string> => {
  const said: Array<string> = []
  for (let at = items.length - 1; at >= 0 && said.length < remembered; at -= 1) {
    const item = items[at]
    if (item?.kind === "user" && item.from === "person" && said.at(-1) !== item.text) said.push(item.text)
  }
  return said
}

const copy = async (text: string, what: string): Promise<void> => {
  try {
    await navigator.clipboard.writeText(text)
    notify(`${what} was copied`)
  } catch {
    notify("The browser does not let this page copy", { level: "warning" })
  }
}

/** Calls of its model that have begun in this part, and that have ended in the whole run. */
const callsOf = ({ spent, steps }: TurnItem): number =>
  steps.reduce((sum, { calls }) => sum + calls.length, spent.calls)
