/**
 * Agents' commands, as the tools see them: run one, read a job, stop a job. Each thread has a terminal of its own.
 *
 * Law: a caller that is interrupted leaves nothing running, unless it has become a job before.
 */
import { createHash } from "node:crypto"
import type { EventLog, ReadError } from "@choiros/event-log"
import { type EventPayloads, isEvent } from "@choiros/protocol"
import type {
  ActorDead,
  ActorRef,
  CallTimeout,
  GaveUp,
  MailboxFull,
  SelfCall,
  StartFailed,
  Tree
} from "@choiros/supervision"
import * as Effect from "effect/Effect"
import type { ThreadScope } from "../chat/scope.ts"
import type { Command, CommandReport, CommandRequest } from "./Command.ts"
import { type TerminalMessage, terminals } from "./TerminalActor.ts"

/** The actor of the terminal can't be reached. */
type Unreachable = ActorDead | CallTimeout | GaveUp | MailboxFull | SelfCall | StartFailed

/** The terminal of a thread's agents. Short, whatever the ids of the thread are. */
export const threadTerminal = ({ actor_id, session_id, thread_id }: ThreadScope): string => {
  const key = JSON.stringify([actor_id, session_id, thread_id])
  return `agent:${createHash("sha256").update(key).digest("hex").slice(0, 32)}`
}

/** How much longer than the command itself its call may take: for one that is before it, and for a jail that starts. */
const patience = 180_000
/** For what is answered at once. */
const soon = { timeout: "10 seconds" } as const

/** Runs a command until it ends or becomes a job. */
export const runCommand = (tree: Tree, request: CommandRequest): Effect.Effect<CommandReport, Unreachable> =>
  Effect.flatMap(tree.getOrStart(terminals, request.terminalId), (terminal) =>
    terminal
      .call<CommandReport>((reply) => ({ _tag: "Run", request, reply }), { timeout: request.timeoutMs + patience })
      .pipe(
        Effect.onError(() =>
          Effect.ignore(
            Effect.flatMap(findCommand(terminal, request.context.call_id), (command) =>
              command === undefined || command.state === "job"
                ? Effect.void
                : stopCommand(command, "the call was stopped")
            )
          )
        )
      )
  )

/** The commands of a terminal that have not ended. */
export const commandsOf = (tree: Tree, terminalId: string): Effect.Effect<ReadonlyArray<Command>, Unreachable> => {
  const known = tree.find(terminals, terminalId)
  return known._tag === "None" ? Effect.succeed([]) : listCommands(known.value)
}

/** Ends a command; completes when its end is recorded. */
export const stopCommand = (command: Command, reason: string) =>
  Effect.suspend(() => {
    command.cancel(reason)
    return command.ended
  })

const listCommands = (terminal: ActorRef<TerminalMessage>) =>
  terminal.call<ReadonlyArray<Command>>((reply) => ({ _tag: "Commands", reply }), soon)

const findCommand = (terminal: ActorRef<TerminalMessage>, id: string) =>
  Effect.map(listCommands(terminal), (commands) => commands.find((command) => command.id === id))

export type EndedTask = EventPayloads["worker.task.completed" | "worker.task.failed" | "worker.task.cancelled"]

/** The ends of a thread's latest commands, newest first, out of the log. */
export const endedTasks = (
  log: EventLog["Service"],
  scope: ThreadScope,
  limit: number
): Effect.Effect<ReadonlyArray<EndedTask>, ReadError> =>
  log
    .read({
      ...scope,
      types: ["worker.task.completed", "worker.task.failed", "worker.task.cancelled"],
      order: "desc",
      limit,
      payloads: "full"
    })
    .pipe(
      Effect.map((events) =>
        events.flatMap((event) =>
          isEvent(event, "worker.task.completed") ||
          isEvent(event, "worker.task.failed") ||
          isEvent(event, "worker.task.cancelled")
            ? [event.payload]
            : []
        )
      )
    )
