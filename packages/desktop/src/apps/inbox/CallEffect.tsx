/** What a call would do: a diff, a command or a list with its dangerous words marked, an address. */
import type { Approval } from "@choiros/protocol"
import { Diff } from "../../content/Diff.tsx"
import { visibleText } from "../../content/plainText.ts"
import { SafeLink } from "../../content/SafeLink.tsx"
import { safeUrl } from "../../content/safeUrl.ts"
import { scrollable } from "../../content/scrollable.ts"
import styles from "./CallEffect.module.css"
import { marked } from "./marked.ts"

export const CallEffect = ({ dangerous, effect }: Pick<Approval, "dangerous" | "effect">) => {
  if (effect === null || effect === "") return null
  if (/^--- .*\n\+\+\+ /.test(effect)) return <Diff patch={effect} />
  const address = /^https?:\/\/\S+$/.test(effect) ? safeUrl(effect) : null
  if (address !== null) {
    return (
      <p className={styles.address}>
        <SafeLink href={address} words={effect} host>
          {visibleText(effect)}
        </SafeLink>
      </p>
    )
  }
  return (
    <pre className={styles.text} {...scrollable}>
      <Marked text={effect} dangerous={dangerous} />
    </pre>
  )
}

export const Marked = ({ dangerous, text }: { readonly text: string; readonly dangerous: ReadonlyArray<string> }) =>
  marked(text, dangerous).map((piece) =>
    piece.dangerous ? (
      <mark key={piece.at} className={styles.danger}>
        {visibleText(piece.text)}
      </mark>
    ) : (
      <span key={piece.at}>{visibleText(piece.text)}</span>
    )
  )
