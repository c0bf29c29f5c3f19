import { type ComponentProps, type FocusEvent, type KeyboardEvent, useLayoutEffect, useRef } from "react"
import { classes } from "./classes.ts"
import styles from "./Toolbar.module.css"

/** A row of controls that is one stop of the Tab key; arrow keys, Home and End move inside of it. */
export const Toolbar = ({
  label,
  className,
  children,
  ...rest
}: ComponentProps<"div"> & { readonly label: string }) => {
  const bar = useRef<HTMLDivElement>(null)
  const current = useRef<HTMLElement | null>(null)

  // After every drawing: a control may have come, gone or been disabled.
  useLayoutEffect(() => {
    if (bar.current !== null) rove(bar.current, current)
  })

  const onFocus = (event: FocusEvent<HTMLDivElement>) => {
    if (event.target instanceof HTMLElement) current.current = event.target
    if (bar.current !== null) rove(bar.current, current)
  }

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (bar.current === null || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return
    if (!(event.target instanceof HTMLElement) || takesArrows(event.target)) return
    const controls = controlsOf(bar.current)
    const at = controls.indexOf(event.target)
    const next = at < 0 ? undefined : controls[target(event.key, at, controls.length)]
    if (next === undefined || next === event.target) return
    event.preventDefault()
    next.focus()
  }

  return (
    <div
      {...rest}
      ref={bar}
      role="toolbar"
      aria-label={label}
      className={classes(styles.toolbar, className)}
      onFocus={onFocus}
      onKeyDown={onKeyDown}
    >
      {children}
    </div>
  )
}

/** Pushes what follows to the end of the row. */
export const ToolbarSpace = () => <span className={styles.space} />

const controlsOf = (bar: HTMLElement): ReadonlyArray<HTMLElement> =>
  [...bar.querySelectorAll<HTMLElement>("button, a[href], input, select, textarea")].filter(
    (control) => !control.matches(":disabled")
  )

const rove = (bar: HTMLElement, current: { current: HTMLElement | null }) => {
  const controls = controlsOf(bar)
  const stop = controls.find((control) => control === current.current) ?? controls[0]
  // Radio buttons of one group are one stop by themselves.
  for (const control of controls) {
    if (control instanceof HTMLInputElement && control.type === "radio") continue
    control.tabIndex = control === stop || takesArrows(control) ? 0 : -1
  }
}

/** What needs the arrow keys for itself. */
const takesArrows = (control: HTMLElement) =>
  control instanceof HTMLSelectElement ||
  control instanceof HTMLTextAreaElement ||
  (control instanceof HTMLInputElement && control.type !== "checkbox")

const target = (key: string, at: number, length: number) => {
  switch (key) {
    case "ArrowRight":
      return (at + 1) % length
    case "ArrowLeft":
      return (at - 1 + length) % length
    case "Home":
      return 0
    case "End":
      return length - 1
    default:
      return at
  }
}
