/** Frames that several sockets have in common. */
import * as Schema from "effect/Schema"

export const Ping = Schema.Struct({ type: Schema.Literal("ping") })
export const Pong = Schema.Struct({ type: Schema.Literal("pong") })

/** What is wrong, in words. The socket stays open. */
export const ErrorFrame = Schema.Struct({ type: Schema.Literal("error"), message: Schema.String })

/** The client was too slow: frames were left out, and the log has them from `from_seq` on (exclusive). */
export const Lagged = Schema.Struct({ type: Schema.Literal("lagged"), from_seq: Schema.Int })
