/**
 * The address of an actor: what others hold of it, and all that they can do to it.
 *
 * Law: a ref is stable. It addresses the incarnation that lives now; while none lives, sending fails with `ActorDead`.
 * The mailbox and the calls that wait die with their incarnation: each caller gets `ActorDead` at once, nobody hangs.
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"

/** No incarnation lives, or it died before it answered. `reason` says why, in words. */
export class ActorDead extends Schema.TaggedError<ActorDead>()("Supervision.ActorDead", {
  path: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `The actor ${this.path} is not there: ${this.reason}`
  }
}

/** The mailbox holds as many messages as it may. The message was not taken. */
export class MailboxFull extends Schema.TaggedError<MailboxFull>()("Supervision.MailboxFull", {
  path: Schema.String,
  capacity: Schema.Number
}) {
  override get message(): string {
    return `The mailbox of ${this.path} is full (${this.capacity} messages)`
  }
}

/** No answer in time. The message may still be handled; an answer that comes later is dropped. */
export class CallTimeout extends Schema.TaggedError<CallTimeout>()("Supervision.CallTimeout", {
  path: Schema.String,
  timeoutMs: Schema.Number
}) {
  override get message(): string {
    return `The actor ${this.path} did not answer within ${this.timeoutMs} ms`
  }
}

/** A handler (or `start`) called its own actor, which could never answer. */
export class SelfCall extends Schema.TaggedError<SelfCall>()("Supervision.SelfCall", { path: Schema.String }) {
  override get message(): string {
    return `The actor ${this.path} called itself`
  }
}

/** Where an answer goes. Synchronous; may be kept and used later; only the first use counts. */
export interface Reply<in A, in E = never> {
  succeed(value: A): void
  fail(error: E): void
}

/** How an incarnation ended. `cause` is words; empty for `normal` and `shutdown`. */
export interface Down {
  readonly path: string
  readonly incarnation: number
  readonly reason: "normal" | "shutdown" | "crashed" | "not_running"
  readonly cause: string
}

export interface ActorRef<in M> {
  /** `/session/chats/<key>`; keys are percent-encoded. */
  readonly path: string
  /** Puts a message into the mailbox and goes on. Messages of one sender are handled in the order they were sent. */
  readonly cast: (message: M) => Effect.Effect<void, ActorDead | MailboxFull>
  /** Sends a message that carries a `Reply`, and waits for the answer at most `timeout`. */
  readonly call: <A, E = never>(
    make: (reply: Reply<A, E>) => M,
    options: { readonly timeout: Duration.Input }
  ) => Effect.Effect<A, E | ActorDead | MailboxFull | CallTimeout | SelfCall>
  /**
   * Watches the incarnation that lives now, until the scope closes. The inner effect completes when that incarnation
   * and its scope are gone, or at once (`not_running`) when none lives.
   */
  readonly monitor: Effect.Effect<Effect.Effect<Down>, never, Scope.Scope>
}
