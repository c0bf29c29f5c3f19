/**
 * A desktop, alive: it takes commands one at a time, and what it answers is in the log.
 *
 * Law: the state is the fold of the log and nothing else; nobody but the incarnation that lives writes a desktop's events.
 * One that nobody asks for a while writes a snapshot and goes; the next who asks brings it back.
 */
import { type AppendError, EventLog, type ReadError } from "@choiros/event-log"
import {
  type DesktopCommand,
  type DesktopState,
  decideDesktop,
  type Event,
  evolveDesktop,
  findWindow,
  type NewEvent,
  sameWindow
} from "@choiros/protocol"
import {
  type ActorDead,
  actor,
  type CallTimeout,
  dynamic,
  type GaveUp,
  type MailboxFull,
  type Reply,
  type SelfCall,
  type StartFailed,
  type Tree
} from "@choiros/supervision"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type LoadedDesktop, loadDesktop, saveDesktop } from "./loadDesktop.ts"
import { makePresence } from "./presence.ts"

/** The desktop does not allow it: the contract's sentence. */
export class DesktopRefusal extends Schema.TaggedError<DesktopRefusal>()("Desktop.Refusal", {
  message: Schema.String
}) {}

/** The desktop after a command, and the events that it led to. */
export interface DesktopOutcome extends LoadedDesktop {
  readonly events: ReadonlyArray<Event>
  /** The window that the command was about: of an `Open`, also one that was there. */
  readonly window_id: string | null
}

export type DesktopMessage =
  | { readonly _tag: "Get"; readonly reply: Reply<LoadedDesktop> }
  | {
      readonly _tag: "Command"
      readonly command: DesktopCommand
      readonly reply: Reply<DesktopOutcome, DesktopRefusal | AppendError>
    }
  /** The user acts, at a window or elsewhere. */
  | { readonly _tag: "Active"; readonly window_id: string | null }
  | { readonly _tag: "Idle" }

/** After how long without a message a desktop leaves memory. */
export const DesktopIdleAfter = Context.Reference<Duration.Input>("choiros/sandbox/desktop/DesktopIdleAfter", {
  defaultValue: () => "1 minute"
})

/** Events after which a desktop that is always busy gets a snapshot. */
const snapshotEvery = 200

const desktopActor = (desktopId: string) =>
  actor<DesktopMessage, ReadError | AppendError, EventLog>({
    kind: "desktop",
    start: Effect.fnUntraced(function* (self) {
      const log = yield* EventLog
      const idleAfter = yield* DesktopIdleAfter
      const fence = { key: `desktop/${desktopId}`, incarnation: self.incarnation }
      // What an earlier incarnation still had on its way is written by now, or never will be.
      yield* log.claim(fence)
      let desktop = yield* loadDesktop(log, desktopId)
      let saved = desktop.version
      let unsaved = 0
      let asked = false
      const presence = makePresence()

      const save = Effect.suspend(() => {
        if (desktop.version === saved) return Effect.void
        const { version } = desktop
        return saveDesktop(log, desktopId, desktop).pipe(
          Effect.andThen(
            Effect.sync(() => {
              saved = version
              unsaved = 0
            })
          ),
          Effect.catch((error) => Effect.logWarning("A desktop's snapshot could not be written", error))
        )
      })

      const decide = Effect.fnUntraced(function* (
        command: DesktopCommand
      ): Effect.fn.Return<DesktopOutcome, DesktopRefusal | AppendError> {
        const now = yield* Clock.currentTimeMillis
        const window_id = windowOf(command, desktop.state)
        if (command.by === undefined) presence.acted(now, window_id)
        const unchanged = { ...desktop, events: [], window_id }
        // Asked again after an answer that was lost on the way.
        if (command._tag === "Open" && findWindow(desktop.state, command.window_id) !== undefined) return unchanged
        const decided = decideDesktop(command, desktop.state, presence.at(now))
        if (Result.isFailure(decided)) return yield* new DesktopRefusal({ message: decided.failure })
        const changes = decided.success.map((change): NewEvent => ({ ...change, actor_id: desktopId }))
        if (changes.length === 0) return unchanged
        const appended = yield* log.append(changes, { fence })
        // The log may hold an excerpt of a long payload; the desktop goes on with the whole.
        const events = appended.map((event, index) => ({ ...event, payload: changes[index]?.payload ?? event.payload }))
        desktop = {
          state: events.reduce(evolveDesktop, desktop.state),
          version: events.at(-1)?.seq ?? desktop.version
        }
        unsaved += events.length
        return { ...desktop, events, window_id }
      })

      const command = Effect.fnUntraced(function* (message: Extract<DesktopMessage, { readonly _tag: "Command" }>) {
        const outcome = yield* Effect.result(decide(message.command))
        if (Result.isSuccess(outcome)) {
          message.reply.succeed(outcome.success)
          return unsaved >= snapshotEvery ? yield* save : undefined
        }
        const { failure } = outcome
        message.reply.fail(failure)
        // Replaced by another incarnation, or in doubt about what the log has: the next one reads it again.
        if (failure._tag === "EventLog.Conflict" || failure._tag === "EventLog.Unavailable") yield* self.stop
      })

      yield* self.fork(
        Effect.forever(
          Effect.gen(function* () {
            yield* Effect.sleep(idleAfter)
            if (!asked) yield* Effect.ignore(self.ref.cast({ _tag: "Idle" }))
            asked = false
          })
        )
      )

      return (message: DesktopMessage): Effect.Effect<void> | undefined => {
        switch (message._tag) {
          case "Get":
            asked = true
            message.reply.succeed(desktop)
            return undefined
          case "Command":
            asked = true
            return command(message)
          case "Active":
            asked = true
            return Effect.map(Clock.currentTimeMillis, (now) => presence.acted(now, message.window_id))
          case "Idle":
            return Effect.andThen(save, self.stop)
        }
      }
    })
  })

/** The window that a command means: of an `Open`, the one that shows the same already. */
const windowOf = (command: DesktopCommand, state: DesktopState): string | null => {
  if (command._tag === "RegisterApp" || command._tag === "Notify") return null
  if (command._tag !== "Open" || findWindow(state, command.window_id) !== undefined) return command.window_id
  return sameWindow(state, command)?.id ?? command.window_id
}

/** The desktops that someone looks at, by their id. */
export const desktops = dynamic<DesktopMessage, ReadError | AppendError, EventLog>({
  name: "desktops",
  child: desktopActor,
  restart: "transient",
  shutdown: "2 seconds",
  intensity: 5,
  period: "1 minute",
  max: 10_000
})

type Unreachable = ActorDead | CallTimeout | GaveUp | MailboxFull | SelfCall | StartFailed

const callOptions = { timeout: "20 seconds" } as const

/** A desktop that leaves just as it is asked is asked once more: what it did not answer, it did not do. */
const ask = <A, E extends { readonly _tag: string }>(
  tree: Tree,
  desktopId: string,
  make: (reply: Reply<A, E>) => DesktopMessage
): Effect.Effect<A, E | Unreachable> =>
  Effect.flatMap(tree.getOrStart(desktops, desktopId), (desktop) => desktop.call(make, callOptions)).pipe(
    Effect.retry({ times: 3, while: (error) => error._tag === "Supervision.ActorDead" })
  )

export const getDesktop = (tree: Tree, desktopId: string): Effect.Effect<LoadedDesktop, Unreachable> =>
  ask<LoadedDesktop, never>(tree, desktopId, (reply) => ({ _tag: "Get", reply }))

export const commandDesktop = (
  tree: Tree,
  desktopId: string,
  command: DesktopCommand
): Effect.Effect<DesktopOutcome, DesktopRefusal | AppendError | Unreachable> =>
  ask<DesktopOutcome, DesktopRefusal | AppendError>(tree, desktopId, (reply) => ({ _tag: "Command", command, reply }))

/** Says that the user acts. Nobody waits for it, and a desktop that can't hear it misses little. */
export const userActs = (tree: Tree, desktopId: string, window_id: string | null = null): Effect.Effect<void> =>
  Effect.ignore(
    Effect.flatMap(tree.getOrStart(desktops, desktopId), (desktop) => desktop.cast({ _tag: "Active", window_id }))
  )

/** Why a desktop can't serve now, in words for a client: no path of an actor, no address. */
export const desktopInWords = (error: AppendError | Unreachable): string => {
  switch (error._tag) {
    case "Supervision.CallTimeout":
      return "The desktop did not answer in time"
    case "Supervision.MailboxFull":
      return "The desktop has more to do than it can take; try again"
    case "Supervision.GaveUp":
      return "The desktop has failed again and again, and was given up"
    case "Supervision.ActorDead":
    case "Supervision.StartFailed":
    case "Supervision.SelfCall":
      return "The desktop is not there; try again"
    default:
      return error.message
  }
}
