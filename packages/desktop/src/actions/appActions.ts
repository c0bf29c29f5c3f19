/**
 * The actions of apps, whose code is not there before their first window is.
 *
 * Law: what an action is called and which keys it has is known from the start, so that it can be seen, changed and taken by
 * no other; how it is done is said by the part of an app that takes it up, for as long as it is shown.
 */
import { showView } from "../shell/compact.ts"
import { type Action, actionsStore, registerActions } from "./Action.ts"

type Known = Omit<Action, "when" | "run" | "icon">

const known = [
  { id: "chat.new", title: "Begin a new conversation", group: "Chat", keys: ["Mod+Alt+N"], words: "thread" },
  {
    id: "chat.list",
    title: "Show or hide the list of conversations",
    group: "Chat",
    keys: ["Mod+Alt+L"],
    words: "threads sidebar"
  },
  { id: "chat.write", title: "Write in the conversation", group: "Chat", keys: ["Mod+Alt+J"] },
  { id: "chat.stop", title: "Stop the run of this conversation", group: "Chat", keys: ["Mod+Alt+."] },
  { id: "chat.pause", title: "Pause the run of this conversation", group: "Chat" },
  { id: "chat.resume", title: "Resume the run of this conversation", group: "Chat" },
  { id: "chat.retry", title: "Try the last turn again", group: "Chat" },
  { id: "chat.fork", title: "Fork the last turn into a new conversation", group: "Chat" },
  { id: "chat.go_on", title: "Go on from the last turn in a new conversation", group: "Chat" },
  { id: "chat.copy", title: "Copy the last answer", group: "Chat" },
  { id: "chat.sees", title: "Show or hide what the agent sees", group: "Chat", words: "context tokens model" },
  { id: "approval.approve", title: "Allow what is focused, once", group: "Approvals", keys: ["Mod+Enter"] },
  { id: "approval.deny", title: "Deny what is focused", group: "Approvals", keys: ["Mod+Backspace"] },
  { id: "inbox.next", title: "Go to the next thing of the inbox", group: "Approvals", keys: ["J"], repeats: true },
  {
    id: "inbox.previous",
    title: "Go to the previous thing of the inbox",
    group: "Approvals",
    keys: ["K"],
    repeats: true
  },
  { id: "timeline.previous_step", title: "Go to the previous step", group: "Timeline", keys: ["["] },
  { id: "timeline.next_step", title: "Go to the next step", group: "Timeline", keys: ["]"] },
  { id: "timeline.next_row", title: "Go to the next row", group: "Timeline", keys: ["J"] },
  { id: "timeline.previous_row", title: "Go to the previous row", group: "Timeline", keys: ["K"] },
  { id: "timeline.toggle_row", title: "Open or close the row", group: "Timeline", keys: ["O"] },
  { id: "choir.broadcast", title: "Broadcast to all open runs", group: "Choir" },
  { id: "choir.stage", title: "Show the choir as stage", group: "Choir" },
  { id: "choir.lanes", title: "Show the choir as lanes", group: "Choir" },
  { id: "choir.table", title: "Show the choir as table", group: "Choir" },
  { id: "files.search", title: "Search in these files", group: "Files" },
  { id: "files.new_folder", title: "Make a new folder", group: "Files" },
  { id: "files.new_file", title: "Make a new file", group: "Files" },
  { id: "files.hidden", title: "Show or hide hidden files", group: "Files" },
  { id: "files.trash", title: "Show the trash", group: "Files" },
  { id: "editor.save", title: "Save the file", group: "Editor", keys: ["Mod+S"], everywhere: true },
  { id: "editor.find", title: "Find in the file", group: "Editor" },
  { id: "editor.go_to_line", title: "Go to a line", group: "Editor", keys: ["Mod+Alt+G"], everywhere: true },
  { id: "editor.wrap", title: "Wrap long lines", group: "Editor", keys: ["Alt+Z"], everywhere: true },
  { id: "terminal.new_tab", title: "Open another shell in a tab", group: "Terminal", words: "new" },
  { id: "terminal.close_tab", title: "Close the tab", group: "Terminal" },
  { id: "terminal.rerun", title: "Run the command again", group: "Terminal", words: "last repeat" },
  { id: "terminal.copy_command", title: "Copy the command", group: "Terminal" },
  { id: "terminal.copy_output", title: "Copy the output of the command", group: "Terminal" },
  { id: "terminal.ask", title: "Ask an agent about the command", group: "Terminal", words: "explain help" }
] as const satisfies ReadonlyArray<Known>

export type AppActionId = (typeof known)[number]["id"]

/** How an app does it. */
export type Doing = Pick<Action, "when" | "run" | "icon">

const idle = (action: Known): Action => ({ ...action, when: () => false, run: () => undefined })

export const appActions: ReadonlyArray<Action> = known.map(idle)

/** Returns the way to put them down; who has taken one up since keeps it. */
export const takeUp = (doings: { readonly [Id in AppActionId]?: Doing }): (() => void) => {
  const taken = known.flatMap((action): ReadonlyArray<Action> => {
    const doing = doings[action.id]
    return doing === undefined ? [] : [{ ...action, ...doing, run: inSight(doing.run) }]
  })
  registerActions(taken)
  return () => {
    const { actions } = actionsStore.getState()
    const mine = new Set(taken.filter((action) => actions.get(action.id) === action).map(({ id }) => id))
    registerActions(appActions.filter(({ id }) => mine.has(id)))
  }
}

/** On a narrow screen the window that does it may lie under a view. */
const inSight = (run: () => void) => () => {
  showView(null)
  run()
}
