/** Key combinations as people of this platform read them: "Mod+Shift+K" is ⇧⌘K on a Mac and Ctrl Shift K elsewhere. */

const onMac: Readonly<Record<string, string>> = {
  mod: "⌘",
  meta: "⌘",
  ctrl: "⌃",
  alt: "⌥",
  shift: "⇧",
  enter: "↩",
  backspace: "⌫",
  delete: "⌦",
  escape: "esc",
  tab: "⇥"
}

const elsewhere: Readonly<Record<string, string>> = {
  mod: "Ctrl",
  ctrl: "Ctrl",
  meta: "Win",
  alt: "Alt",
  shift: "Shift",
  enter: "Enter",
  backspace: "Backspace",
  delete: "Del",
  escape: "Esc",
  tab: "Tab"
}

const everywhere: Readonly<Record<string, string>> = {
  arrowleft: "←",
  arrowright: "→",
  arrowup: "↑",
  arrowdown: "↓",
  left: "←",
  right: "→",
  up: "↑",
  down: "↓",
  backquote: "`",
  space: "Space",
  slash: "/",
  period: ".",
  comma: ","
}

export const isMac = (): boolean => typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform)

/** The keys of a combination, one by one. "+" alone is the plus key. */
export const keyNames = (keys: string, mac: boolean = isMac()): ReadonlyArray<string> =>
  keys
    .split(/\+(?!$)/)
    .filter((part) => part !== "")
    .map((part) => {
      const key = part.toLowerCase()
      return (mac ? onMac : elsewhere)[key] ?? everywhere[key] ?? (part.length === 1 ? part.toUpperCase() : part)
    })

export const keysInWords = (keys: string, mac: boolean = isMac()): string => keyNames(keys, mac).join(mac ? "" : " ")
