/** Where the cards of a run lead. */
import type { OpenTarget } from "../../cards/targets.ts"
import { openFile } from "../../state/openFile.ts"
import { openApp } from "../../state/windows.ts"

export const openTarget: OpenTarget = (target) => {
  switch (target.kind) {
    case "file":
      openFile(target.path, target.line)
      return
    case "run":
      openApp("run", { run_id: target.run_id })
      return
    case "approval":
      openApp("inbox", { approval_id: target.approval_id })
  }
}
