import { ShieldCheck } from "lucide-react"
import { useState } from "react"
import { plainName } from "../../content/plainText.ts"
import { SegmentedControl } from "../../ui/SegmentedControl.tsx"
import styles from "./HtmlView.module.css"
import { TooLarge } from "./PartOf.tsx"
import { TextView } from "./TextView.tsx"
import { type ViewProps, versionOf } from "./view.ts"

const ways = [
  { value: "page", label: "Page" },
  { value: "source", label: "Source" }
] as const

const largest = 16 * 1024 * 1024

/** A page in a frame of no origin: its scripts run, and reach nothing. */
export const HtmlView = (props: ViewProps) => {
  const { entry } = props
  const [way, setWay] = useState<"page" | "source">("page")
  return (
    <div className={styles.view}>
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
        ) : (
          <iframe
            key={versionOf(entry)}
            className={styles.frame}
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
