import { useEffect } from "react"
import { createPortal } from "react-dom"
import { useStore } from "zustand"
import { appIcon } from "../apps/catalog.tsx"
import { desktopStore } from "../state/desktop.ts"
import { overlays } from "../ui/overlays.ts"
import styles from "./Switcher.module.css"
import { choose, decide, leave, step, switcherStore } from "./switcher.ts"
import { titleOf, titlesStore } from "./titles.ts"

export const Switcher = () => {
  const isOpen = useStore(switcherStore, ({ ids }) => ids !== null)
  return isOpen ? createPortal(<Open />, overlays()) : null
}

const Open = () => {
  const { chosen, ids } = useStore(switcherStore)
  const windows = useStore(desktopStore, ({ state }) => state.windows)
  const titles = useStore(titlesStore, (store) => store.titles)
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key === "Escape") leave()
      else if (event.key === "Enter") decide()
      else if (event.key === "ArrowRight" || event.key === "ArrowDown") step(1)
      else if (event.key === "ArrowLeft" || event.key === "ArrowUp") step(-1)
      else return
      event.preventDefault()
      event.stopPropagation()
    }
    window.addEventListener("keydown", pressed, { capture: true })
    window.addEventListener("blur", leave)
    return () => {
      window.removeEventListener("keydown", pressed, { capture: true })
      window.removeEventListener("blur", leave)
    }
  }, [])
  return (
    <div className={styles.layer}>
      <div className={styles.panel} role="listbox" aria-label="Switch windows" tabIndex={-1}>
        {(ids ?? []).map((id, index) => {
          const window = windows.find((one) => one.id === id)
          if (window === undefined) return null
          const Icon = appIcon(window.app_id)
          const name = titleOf(window, titles)
          return (
            <button
              key={id}
              type="button"
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              className={styles.entry}
              onClick={() => choose(index)}
            >
              <span className={styles.icon}>
                <Icon size={24} strokeWidth={1.5} aria-hidden="true" />
              </span>
              <span className={styles.name}>{name}</span>
              {window.hidden && <span className={styles.note}>Minimized</span>}
            </button>
          )
        })}
      </div>
    </div>
  )
}
