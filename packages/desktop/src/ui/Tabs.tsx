import { Tabs as RadixTabs } from "radix-ui"
import type { ReactNode } from "react"
import { classes } from "./classes.ts"
import styles from "./Tabs.module.css"

export type Tab<Id extends string = string> = {
  readonly id: Id
  readonly label: string
  readonly icon?: ReactNode
  readonly badge?: ReactNode
}

type TabsProps<Id extends string> = {
  readonly tabs: ReadonlyArray<Tab<Id>>
  readonly value: Id
  readonly onChange: (id: Id) => void
  /** What the row of tabs is for, to a screen reader. */
  readonly label?: string | undefined
  /** What stands at the end of the row. */
  readonly end?: ReactNode
  readonly className?: string | undefined
  /** The panel of the chosen tab. */
  readonly children: ReactNode
}

export const Tabs = <Id extends string>({ tabs, value, onChange, label, end, className, children }: TabsProps<Id>) => (
  <RadixTabs.Root
    className={classes(styles.root, className)}
    value={value}
    onValueChange={(id) => {
      const chosen = tabs.find((tab) => tab.id === id)
      if (chosen !== undefined) onChange(chosen.id)
    }}
  >
    <div className={styles.row}>
      <RadixTabs.List className={styles.list} aria-label={label}>
        {tabs.map((tab) => (
          <RadixTabs.Trigger key={tab.id} value={tab.id} className={styles.tab}>
            {tab.icon}
            {tab.label}
            {tab.badge}
          </RadixTabs.Trigger>
        ))}
      </RadixTabs.List>
      {end}
    </div>
    <RadixTabs.Content value={value} className={styles.panel}>
      {children}
    </RadixTabs.Content>
  </RadixTabs.Root>
)
