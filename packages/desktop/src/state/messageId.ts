import { ulid } from "@choiros/protocol"
import { useState } from "react"

/** Ids for what a person says from one place: said again it has the same one, so that a lost answer doubles nothing. */
const messageIds = (): ((text: string) => string) => {
  let last: { readonly text: string; readonly id: string } | null = null
  return (text) => {
    if (last?.text !== text) last = { text, id: ulid() }
    return last.id
  }
}

/** For a field that is gone when its words were taken. */
export const useMessageIds = (): ((text: string) => string) => useState(messageIds)[0]
