import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as Schema from "effect/Schema"
import { ClientId } from "../../Id.ts"
import {
  ChatSendBody,
  ChatSendReply,
  MessagesReply,
  ScopeQuery,
  ThreadCreateBody,
  ThreadPatchBody,
  ThreadReply,
  ThreadsQuery,
  ThreadsReply
} from "../chat.ts"
import { Done } from "../common.ts"
import { badRequest, notFound, says, socket, wrong } from "./endpoint.ts"

const actor = { actor_id: ClientId }
const thread = { actor_id: ClientId, session_id: ClientId, thread_id: ClientId }

const frames =
  "The first frame is `connected`. In: `ping`, `message` {text, client_message_id?, mode?}, `stop`, `switch_model` {model}. " +
  "Out, for each message: one `thinking`, then `thinking`, `delta`, `tool_call`, `tool_result` and `actor_call` as they happen, " +
  "then exactly one `response` or `error`."

export const chatGroup = () =>
  HttpApiGroup.make("chat").add(
    HttpApiEndpoint.post("send", "/chat/send", {
      payload: ChatSendBody,
      success: ChatSendReply,
      error: [badRequest, wrong]
    }).annotateMerge(says("Send a message", "It is in the log before the reply; the agent's turn goes on after it.")),
    HttpApiEndpoint.get("messages", "/chat/:actor_id/messages", {
      params: actor,
      query: ScopeQuery.fields,
      success: MessagesReply,
      error: badRequest
    }).annotateMerge(says("Messages of a thread, or of all threads of an actor, oldest first")),
    HttpApiEndpoint.get("threads", "/chat/:actor_id/threads", {
      params: actor,
      query: ThreadsQuery.fields,
      success: ThreadsReply
    }).annotateMerge(says("Threads of an actor, the latest activity first")),
    HttpApiEndpoint.post("createThread", "/chat/:actor_id/threads", {
      params: actor,
      payload: ThreadCreateBody,
      success: ThreadReply,
      error: [badRequest, wrong]
    }).annotateMerge(says("Begin a thread")),
    HttpApiEndpoint.patch("patchThread", "/chat/:actor_id/threads/:session_id/:thread_id", {
      params: thread,
      payload: ThreadPatchBody,
      success: ThreadReply,
      error: [badRequest, notFound, wrong]
    }).annotateMerge(says("Rename or archive a thread, or choose its model")),
    HttpApiEndpoint.delete("deleteThread", "/chat/:actor_id/threads/:session_id/:thread_id", {
      params: thread,
      success: Done,
      error: notFound
    }).annotateMerge(
      says("Delete a thread", "Its messages are no longer shown; the log keeps them until they are erased.")
    ),
    HttpApiEndpoint.get("socket", "/ws/chat/:actor_id", {
      params: actor,
      query: { user_id: Schema.optional(ClientId), ...ScopeQuery.fields },
      success: socket
    }).annotateMerge(says("Talk to an actor (WebSocket)", frames)),
    HttpApiEndpoint.get("socketOfUser", "/ws/chat/:actor_id/:user_id", {
      params: { ...actor, user_id: ClientId },
      success: socket
    }).annotateMerge(says("Talk to an actor in its default thread (WebSocket)", frames))
  )
