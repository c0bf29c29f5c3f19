/** How a section is built: parts with a title, lines of a name, a value and where it comes from. */
import type { SettingSource } from "@choiros/protocol"
import type { ReactNode } from "react"
import { Badge } from "../../ui/Badge.tsx"
import { classes } from "../../ui/classes.ts"
import styles from "./Part.module.css"

interface PartProps {
  readonly title: string
  readonly intro?: ReactNode
  readonly end?: ReactNode
  readonly children?: ReactNode
}

export const Part = ({ children, end, intro, title }: PartProps) => (
  <section className={styles.part} aria-label={title}>
    <div className={styles.head}>
      <h3 className={styles.title}>{title}</h3>
      {end}
    </div>
    {intro === undefined ? null : <div className={styles.intro}>{intro}</div>}
    {children}
  </section>
)

export const Line = ({ children, label }: { readonly label: ReactNode; readonly children: ReactNode }) => (
  <div className={styles.line}>
    <span className={styles.label}>{label}</span>
    <span className={styles.value}>{children}</span>
  </div>
)

const sourceWords: Readonly<Record<SettingSource, string>> = {
  flag: "From a flag",
  environment: "From the environment",
  setting: "Set here",
  default: "Default"
}

export const Source = ({ source }: { readonly source: SettingSource }) => (
  <Badge tone={source === "flag" || source === "environment" ? "info" : "neutral"}>{sourceWords[source]}</Badge>
)

/** Why it can't be changed here; null where it can. */
export const fixedBecause = (source: SettingSource): string | null =>
  source === "flag"
    ? "A flag of the start decides this. Start the computer without it to choose here."
    : source === "environment"
      ? "A variable of the environment decides this. Start the computer without it to choose here."
      : null

export const Note = ({
  children,
  tone = "neutral"
}: {
  readonly children: ReactNode
  readonly tone?: "neutral" | "warning" | "danger" | "success" | undefined
}) => (
  <p className={classes(styles.note, styles[tone])} role={tone === "danger" ? "alert" : undefined}>
    {children}
  </p>
)
