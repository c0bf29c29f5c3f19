import { useMemo } from "react"
import type { Part } from "../files/filesApi.ts"
import { textOf } from "../files/textOf.ts"
import { Bytes } from "./BytesView.tsx"
import { LazyText } from "./LazyText.ts"
import { PartOf } from "./PartOf.tsx"
import type { ViewProps } from "./view.ts"

/** Bytes. */
const longest = 4 * 1024 * 1024

/** Text, or the bytes of what turns out to be none. */
export const TextView = ({ entry }: ViewProps) => (
  <PartOf entry={entry} limit={longest}>
    {(part) => <TextOrBytes part={part} path={entry.path} />}
  </PartOf>
)

const TextOrBytes = ({ part, path }: { readonly part: Part; readonly path: string }) => {
  const text = useMemo(() => textOf(part.bytes, part.bytes.length === part.size), [part])
  return text === null ? <Bytes part={part} /> : <LazyText text={text} path={path} />
}
