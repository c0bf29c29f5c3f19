/** Bodies and sentences of the chat routes, threads among them. */
import * as Schema from "effect/Schema"
import { Message } from "../chat/messages.ts"
import { Thread } from "../chat/threads.ts"
import { MessageMode } from "../events/shared.ts"
import { ClientId } from "../Id.ts"
import { maybe } from "../maybe.ts"
import { Success } from "./common.ts"

/** The pair rule (both or neither) is `scopePair`'s, and blank text is `isBlank`'s: both have a sentence of their own. */
export const ChatSendBody = Schema.Struct({
  actor_id: ClientId,
  user_id: ClientId,
  text: Schema.String,
  session_id: maybe(ClientId),
  thread_id: maybe(ClientId),
  /** What it does to a run that works in the thread: `steer` unless said otherwise. */
  mode: maybe(MessageMode),
  /** The sender's own name for it: sent again, it is answered again and not taken twice. */
  client_message_id: maybe(Schema.String.check(Schema.isMaxLength(256)))
}).annotate({ identifier: "ChatSendBody" })
export type ChatSendBody = typeof ChatSendBody.Type

export const ChatSendReply = Schema.Struct({
  success: Success,
  temp_id: Schema.String,
  message_id: Schema.String,
  message: Schema.String
})
export type ChatSendReply = typeof ChatSendReply.Type

export const ScopeQuery = Schema.Struct({
  session_id: Schema.optional(ClientId),
  thread_id: Schema.optional(ClientId)
})

export const MessagesReply = Schema.Struct({ success: Success, messages: Schema.Array(Message) })
export type MessagesReply = typeof MessagesReply.Type

export const ThreadsQuery = Schema.Struct({
  /** Which to list; all of them unless named. */
  archived: Schema.optional(Schema.Literals(["true", "false"]))
})

const Title = Schema.String.check(Schema.isMaxLength(200))

export const ThreadCreateBody = Schema.Struct({
  user_id: maybe(ClientId),
  /** Made by the server unless both are named. */
  session_id: maybe(ClientId),
  thread_id: maybe(ClientId),
  /** Taken from the first message unless named. */
  title: maybe(Title),
  agent: maybe(Schema.String),
  model: maybe(Schema.String)
}).annotate({ identifier: "ThreadCreateBody" })
export type ThreadCreateBody = typeof ThreadCreateBody.Type

export const ThreadPatchBody = Schema.Struct({
  title: maybe(Title.check(Schema.isMinLength(1))),
  archived: maybe(Schema.Boolean),
  model: maybe(Schema.String)
}).annotate({ identifier: "ThreadPatchBody" })
export type ThreadPatchBody = typeof ThreadPatchBody.Type

export const ThreadReply = Schema.Struct({ success: Success, thread: Thread })
export type ThreadReply = typeof ThreadReply.Type

export const ThreadsReply = Schema.Struct({
  success: Success,
  threads: Schema.Array(Thread),
  /** Folded from the events up to here, and no other. */
  seq: Schema.Int
})
export type ThreadsReply = typeof ThreadsReply.Type

export const isBlank = (text: string): boolean => text.trim() === ""

export const chatSentences = {
  sent: "Message sent",
  empty: "Invalid message: Message cannot be empty",
  invalidFrame: "Invalid message format",
  failed: "Failed to process message",
  threadNotFound: (threadId: string) => `Thread not found: ${threadId}`
} as const
