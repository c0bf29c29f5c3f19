/** What is being written in each conversation, kept until it is sent: it outlives the window and the page. */
import { createStore } from "zustand/vanilla"

const key = "choiros.drafts"
/** Characters of a draft beyond which it lasts as long as the page only. */
const longest = 20_000

const isDrafts = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === "object" && value !== null && Object.values(value).every((text) => typeof text === "string")

const stored = (): ReadonlyMap<string, string> => {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "{}")
    return isDrafts(value) ? new Map(Object.entries(value)) : new Map()
  } catch {
    return new Map()
  }
}

export const draftsStore = createStore<{ readonly drafts: ReadonlyMap<string, string> }>(() => ({ drafts: stored() }))

let planned = false

const keep = (): void => {
  if (planned) return
  planned = true
  setTimeout(() => {
    planned = false
    const drafts = [...draftsStore.getState().drafts].filter(([, text]) => text.length <= longest)
    try {
      localStorage.setItem(key, JSON.stringify(Object.fromEntries(drafts)))
    } catch {
      // Without storage a draft lasts as long as the page.
    }
  }, 500)
}

export const setDraft = (thread: string, text: string): void => {
  draftsStore.setState(({ drafts }) => {
    const changed = new Map(drafts)
    if (text === "") changed.delete(thread)
    else changed.set(thread, text)
    return { drafts: changed }
  })
  keep()
}

/** Puts a text that could not be sent before what was typed since. */
export const giveBack = (thread: string, text: string): void => {
  const typed = draftsStore.getState().drafts.get(thread) ?? ""
  setDraft(thread, typed === "" ? text : `${text}\n${typed}`)
}

/** What was given back has come after all: it goes, unless it was written on. */
export const takeBack = (thread: string, text: string): void => {
  if (draftsStore.getState().drafts.get(thread) === text) setDraft(thread, "")
}

/** What was typed while a conversation began is written on in it. */
export const moveDraft = (from: string, to: string): void => {
  const typed = draftsStore.getState().drafts.get(from) ?? ""
  if (typed === "") return
  setDraft(from, "")
  giveBack(to, typed)
}
