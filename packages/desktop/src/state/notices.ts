/** Short words to the person that go by themselves; what needs an answer is in the inbox, not here. */
import { createStore } from "zustand/vanilla"
import { present } from "../ui/present.ts"

export interface Notice {
  readonly id: number
  readonly level: "info" | "success" | "warning" | "error"
  readonly title: string
  readonly text: string | null
  /** Who says it; null: the desktop itself. */
  readonly by: string | null
  readonly at: number
  /** One thing to do about it. */
  readonly action: { readonly label: string; readonly run: () => void } | null
}

/** Kept for the list; older ones go. */
const kept = 100

export const noticesStore = createStore<{ readonly notices: ReadonlyArray<Notice>; readonly seen: number }>(() => ({
  notices: [],
  seen: 0
}))

let last = 0

export const notify = (
  title: string,
  more: { readonly [Key in "level" | "text" | "by" | "action"]?: Notice[Key] } = {}
): void => {
  last += 1
  const notice: Notice = {
    id: last,
    level: more.level ?? "info",
    title,
    text: more.text ?? null,
    by: more.by ?? null,
    at: present(),
    action: more.action ?? null
  }
  noticesStore.setState(({ notices }) => ({ notices: [...notices, notice].slice(-kept) }))
}

export const dismissNotice = (id: number): void =>
  noticesStore.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) }))

export const sawNotices = (): void => noticesStore.setState({ seen: last })
