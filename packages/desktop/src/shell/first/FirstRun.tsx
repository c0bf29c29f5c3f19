/** The first three steps: what thinks, where it works, how careful it is. */
import { useState } from "react"
import { openApp } from "../../state/windows.ts"
import { Button } from "../../ui/Button.tsx"
import { Dialog } from "../../ui/Dialog.tsx"
import { areaStore } from "../area.ts"
import styles from "./FirstRun.module.css"
import { ModelStep } from "./ModelStep.tsx"
import { RulesStep } from "./RulesStep.tsx"
import { markSetUp } from "./setUp.ts"
import { WorkspaceStep } from "./WorkspaceStep.tsx"

const steps = ["model", "workspace", "rules"] as const

const titles = {
  model: { title: "What should think?", words: "A demo model needs no key. A real one needs the key of its provider." },
  workspace: { title: "Where agents work", words: "They read and write here, and nowhere else unless you allow it." },
  rules: { title: "How careful should it be?", words: "What is not allowed by itself waits in the inbox for you." }
} as const

const FirstRun = ({ onClose }: { readonly onClose: () => void }) => {
  const [at, setAt] = useState(0)
  const step = steps[at] ?? "model"
  const leave = () => {
    markSetUp()
    onClose()
  }
  const finish = () => {
    leave()
    if (areaStore.getState().layout === "compact") openApp("chat")
    else {
      openApp("choir", {}, { zone: "right" })
      openApp("chat", {}, { zone: "left" })
    }
  }
  return (
    <Dialog
      open
      onOpenChange={leave}
      title={titles[step].title}
      description={titles[step].words}
      footer={
        <>
          <span className={styles.progress}>
            Step {at + 1} of {steps.length}
          </span>
          {at > 0 && <Button onClick={() => setAt(at - 1)}>Back</Button>}
          {at < steps.length - 1 ? (
            <Button variant="primary" autoFocus onClick={() => setAt(at + 1)}>
              Continue
            </Button>
          ) : (
            <Button variant="primary" onClick={finish}>
              Start
            </Button>
          )}
        </>
      }
    >
      {step === "model" && <ModelStep />}
      {step === "workspace" && <WorkspaceStep />}
      {step === "rules" && <RulesStep />}
    </Dialog>
  )
}

export default FirstRun
