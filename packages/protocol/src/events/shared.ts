/** Parts that several event families and wire shapes have in common. */
import * as Schema from "effect/Schema"

/** The thread in which something happens; the actor of the event is the third part of a thread's identity. */
export const Scope = Schema.Struct({ session_id: Schema.String, thread_id: Schema.String })

/** Content that is kept beside the log, by its SHA-256 in hex. */
export const BlobRef = Schema.Struct({ hash: Schema.String, bytes: Schema.Int })

/** A failure as an event tells it: `kind` for programs, `message` for people. */
export const Failure = Schema.Struct({ kind: Schema.String, message: Schema.String })

/** What a message does to a turn that runs: steer its next step, wait for its end, or stop it and take its place. */
export const MessageMode = Schema.Literals(["steer", "queue", "replace"])
