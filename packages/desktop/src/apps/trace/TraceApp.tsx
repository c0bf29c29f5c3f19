/** The expert's view of a run and all that came of it: who handed what to whom, every step, where time and tokens went. */
import { type ReactNode, useState } from "react"
import type { AppProps } from "../App.ts"
import { Chooser } from "./Chooser.tsx"
import { TraceView } from "./TraceView.tsx"

const TraceApp = ({ props, visible, setTitle }: AppProps): ReactNode => {
  const asked = typeof props["run_id"] === "string" && props["run_id"] !== "" ? props["run_id"] : null
  const [chosen, setChosen] = useState<string | null>(null)
  const run_id = asked ?? chosen
  if (run_id === null) return <Chooser visible={visible} setTitle={setTitle} onChoose={setChosen} />
  const step = props["step"]
  return (
    <TraceView
      key={run_id}
      run_id={run_id}
      step={typeof step === "number" ? step : null}
      visible={visible}
      setTitle={setTitle}
      onBack={asked === null ? () => setChosen(null) : null}
    />
  )
}

export default TraceApp
