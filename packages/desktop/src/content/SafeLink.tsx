import type { ReactNode } from "react"
import styles from "./SafeLink.module.css"
import { hostOf, pretends } from "./safeUrl.ts"

/** A link of others, in a new tab that can't reach back. Says its host where its words name another. */
export const SafeLink = ({
  href,
  words,
  children,
  host = false
}: {
  /** Of `safeUrl`. */
  readonly href: string
  /** The text of the link, as it is read. */
  readonly words: string
  readonly children: ReactNode
  /** Says the host in any case. */
  readonly host?: boolean
}) => (
  <>
    <a className={styles.link} href={href} target="_blank" rel="noopener noreferrer nofollow" title={href}>
      {children}
    </a>
    {host || pretends(words, href) ? <span className={styles.host}> ({hostOf(href)})</span> : null}
  </>
)
