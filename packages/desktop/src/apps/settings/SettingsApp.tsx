/**
 * How the computer is set.
 *
 * Law: each value says where it comes from; what can't be changed here says why; what needs a restart says so.
 */
import { Bot, Database, Gauge, Keyboard, KeyRound, type LucideIcon, Palette, ShieldCheck } from "lucide-react"
import { type ComponentType, type KeyboardEvent, useEffect, useRef, useState } from "react"
import { scrollable } from "../../content/scrollable.ts"
import type { AppProps } from "../App.ts"
import { AgentsSection } from "./AgentsSection.tsx"
import { AppearanceSection } from "./AppearanceSection.tsx"
import { DataSection } from "./DataSection.tsx"
import { LimitsSection } from "./LimitsSection.tsx"
import { ModelsSection } from "./ModelsSection.tsx"
import { PermissionsSection } from "./PermissionsSection.tsx"
import styles from "./SettingsApp.module.css"
import { ShortcutsSection } from "./ShortcutsSection.tsx"

interface Section {
  readonly id: string
  readonly title: string
  readonly icon: LucideIcon
  readonly Content: ComponentType
}

const sections: readonly [Section, ...ReadonlyArray<Section>] = [
  { id: "models", title: "Models and keys", icon: KeyRound, Content: ModelsSection },
  { id: "permissions", title: "Permissions", icon: ShieldCheck, Content: PermissionsSection },
  { id: "limits", title: "Limits", icon: Gauge, Content: LimitsSection },
  { id: "agents", title: "Agents", icon: Bot, Content: AgentsSection },
  { id: "shortcuts", title: "Shortcuts", icon: Keyboard, Content: ShortcutsSection },
  { id: "appearance", title: "Appearance", icon: Palette, Content: AppearanceSection },
  { id: "data", title: "Data", icon: Database, Content: DataSection }
]

const SettingsApp = ({ props, setTitle }: AppProps) => {
  const asked = typeof props.section === "string" ? props.section : null
  const [chosen, setChosen] = useState(asked ?? sections[0].id)
  const [answered, setAnswered] = useState(props.asked)
  // Asked for anew, also for the same one.
  if (answered !== props.asked) {
    setAnswered(props.asked)
    if (asked !== null) setChosen(asked)
  }
  const section = sections.find(({ id }) => id === chosen) ?? sections[0]
  const nav = useRef<HTMLElement>(null)
  // In a narrow window the list is longer than what is seen of it.
  useEffect(() => {
    const current = nav.current?.querySelector(`[data-section="${section.id}"]`)
    current?.scrollIntoView({ block: "nearest", inline: "nearest" })
  }, [section.id])
  useEffect(() => setTitle(`Settings: ${section.title}`), [setTitle, section.title])

  return (
    <div className={styles.settings}>
      <nav ref={nav} className={styles.nav} aria-label="Sections of the settings">
        {sections.map(({ icon: Icon, id, title }) => (
          <button
            key={id}
            type="button"
            className={styles.item}
            data-section={id}
            aria-current={id === section.id ? "page" : undefined}
            onClick={() => setChosen(id)}
            onKeyDown={move}
          >
            <Icon size={16} strokeWidth={1.75} aria-hidden="true" />
            {title}
          </button>
        ))}
      </nav>
      <div className={styles.page} key={section.id} {...scrollable}>
        <div className={styles.content}>
          <h2 className={styles.title}>{section.title}</h2>
          <section.Content />
        </div>
      </div>
    </div>
  )
}

/** Arrow keys go through the list. */
const move = (event: KeyboardEvent<HTMLButtonElement>): void => {
  const { currentTarget, key } = event
  const next =
    key === "ArrowDown" || key === "ArrowRight"
      ? currentTarget.nextElementSibling
      : key === "ArrowUp" || key === "ArrowLeft"
        ? currentTarget.previousElementSibling
        : null
  if (!(next instanceof HTMLElement)) return
  event.preventDefault()
  next.focus()
}

export default SettingsApp
