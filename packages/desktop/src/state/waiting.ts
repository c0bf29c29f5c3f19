/** What waits for the person: approvals and questions of every agent. */
import {
  type Approval,
  type Event,
  evolveWaiting,
  initialWaiting,
  type Question,
  type RunSummary,
  type WaitingState
} from "@choiros/protocol"
import { createStore } from "zustand/vanilla"

export const waitingStore = createStore<{ readonly waiting: WaitingState; readonly known: boolean }>(() => ({
  waiting: initialWaiting,
  known: false
}))

interface WaitingSeed {
  readonly approvals: ReadonlyArray<Approval>
  readonly questions: ReadonlyArray<Question>
  /** Runs without an end: whose a later request is, is told by them. */
  readonly runs: ReadonlyArray<RunSummary>
}

export const seedWaiting = ({ approvals, questions, runs }: WaitingSeed): void => {
  const byId = new Map(runs.map((run) => [run.run_id, run]))
  const rootOf = (run: RunSummary): RunSummary => {
    const above = run.parent_run_id === null ? undefined : byId.get(run.parent_run_id)
    return above === undefined ? run : rootOf(above)
  }
  const waiting: WaitingState = {
    approvals: new Map(
      approvals.filter(({ decided }) => decided === null).map((approval) => [approval.approval_id, approval])
    ),
    decided: approvals.filter(({ decided }) => decided !== null),
    questions: new Map(questions.map((question) => [question.question_id, question])),
    runs: new Map(
      runs.map((run) => {
        const { actor_id, run_id, session_id, thread_id } = rootOf(run)
        return [run.run_id, { root_run_id: run_id, root_thread: { actor_id, session_id, thread_id } }]
      })
    )
  }
  waitingStore.setState({ waiting, known: true })
}

export const evolveWaitingStore = (events: ReadonlyArray<Event>): void => {
  const before = waitingStore.getState().waiting
  const waiting = events.reduce(evolveWaiting, before)
  if (waiting !== before) waitingStore.setState({ waiting })
}
