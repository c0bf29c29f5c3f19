/** The terminal's colours, from the desktop's tokens: they follow its theme. */
import type { ITheme } from "@xterm/xterm"

const tokens = {
  background: "--surface-sunken",
  foreground: "--text",
  cursor: "--accent",
  cursorAccent: "--accent-text",
  selectionBackground: "--surface-active",
  scrollbarSliderBackground: "--border",
  scrollbarSliderHoverBackground: "--border-strong",
  scrollbarSliderActiveBackground: "--text-faint",
  red: "--danger",
  green: "--success",
  yellow: "--warning",
  blue: "--info",
  magenta: "--state-paused",
  cyan: "--agent-6",
  brightBlack: "--text-faint",
  brightRed: "--agent-2",
  brightGreen: "--agent-3",
  brightYellow: "--agent-4",
  brightBlue: "--agent-1",
  brightMagenta: "--agent-7",
  brightCyan: "--agent-6"
} as const satisfies ITheme

/** Black and white are what they are called, whichever of the two the page is drawn on. */
const ends = {
  dark: { black: "--surface-active", white: "--text-muted", brightWhite: "--text" },
  light: { black: "--text", white: "--text-faint", brightWhite: "--surface-active" }
} as const

export const readTheme = (): ITheme => {
  const root = document.documentElement
  const style = getComputedStyle(root)
  const named = { ...tokens, ...ends[root.dataset.theme === "light" ? "light" : "dark"] }
  return Object.fromEntries(
    Object.entries(named).map(([colour, token]) => [colour, style.getPropertyValue(token).trim()])
  )
}

export const readFont = (): string => getComputedStyle(document.documentElement).getPropertyValue("--font-mono").trim()

/** Calls back when the theme or the contrast is another; returns the way to stop it. */
export const onTheme = (changed: () => void): (() => void) => {
  const observer = new MutationObserver(changed)
  observer.observe(document.documentElement, { attributeFilter: ["data-theme", "data-contrast"] })
  return () => observer.disconnect()
}
