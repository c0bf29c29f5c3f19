import { ShieldCheck } from "lucide-react"
import { useRef, useState } from "react"
import { plainName } from "../../content/plainText.ts"
import { Button } from "../../ui/Button.tsx"
import { Empty } from "../../ui/Empty.tsx"
import { SegmentedControl } from "../../ui/SegmentedControl.tsx"
import styles from "./HtmlView.module.css"
import { TooLarge } from "./PartOf.tsx"
import { usePageKeyboard } from "./pageKeyboard.ts"
import { TextView } from "./TextView.tsx"
import { type ViewProps, versionOf } from "./view.ts"

const ways = [
  { value: "page", label: "Page" },
  { value: "source", label: "Source" }
] as const

const largest = 16 * 1024 * 1024

/** A page in a frame of no origin: its scripts run, and reach nothing, the keyboard neither. */
export const HtmlView = (props: ViewProps) => {
  const { entry } = props
  const [way, setWay] = useState<"page" | "source">("page")
  const view = useRef<HTMLDivElement>(null)
  const { forgive, hasTaken, isHere } = usePageKeyboard(view)
  return (
    <div ref={view} className={styles.view}>
      <header className={styles.bar}>
        <p className={styles.words}>
          <ShieldCheck size={16} strokeWidth={1.75} aria-hidden />
          This page is shown apart from your computer: it can't reach it.
        </p>
        <SegmentedControl label="How it is shown" options={ways} value={way} onChange={setWay} />
      </header>
      <div className={styles.content}>
        {way === "source" ? (
          <TextView {...props} />
        ) : entry.bytes > largest ? (
          <TooLarge name={plainName(entry.name)} path={entry.path} size={entry.bytes} limit={largest} />
        ) : hasTaken ? (
          <Empty title="This page was stopped" action={<Button onClick={forgive}>Show it again</Button>}>
            It took the keyboard while you were somewhere else.
          </Empty>
        ) : (
          <iframe
            key={versionOf(entry)}
            className={styles.frame}
            data-here={isHere}
            tabIndex={isHere ? 0 : -1}
            title={plainName(entry.name)}
            sandbox="allow-scripts"
            referrerPolicy="no-referrer"
            src={`/files/view?${new URLSearchParams({ path: entry.path })}`}
          />
        )}
      </div>
    </div>
  )
}
