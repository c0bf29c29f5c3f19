import type { TimelineTool } from "@choiros/protocol"
import { use, useState } from "react"
import { AnsiText } from "../content/AnsiText.tsx"
import { loadOutput } from "../state/outputs.ts"
import { Button } from "../ui/Button.tsx"
import { bytes } from "../ui/format.ts"
import { RunOfCards } from "./runOfCards.ts"
import styles from "./ToolBody.module.css"
import { outputOf } from "./toolCalls.ts"

/** Lines of an output that are shown at first. */
const atFirst = 12

type Loading = { readonly state: "excerpt" | "loading" } | { readonly state: "whole" | "failed"; readonly text: string }

/** What a call has given: an excerpt with a way to the whole, where the log has kept more. */
export const ToolOutput = ({ dense, tool }: { readonly tool: TimelineTool; readonly dense: boolean }) => {
  const run_id = use(RunOfCards)
  const [loading, setLoading] = useState<Loading>({ state: "excerpt" })
  const text = loading.state === "whole" ? loading.text : outputOf(tool)
  const { blob, call_id, truncated } = tool.result ?? { blob: undefined, call_id: tool.asked.call_id, truncated: false }
  const load = async (): Promise<void> => {
    if (run_id === null) return
    setLoading({ state: "loading" })
    try {
      setLoading({ state: "whole", text: await loadOutput(run_id, call_id) })
    } catch (error) {
      setLoading({ state: "failed", text: error instanceof Error ? error.message : String(error) })
    }
  }
  return (
    <>
      <AnsiText text={text} maxLines={dense ? atFirst * 4 : atFirst} />
      {truncated && loading.state !== "whole" ? (
        <div className={styles.more}>
          <span>
            {blob === undefined ? "A part of the output is shown." : `A part of ${bytes(blob.bytes)} is shown.`}
          </span>
          {run_id === null ? null : (
            <Button variant="ghost" size="s" busy={loading.state === "loading"} onClick={() => void load()}>
              Show all
            </Button>
          )}
          {loading.state === "failed" ? <span role="alert">It could not be loaded: {loading.text}</span> : null}
        </div>
      ) : null}
    </>
  )
}
