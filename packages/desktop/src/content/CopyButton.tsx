import { Check, Copy } from "lucide-react"
import { useEffect, useState } from "react"
import { IconButton } from "../ui/IconButton.tsx"

/** How long the mark of success is shown. */
const shownMs = 1_500

/** Copies a text. A page that may not write to the clipboard says so when it is asked to. */
export const CopyButton = ({ text, what }: { readonly text: string; readonly what: string }) => {
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle")
  useEffect(() => {
    if (state === "idle") return
    const timer = setTimeout(() => setState("idle"), shownMs)
    return () => clearTimeout(timer)
  }, [state])
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      setState("copied")
    } catch {
      setState("refused")
    }
  }
  const label = { idle: `Copy ${what}`, copied: "Copied", refused: "The browser does not let this page copy" }[state]
  return (
    <IconButton
      label={label}
      size="s"
      icon={state === "copied" ? <Check size={14} strokeWidth={1.75} /> : <Copy size={14} strokeWidth={1.75} />}
      onClick={() => void copy()}
    />
  )
}
