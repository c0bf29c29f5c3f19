/**
 * Everything that waits for the person, and what has ended: the one place to decide.
 *
 * Law: what waits is shown until it is decided, the oldest first; what has ended is new until it was opened.
 */
import type { Approval, Question } from "@choiros/protocol"
import { CheckCheck, Inbox } from "lucide-react"
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react"
import { useStore } from "zustand"
import { awayWords, connectionStore } from "../../client/Connection.ts"
import { plainName } from "../../content/plainText.ts"
import { choirStore } from "../../state/choir.ts"
import { reconnectNow } from "../../state/sync.ts"
import { waitingStore } from "../../state/waiting.ts"
import { Badge } from "../../ui/Badge.tsx"
import { Button } from "../../ui/Button.tsx"
import { Empty } from "../../ui/Empty.tsx"
import { Loading } from "../../ui/Loading.tsx"
import { OfflineState } from "../../ui/OfflineState.tsx"
import { SelectField } from "../../ui/SelectField.tsx"
import type { AppProps } from "../App.ts"
import { ApprovalCard } from "./ApprovalCard.tsx"
import { EndedRow } from "./EndedRow.tsx"
import { allRead, changeMarks, endedRuns, isUnread, marksStore } from "./endedRuns.ts"
import { groupApprovals } from "./groups.ts"
import styles from "./InboxApp.module.css"
import { useListKeys } from "./listKeys.ts"
import { QuestionCard } from "./QuestionCard.tsx"
import { Requests } from "./Requests.tsx"
import { useAsked } from "./useAsked.ts"
import { useLately } from "./useLately.ts"

const everyone = ""

const InboxApp = ({ active, props, setTitle, visible }: AppProps) => {
  const root = useRef<HTMLDivElement>(null)
  const { known, waiting } = useStore(waitingStore)
  const cards = useStore(choirStore, ({ choir }) => choir.cards)
  const marks = useStore(marksStore)
  const status = useStore(connectionStore, (connection) => connection.status)
  const away = useStore(connectionStore, awayWords)
  const lately = useLately()
  useListKeys(root, active)
  const [agent, setAgent] = useState(everyone)
  const [showRead, setShowRead] = useState(false)
  const [showDecided, setShowDecided] = useState(false)
  const asked = useAsked(props, root, setShowDecided, () => setAgent(everyone))

  const ended = useMemo(() => endedRuns(cards.values()), [cards])
  const agents = useMemo(() => agentsOf(waiting.approvals, waiting.questions, ended), [waiting, ended])
  const waitingCount = waiting.approvals.size + waiting.questions.size
  useEffect(() => setTitle(waitingCount === 0 ? "Inbox" : `Inbox (${waitingCount})`), [setTitle, waitingCount])

  const online = status === "live" || status === "catching_up"
  if (!known)
    return online || status === "connecting" ? (
      <Loading label="what waits for you" />
    ) : (
      <OfflineState onRetry={reconnectNow} />
    )
  if (!visible) return null

  const isOf = (one: { readonly agent: string }) => agent === everyone || one.agent === agent
  const groups = groupApprovals([...[...waiting.approvals.values()].filter(isOf), ...lately.filter(isOf)])
  const questions = [...waiting.questions.values()].filter(isOf)
  const decided = waiting.decided.filter(isOf)
  const failed = ended.failed.filter(isOf)
  const finished = ended.finished.filter(isOf)
  const shownFailed = failed.filter((card) => showRead || isUnread(marks, card))
  const shownFinished = finished.filter((card) => showRead || isUnread(marks, card))
  const readCount = failed.length + finished.length - shownFailed.length - shownFinished.length
  const unread = [...failed, ...finished].filter((card) => isUnread(marks, card))
  const nothing =
    groups.length === 0 && questions.length === 0 && shownFailed.length === 0 && shownFinished.length === 0

  return (
    <div ref={root} className={styles.inbox}>
      <header className={styles.bar}>
        <SelectField
          label="Agent"
          hideLabel
          className={styles.filter}
          value={agent}
          options={[
            { value: everyone, label: "All agents" },
            ...agents.map((name) => ({ value: name, label: plainName(name) }))
          ]}
          onChange={setAgent}
        />
        <span className={styles.space} />
        {unread.length === 0 ? null : (
          <Button
            size="s"
            variant="ghost"
            icon={<CheckCheck size={14} strokeWidth={1.75} />}
            onClick={() =>
              agent === everyone
                ? changeMarks((before) => allRead(before, unread))
                : changeMarks((before) => ({
                    ...before,
                    read: new Set([...before.read, ...unread.map((card) => card.run_id)])
                  }))
            }
          >
            Mark all as read
          </Button>
        )}
      </header>
      <div className={styles.list}>
        {online ? null : (
          <p className={styles.offline} role="status">
            {away}. This is what was known last; it can be decided when the computer is back.
          </p>
        )}
        {nothing ? (
          <Empty icon={<Inbox size={24} strokeWidth={1.5} />} title="Nothing waits for you" className={styles.empty}>
            {agent === everyone
              ? "Requests and questions of agents come here, and what they have finished."
              : `Nothing of ${plainName(agent)}. Other agents may have something: choose all agents above.`}
          </Empty>
        ) : null}
        <Section
          title="Approvals"
          count={groups.reduce((sum, { approvals }) => sum + approvals.filter((one) => one.decided === null).length, 0)}
          shown={groups.length > 0}
        >
          <Requests groups={groups} asked={asked} />
        </Section>
        <Section title="Questions" count={questions.length} shown={questions.length > 0}>
          {questions.map((question) => (
            <QuestionCard key={question.question_id} question={question} />
          ))}
        </Section>
        <Section title="Failed" count={shownFailed.length} shown={shownFailed.length > 0}>
          {shownFailed.map((card) => (
            <EndedRow key={card.run_id} card={card} unread={isUnread(marks, card)} online={online} />
          ))}
        </Section>
        <Section title="Finished" count={shownFinished.length} shown={shownFinished.length > 0}>
          {shownFinished.map((card) => (
            <EndedRow key={card.run_id} card={card} unread={isUnread(marks, card)} online={online} />
          ))}
        </Section>
        {showDecided ? (
          <Section title="Decided" count={decided.length} shown>
            {decided.slice(0, shownDecided).map((approval) => (
              <ApprovalCard key={approval.approval_id} approval={approval} />
            ))}
          </Section>
        ) : null}
        <div className={styles.more}>
          {readCount > 0 || showRead ? (
            <Button size="s" variant="ghost" onClick={() => setShowRead(!showRead)}>
              {showRead ? "Hide what was read" : `Show ${readCount} that ${readCount === 1 ? "was" : "were"} read`}
            </Button>
          ) : null}
          {decided.length > 0 ? (
            <Button size="s" variant="ghost" onClick={() => setShowDecided(!showDecided)}>
              {showDecided ? "Hide what was decided" : "Show what was decided"}
            </Button>
          ) : null}
        </div>
      </div>
    </div>
  )
}

/** Decided requests that are shown, the latest. */
const shownDecided = 100

interface SectionProps {
  readonly title: string
  readonly count: number
  readonly shown: boolean
  readonly children: ReactNode
}

const Section = ({ children, count, shown, title }: SectionProps) =>
  shown ? (
    <section className={styles.section} aria-label={title}>
      <h2 className={styles.title}>
        {title}
        {count === 0 ? null : <Badge>{count}</Badge>}
      </h2>
      {children}
    </section>
  ) : null

const agentsOf = (
  approvals: ReadonlyMap<string, Approval>,
  questions: ReadonlyMap<string, Question>,
  { failed, finished }: ReturnType<typeof endedRuns>
): ReadonlyArray<string> =>
  [
    ...new Set([...approvals.values(), ...questions.values(), ...failed, ...finished].map((one) => one.agent))
  ].toSorted()

export default InboxApp
