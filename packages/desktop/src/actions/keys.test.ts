import { afterAll, beforeEach, describe, expect, it, vi } from "vitest"
import { keysOfEvent } from "./keys.ts"

interface Press {
  readonly code: string
  readonly key: string
  readonly ctrl?: boolean
  readonly meta?: boolean
  readonly alt?: boolean
  readonly shift?: boolean
  readonly altGraph?: boolean
}

const chord = ({
  alt = false,
  altGraph = false,
  code,
  ctrl = false,
  key,
  meta = false,
  shift = false
}: Press): string =>
  keysOfEvent({
    code,
    key,
    ctrlKey: ctrl,
    metaKey: meta,
    altKey: alt,
    shiftKey: shift,
    getModifierState: (name: string) => name === "AltGraph" && altGraph
  } as KeyboardEvent)

const on = (platform: string) => vi.stubGlobal("navigator", { platform })

afterAll(() => vi.unstubAllGlobals())

describe("on a keyboard of the United States", () => {
  beforeEach(() => on("Linux x86_64"))

  it.each([
    [{ code: "KeyK", key: "k", ctrl: true }, "Mod+K"],
    [{ code: "KeyA", key: "A", ctrl: true, shift: true }, "Mod+Shift+A"],
    [{ code: "Slash", key: "/", ctrl: true }, "Mod+/"],
    [{ code: "Period", key: ".", ctrl: true }, "Mod+."],
    [{ code: "BracketLeft", key: "[" }, "["],
    [{ code: "Backquote", key: "`", alt: true }, "Alt+Backquote"],
    [{ code: "Backquote", key: "~", alt: true, shift: true }, "Alt+Shift+Backquote"],
    [{ code: "Digit3", key: "3", ctrl: true, alt: true }, "Mod+Alt+3"],
    [{ code: "ArrowLeft", key: "ArrowLeft", ctrl: true, alt: true }, "Mod+Alt+Left"],
    [{ code: "Enter", key: "Enter", ctrl: true }, "Mod+Enter"],
    [{ code: "Slash", key: "?", ctrl: true, shift: true }, "Mod+?"]
  ])("%j is %s", (press, keys) => {
    expect(chord(press)).toBe(keys)
  })
})

describe("a letter or a sign is the one that is printed on the key", () => {
  beforeEach(() => on("Win32"))

  it.each([
    ["German, zooming out", { code: "Slash", key: "-", ctrl: true }, "Mod+-"],
    ["German", { code: "Digit7", key: "/", ctrl: true, shift: true }, "Mod+/"],
    ["German", { code: "KeyY", key: "z", alt: true }, "Alt+Z"],
    ["German, with AltGr", { code: "Digit8", key: "[", altGraph: true }, "["],
    ["French", { code: "KeyQ", key: "A", ctrl: true, shift: true }, "Mod+Shift+A"],
    ["French", { code: "Comma", key: ".", ctrl: true, shift: true }, "Mod+."],
    ["French", { code: "KeyZ", key: "w", ctrl: true, alt: true }, "Mod+Alt+W"],
    ["Dvorak", { code: "KeyE", key: ".", ctrl: true }, "Mod+."],
    ["Dvorak", { code: "KeyV", key: "k", ctrl: true }, "Mod+K"]
  ])("%s: %j is %s", (_, press, keys) => {
    expect(chord(press)).toBe(keys)
  })
})

describe("by its place goes", () => {
  it.each([
    ["a digit, which is on Shift there", "Win32", { code: "Digit1", key: "&", ctrl: true, alt: true }, "Mod+Alt+1"],
    ["a letter of another script", "Win32", { code: "KeyK", key: "л", ctrl: true }, "Mod+K"],
    ["a sign in another script", "Linux", { code: "BracketRight", key: "ъ" }, "]"],
    ["the key beside the digits", "Win32", { code: "Backquote", key: "Dead", alt: true }, "Alt+Backquote"],
    ["what Ctrl and Alt print together", "Win32", { code: "KeyQ", key: "@", ctrl: true, alt: true }, "Mod+Alt+Q"],
    ["what Alt prints on a Mac", "MacIntel", { code: "KeyG", key: "©", meta: true, alt: true }, "Mod+Alt+G"],
    ["what Alt only begins on a Mac", "MacIntel", { code: "KeyN", key: "Dead", meta: true, alt: true }, "Mod+Alt+N"],
    ["a sign with Alt on a Mac", "MacIntel", { code: "Period", key: "≥", meta: true, alt: true }, "Mod+Alt+."]
  ])("%s", (_, platform, press, keys) => {
    on(platform)
    expect(chord(press)).toBe(keys)
  })
})
