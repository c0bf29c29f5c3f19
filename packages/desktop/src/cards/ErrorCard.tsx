import { CircleAlert } from "lucide-react"
import { memo, type ReactNode, useState } from "react"
import { JsonView } from "../content/JsonView.tsx"
import { visibleText } from "../content/plainText.ts"
import { Button } from "../ui/Button.tsx"
import styles from "./ErrorCard.module.css"

const titles: Readonly<Record<string, string>> = {
  rate_limited: "The model's provider takes no more for now",
  overloaded: "The model's provider is overloaded",
  server: "The model's provider failed",
  network: "The model could not be reached",
  timeout: "The model did not answer in time",
  auth: "The model's provider did not accept the key",
  invalid_request: "The model's provider refused the request",
  context_full: "The conversation is longer than the model can take",
  malformed: "The model's answer could not be read",
  refused: "The model declined to answer",
  unknown_model: "There is no such model"
}

/** Something went wrong: what, why and how to go on, in words; what was recorded on demand. */
export const ErrorCard = memo(
  ({
    error,
    title,
    raw,
    children
  }: {
    readonly error: { readonly kind: string; readonly message: string }
    readonly title?: string | undefined
    /** What else is known, as it was recorded. */
    readonly raw?: unknown
    /** Ways out: buttons. */
    readonly children?: ReactNode
  }) => {
    const [isOpen, setOpen] = useState(false)
    const known = Object.hasOwn(titles, error.kind) ? titles[error.kind] : undefined
    return (
      <div className={styles.card} role="alert">
        <CircleAlert className={styles.icon} size={16} strokeWidth={1.75} aria-hidden="true" />
        <div className={styles.words}>
          <p className={styles.title}>{title ?? known ?? "Something went wrong"}</p>
          <p className={styles.cause}>{visibleText(error.message)}</p>
          <div className={styles.ways}>
            {children}
            <Button variant="ghost" size="s" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              {isOpen ? "Hide what was recorded" : "Show what was recorded"}
            </Button>
          </div>
          {isOpen ? <JsonView value={raw ?? error} /> : null}
        </div>
      </div>
    )
  }
)
ErrorCard.displayName = "ErrorCard"
