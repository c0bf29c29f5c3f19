/** The shells of the computer, and the end of those that nobody needs. */
import { TerminalLeftReply, TerminalStoppedReply, TerminalsReply } from "@choiros/protocol"
import { createStore } from "zustand/vanilla"
import { get, inWords, path, request } from "../../client/api.ts"
import { onLive } from "../../client/Connection.ts"
import { plainName, shortened } from "../../content/plainText.ts"
import { onEvents, onStream } from "../../state/listeners.ts"
import { notify } from "../../state/notices.ts"
import { isOwn } from "./tabs.ts"

export type Shell = TerminalsReply["terminals"][number]

interface Shells {
  readonly shells: ReadonlyArray<Shell>
  /** Why the list could not be read. */
  readonly error: string | null
}

export const shellsStore = createStore<Shells>(() => ({ shells: [], error: null }))

let latest = 0

/** Answers may overtake each other: only the latest reading is shown. */
export const readShells = async (): Promise<void> => {
  latest += 1
  const mine = latest
  try {
    const { terminals } = await get("/api/terminals", TerminalsReply)
    if (mine === latest) shellsStore.setState({ shells: terminals, error: null })
  } catch (error) {
    if (mine === latest) shellsStore.setState({ error: inWords(error) })
  }
}

let watchers = 0
let stop: () => void = () => undefined

/** Keeps the list fresh as long as someone looks; returns the way to stop. */
export const watchShells = (): (() => void) => {
  watchers += 1
  if (watchers === 1) {
    const ends = [
      onStream(() => void readShells()),
      onLive(() => void readShells()),
      onEvents((events) => {
        if (events.some(({ event_type }) => event_type.startsWith("terminal."))) void readShells()
      })
    ]
    stop = () => {
      for (const end of ends) end()
    }
  }
  return () => {
    watchers -= 1
    if (watchers === 0) stop()
  }
}

/** The person needs it no more: the computer ends it, unless something runs in it. */
export const leaveShell = async (terminal_id: string): Promise<void> => {
  try {
    await request("POST", path`api/terminals/${terminal_id}/leave`, TerminalLeftReply)
  } catch (error) {
    notify("The shell could not be ended", { level: "warning", text: inWords(error) })
  }
  void readShells()
}

/** With all that runs in it. */
export const endShell = async (terminal_id: string): Promise<void> => {
  try {
    await request("DELETE", path`api/terminals/${terminal_id}`, TerminalStoppedReply)
  } catch (error) {
    notify("The shell could not be ended", { level: "error", text: inWords(error) })
  }
  void readShells()
}

/** Tabs by window, for the time after the window is gone. */
const tabsByWindow = new Map<string, ReadonlyArray<string>>()

/** A window's own shells are the computer's to end; those that it has taken over from others are left from here. */
export const rememberTabs = (window_id: string, tabs: ReadonlyArray<string>): void => {
  if (tabsByWindow.size === 0) onEvents(leaveClosed)
  tabsByWindow.set(window_id, tabs)
}

const leaveClosed: Parameters<typeof onEvents>[0] = (events) => {
  for (const { event_type, payload } of events) {
    if (event_type !== "desktop.window_closed" || typeof payload !== "object" || payload === null) continue
    const window_id = "window_id" in payload ? String(payload.window_id) : ""
    const tabs = tabsByWindow.get(window_id) ?? []
    tabsByWindow.set(window_id, [])
    for (const id of tabs) if (!isOwn(window_id, id)) void leaveShell(id)
  }
}

export const isAgents = (terminal_id: string): boolean => /^(?:agent|task):/.test(terminal_id)

/** What a shell is called: by what it says, else by its folder. Never by its id. */
export const shellName = (
  terminal_id: string,
  { folder, shell, title }: { readonly title: string | null; readonly folder: string | null; readonly shell: string }
): string => {
  if (title !== null && title !== "") return shortened(plainName(title), 60)
  if (isAgents(terminal_id)) return "Agents' terminal"
  const name = folder?.split("/").findLast((part) => part !== "")
  return name === undefined ? plainName(shell.split("/").at(-1) ?? "Shell") : shortened(plainName(name), 60)
}
