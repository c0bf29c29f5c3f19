/**
 * Unsaved text, kept in this browser until it is saved or given up.
 *
 * Law: at most so many drafts, and so many characters; the oldest go first, and a text that is too long is not kept, which
 * the editor says.
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const Draft = Schema.Struct({
  text: Schema.String,
  /** What it was based on. */
  base_rev: Schema.Int,
  at: Schema.String
})
export type Draft = typeof Draft.Type
const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Draft))

const prefix = "choiros.draft:"
const mostDrafts = 20
const longestDraft = 512 * 1024
const mostCharacters = 2 * 1024 * 1024

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">

const keysIn = (store: Store): ReadonlyArray<string> =>
  Array.from({ length: store.length }, (_, index) => store.key(index)).flatMap((key) =>
    key?.startsWith(prefix) ? [key] : []
  )

export const readDraft = (path: string, store: Store = localStorage): Draft | null => {
  try {
    return Option.getOrNull(Option.flatMap(Option.fromNullishOr(store.getItem(prefix + path)), decode))
  } catch {
    return null
  }
}

export const dropDraft = (path: string, store: Store = localStorage): void => {
  try {
    store.removeItem(prefix + path)
  } catch {
    // Without storage there is no draft.
  }
}

/** False when it could not be kept. */
export const keepDraft = (path: string, draft: Draft, store: Store = localStorage): boolean => {
  if (draft.text.length > longestDraft) {
    dropDraft(path, store)
    return false
  }
  try {
    makeRoom(path, draft.text.length, store)
    store.setItem(prefix + path, JSON.stringify(draft))
    return true
  } catch {
    return false
  }
}

const makeRoom = (path: string, wanted: number, store: Store): void => {
  const others = keysIn(store)
    .filter((key) => key !== prefix + path)
    .map((key) => {
      const draft = readDraft(key.slice(prefix.length), store)
      return { key, at: draft?.at ?? "", characters: draft?.text.length ?? 0 }
    })
    .sort((a, b) => (a.at < b.at ? 1 : -1))
  let characters = wanted
  for (const [index, other] of others.entries()) {
    characters += other.characters
    if (index >= mostDrafts - 1 || characters > mostCharacters) store.removeItem(other.key)
  }
}
