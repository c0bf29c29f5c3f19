/** What the shell does from the first moment on, beside what it draws. */
import { registerActions } from "../actions/Action.ts"
import { shellActions } from "../actions/shellActions.ts"
import { connectionStore } from "../client/Connection.ts"
import { choirStore } from "../state/choir.ts"
import { desktopStore } from "../state/desktop.ts"
import { threadsStore } from "../state/threads.ts"
import { followAgents } from "./agentNotices.ts"
import { wasSetUp } from "./first/setUp.ts"
import { followWindows } from "./followWindows.ts"
import { fetchParts } from "./late.tsx"
import { showOverlay } from "./overlay.ts"
import { followSent } from "./prompt/sent.ts"
import { followRoutes } from "./routes.ts"
import { watchRuns } from "./runsNow.ts"
import { followUpdates } from "./updates.ts"
import { followViewport } from "./viewport.ts"

export const startShell = (): void => {
  registerActions(shellActions)
  watchRuns()
  followSent()
  followAgents()
  followWindows()
  followRoutes()
  followUpdates()
  followViewport()
  const stop = connectionStore.subscribe(({ status }) => {
    if (status !== "live") return
    stop()
    fetchParts()
    if (isNew() && !wasSetUp()) showOverlay("first_run")
  })
}

/** Nothing was ever asked of this computer. */
const isNew = (): boolean => {
  const { choir } = choirStore.getState()
  const { threads } = threadsStore.getState()
  return choir.cards.size === 0 && [...threads].length === 0 && desktopStore.getState().state.windows.length === 0
}
