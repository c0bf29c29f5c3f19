/** What the bar, the palette and the keys do beside the windows. */
import {
  ArrowLeftRight,
  Bell,
  CircleDollarSign,
  CircleDot,
  CirclePause,
  Hand,
  Keyboard,
  Link2,
  MessageSquarePlus,
  Search,
  Sparkles,
  SquareTerminal,
  Sun,
  Wifi
} from "lucide-react"
import { inWords } from "../client/api.ts"
import { connectionStore } from "../client/Connection.ts"
import { hasEnded, type RunRef } from "../prompt/context.ts"
import { areaStore } from "../shell/area.ts"
import { showView } from "../shell/compact.ts"
import { type StatusPart, showOverlay, showStatus } from "../shell/overlay.ts"
import { focusPrompt, togglePrompt } from "../shell/prompt/focus.ts"
import { setText } from "../shell/prompt/promptStore.ts"
import { copyLink } from "../shell/routes.ts"
import { pauseRun, resumeRun, stopRun } from "../shell/runCommands.ts"
import { runsNowStore } from "../shell/runsNow.ts"
import { step } from "../shell/switcher.ts"
import { desktopStore } from "../state/desktop.ts"
import { dismissNotice, noticesStore, notify } from "../state/notices.ts"
import { preferencesStore, setTheme } from "../state/preferences.ts"
import { reconnectNow } from "../state/sync.ts"
import { openApp } from "../state/windows.ts"
import type { Action } from "./Action.ts"

/** Milliseconds in which pressing again means to stop. */
const stopsWithin = 2_000

const pausedTitle = "Paused"

interface Press {
  readonly run_id: string
  readonly at: number
  /** Completes when the computer has answered. */
  readonly told: Promise<boolean>
  /** Another one came soon after it. */
  stops: boolean
}

let pausedLast: Press | null = null

/** The run in front; where none is, the only one at work. */
const focusedRun = (): RunRef | null => {
  const { front, open } = runsNowStore.getState()
  if (front !== null && !hasEnded(front.phase)) return front
  return open.length === 1 ? (open[0] ?? null) : null
}

/** One that goes on again was not meant to stop. */
runsNowStore.subscribe(({ named }, before) => {
  if (pausedLast === null) return
  const { run_id } = pausedLast
  const phaseIn = (runs: ReadonlyArray<RunRef>) => runs.find((run) => run.run_id === run_id)?.phase
  if (phaseIn(before.named) === "paused" && phaseIn(named) !== "paused") pausedLast = null
})

const pauseOrStop = (): void => {
  const run = focusedRun()
  if (run === null || run.phase === "stopping") return
  const now = Date.now()
  const before = pausedLast?.run_id === run.run_id && now - pausedLast.at < stopsWithin ? pausedLast : null
  if (before !== null) {
    pausedLast = null
    before.stops = true
    for (const { id, text, title } of noticesStore.getState().notices) {
      if (title === pausedTitle && text === run.objective) dismissNotice(id)
    }
    // One after the other: a run that stops already can't be paused, and would say so.
    return void before.told.then(() => stopRun(run))
  }
  const told = run.phase === "paused" ? resumeRun(run) : pauseRun(run)
  const press: Press = { run_id: run.run_id, at: now, told, stops: false }
  pausedLast = press
  if (run.phase === "paused") return
  void told.then((paused) => {
    if (paused && !press.stops)
      notify(pausedTitle, { text: run.objective, action: { label: "Resume", run: () => void resumeRun(run) } })
  })
}

const status = (part: StatusPart, title: string, icon: NonNullable<Action["icon"]>): Action => ({
  id: `status.${part}`,
  title,
  group: "Status",
  icon,
  run: () => {
    if (areaStore.getState().layout === "compact") showPlaceOf(part)
    // The bar is there when the palette that asked has gone.
    else setTimeout(() => showStatus(part), 0)
  }
})

/** A narrow screen has no status cluster: each part of it has a place of its own there. */
const showPlaceOf = (part: StatusPart): void => {
  if (part === "runs") openApp("choir")
  else if (part === "waiting") openApp("inbox")
  else showView("more", part)
}

const typed = (sign: string) => () => {
  setText(sign)
  focusPrompt()
}

export const shellActions: ReadonlyArray<Action> = [
  {
    id: "palette.open",
    title: "Find a command",
    group: "Desktop",
    icon: Search,
    keys: ["Mod+K"],
    everywhere: true,
    run: () => showOverlay("palette")
  },
  {
    id: "prompt.focus",
    title: "Go to the prompt",
    group: "Desktop",
    icon: MessageSquarePlus,
    keys: ["Mod+J"],
    everywhere: true,
    words: "ask type",
    run: togglePrompt
  },
  { id: "prompt.search", title: "Search everything", group: "Desktop", icon: Search, words: "find", run: typed("? ") },
  {
    id: "prompt.shell",
    title: "Run a shell line",
    group: "Desktop",
    icon: SquareTerminal,
    words: "command",
    run: typed("! ")
  },
  {
    id: "shortcuts.open",
    title: "Show all shortcuts",
    group: "Desktop",
    icon: Keyboard,
    keys: ["Mod+/"],
    words: "keys help",
    run: () => showOverlay("shortcuts")
  },
  {
    id: "first_run.open",
    title: "Set the computer up",
    group: "Desktop",
    icon: Sparkles,
    words: "first steps key workspace rules welcome",
    run: () => showOverlay("first_run")
  },
  {
    id: "desktop.theme",
    title: "Switch between dark and light",
    group: "Desktop",
    icon: Sun,
    words: "theme appearance",
    run: () => {
      const theme = preferencesStore.getState().theme === "dark" ? "light" : "dark"
      setTheme(theme).catch((error: unknown) => {
        notify("Other screens keep their look", { level: "warning", text: inWords(error) })
      })
    }
  },
  {
    id: "link.copy",
    title: "Copy a link to the window in front",
    group: "Desktop",
    icon: Link2,
    when: () => desktopStore.getState().active !== null,
    run: copyLink
  },
  {
    id: "run.pause_or_stop",
    title: "Pause or resume the run in front; again at once: stop it",
    group: "Runs",
    icon: CirclePause,
    keys: ["Mod+."],
    everywhere: true,
    when: () => focusedRun() !== null,
    run: pauseOrStop
  },
  {
    id: "switcher.next",
    title: "Switch windows",
    group: "Windows",
    icon: ArrowLeftRight,
    keys: ["Alt+Backquote"],
    everywhere: true,
    repeats: true,
    when: () => desktopStore.getState().state.windows.length > 0,
    run: () => step(1)
  },
  {
    id: "switcher.previous",
    title: "Switch windows, backwards",
    group: "Windows",
    icon: ArrowLeftRight,
    keys: ["Alt+Shift+Backquote"],
    everywhere: true,
    repeats: true,
    when: () => desktopStore.getState().state.windows.length > 0,
    run: () => step(-1)
  },
  status("runs", "Show running and paused runs", CircleDot),
  status("waiting", "Show what waits for you", Hand),
  status("spend", "Show what was spent today", CircleDollarSign),
  status("notices", "Show notices", Bell),
  status("connection", "Show the connection", Wifi),
  {
    id: "connection.retry",
    title: "Connect again now",
    group: "Status",
    icon: Wifi,
    when: () => connectionStore.getState().status === "offline",
    run: reconnectNow
  }
]
