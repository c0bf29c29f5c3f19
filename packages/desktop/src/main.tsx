import { createRoot } from "react-dom/client"
import "./ui/tokens.css"
import "./ui/base.css"
import { registerActions } from "./actions/Action.ts"
import { appActions } from "./actions/appActions.ts"
import { listenToKeys } from "./actions/keyboard.ts"
import { windowActions } from "./actions/windowActions.ts"
import { followActs } from "./shell/acting.ts"
import { Desktop } from "./shell/Desktop.tsx"
import { fetchShown } from "./shell/fetchShown.ts"
import { startShell } from "./shell/start.ts"
import { followDrags } from "./state/drags.ts"
import { showStoredLook } from "./state/preferences.ts"
import { startSync } from "./state/sync.ts"

const root = document.getElementById("desktop")
if (root === null) throw new Error("The page has no place for the desktop")

showStoredLook()
registerActions(windowActions)
registerActions(appActions)
listenToKeys()
followDrags()
startShell()
startSync()
fetchShown()
followActs()
createRoot(root).render(<Desktop />)
