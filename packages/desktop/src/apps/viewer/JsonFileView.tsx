import { useMemo, useState } from "react"
import { JsonView } from "../../content/JsonView.tsx"
import { scrollable } from "../../content/scrollable.ts"
import { SegmentedControl } from "../../ui/SegmentedControl.tsx"
import type { Part } from "../files/filesApi.ts"
import { textOf } from "../files/textOf.ts"
import { Bytes } from "./BytesView.tsx"
import styles from "./JsonFileView.module.css"
import { LazyText } from "./LazyText.ts"
import { PartOf } from "./PartOf.tsx"
import type { ViewProps } from "./view.ts"

/** Bytes. */
const longest = 16 * 1024 * 1024

const ways = [
  { value: "tree", label: "Tree" },
  { value: "source", label: "Source" }
] as const

export const JsonFileView = ({ entry }: ViewProps) => (
  <PartOf entry={entry} limit={longest}>
    {(part) => <Json part={part} path={entry.path} />}
  </PartOf>
)

const Json = ({ part, path }: { readonly part: Part; readonly path: string }) => {
  const [way, setWay] = useState<"tree" | "source">("tree")
  const text = useMemo(() => textOf(part.bytes, part.bytes.length === part.size), [part])
  const parsed = useMemo(() => parse(text), [text])
  if (text === null) return <Bytes part={part} />
  const tree = way === "tree" && "value" in parsed
  return (
    <div className={styles.view}>
      <header className={styles.bar}>
        {"error" in parsed && (
          <p className={styles.words} role="status">{`It can't be shown as a tree: ${parsed.error}`}</p>
        )}
        {"value" in parsed && <SegmentedControl label="How it is shown" options={ways} value={way} onChange={setWay} />}
      </header>
      <div className={styles.content}>
        {tree ? (
          <div className={styles.tree} {...scrollable} role="group" aria-label="Tree">
            <JsonView value={parsed.value} open={2} />
          </div>
        ) : (
          <LazyText text={text} path={path} />
        )}
      </div>
    </div>
  )
}

const parse = (text: string | null): { readonly value: unknown } | { readonly error: string } => {
  try {
    return { value: JSON.parse((text ?? "").replace(/^\uFEFF/, "")) }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}
