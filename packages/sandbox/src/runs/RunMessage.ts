/** What a run can be told and asked. */
import type { AppendError } from "@choiros/event-log"
import type { EventPayloads, TaskEnd } from "@choiros/protocol"
import type { Reply } from "@choiros/supervision"
import type { CallOutcome } from "./callModel.ts"
import type { RunContext } from "./RunContext.ts"
import type { ToolEnd } from "./runTool.ts"

export interface StartMessage {
  readonly _tag: "Start"
  readonly context: RunContext
  readonly started: EventPayloads["run.started"]
  readonly message: EventPayloads["chat.user_msg"] | null
  /** Where the run has a thread of its own, made with it. */
  readonly thread?: EventPayloads["chat.thread_created"]
  /** Where no run above it tells that its task has begun. */
  readonly task?: EventPayloads["worker.task.started"]
  readonly reply: Reply<void, AppendError>
}

/** `conflict`: the run is not in a state for it (any more). `wrong`: it can't be followed. */
export interface PlanRefusal {
  readonly reason: "conflict" | "wrong"
  readonly message: string
}

/** `gone`: somebody decided before. `changed`: the request is another one by now. */
export type DecideAnswer = "decided" | "gone" | "changed" | "unknown"

/** What others ask. All of it may be repeated. */
type Asked =
  | StartMessage
  /** Answered false when the run has ended (or is ending): the message then needs a run of its own. */
  | {
      readonly _tag: "Steer"
      readonly message: EventPayloads["chat.user_msg"]
      readonly reply: Reply<boolean, AppendError>
    }
  /** Answered false when the run has ended. */
  | { readonly _tag: "Tell"; readonly told: EventPayloads["run.told"]; readonly reply: Reply<boolean, AppendError> }
  | { readonly _tag: "Stop"; readonly reason: string; readonly by: string; readonly reply: Reply<boolean> }
  | { readonly _tag: "Pause"; readonly reason: string; readonly by: string; readonly reply: Reply<boolean> }
  /** `pausedBy`: only when one of these has paused it. */
  | {
      readonly _tag: "Resume"
      readonly reason: string
      readonly by: string
      readonly pausedBy?: ReadonlyArray<string>
      readonly reply: Reply<boolean>
    }
  | {
      readonly _tag: "Decide"
      readonly decided: Omit<EventPayloads["approval.decided"], "call_id">
      readonly reply: Reply<DecideAnswer, AppendError>
    }
  | {
      readonly _tag: "Answer"
      readonly question_id: string
      readonly answer: string
      readonly by: string
      readonly reply: Reply<"answered" | "gone", AppendError>
    }
  /** Answered with why it is not taken; null when it is. */
  | {
      readonly _tag: "SetPlan"
      readonly plan: Omit<EventPayloads["run.plan_set"], "call_id">
      readonly reply: Reply<PlanRefusal | null, AppendError>
    }
  /** The run's own cap, from now on. */
  | {
      readonly _tag: "Raise"
      readonly kind: EventPayloads["budget.raised"]["kind"]
      readonly limit: number
      readonly by: string
      readonly reply: Reply<boolean, AppendError>
    }
  /** The server stops: interrupt what runs and come back paused. Answered when that is recorded. */
  | { readonly _tag: "Suspend"; readonly reply: Reply<void> }
  /** A run that this one handed out has ended; it may be told more than once. */
  | { readonly _tag: "TaskOver"; readonly task_id: string }
  /** Word of such an end may have been lost: look into the log. */
  | { readonly _tag: "Look" }

/** What the run's own fibers tell it. */
type Own =
  | { readonly _tag: "Checkpoint" }
  | { readonly _tag: "CallEnded"; readonly call_id: string; readonly outcome: CallOutcome }
  | { readonly _tag: "ToolStarting"; readonly started: EventPayloads["tool.started"]; readonly reply: Reply<boolean> }
  | { readonly _tag: "ToolEnded"; readonly call_id: string; readonly end: ToolEnd }
  | { readonly _tag: "TaskBegun"; readonly task_id: string }
  | { readonly _tag: "TaskEnded"; readonly ended: TaskEnd }
  /** `wait` counts them: an earlier one that was cut short may still be on its way. */
  | { readonly _tag: "RetryDue"; readonly wait: number }
  | { readonly _tag: "DeadlineDue" }
  | { readonly _tag: "Quiet" }

export type RunMessage = Asked | Own
