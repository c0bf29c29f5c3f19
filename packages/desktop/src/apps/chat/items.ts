/** The items of a conversation, by the names that this app has for them. */
import type { ConversationItem } from "@choiros/protocol"

export type { ConversationItem }
export type UserItem = Extract<ConversationItem, { readonly kind: "user" }>
export type TurnItem = Extract<ConversationItem, { readonly kind: "turn" }>
export type NoteItem = Extract<ConversationItem, { readonly kind: "note" }>
