import { afterAll, beforeEach, expect, it, vi } from "vitest"
import { type Action, registerActions } from "./Action.ts"
import { listenToKeys } from "./keyboard.ts"

const page = vi.hoisted(() => {
  const made = { press: (_: object): void => undefined }
  vi.stubGlobal("Element", class {})
  vi.stubGlobal("window", {
    addEventListener: (_: string, listener: (event: object) => void) => {
      made.press = listener
    }
  })
  return made
})

const ran: Array<string> = []
const action = (id: string, key: string, more: Partial<Action> = {}): Action => ({
  id,
  title: id,
  group: "Test",
  keys: [`Mod+Alt+${key}`],
  run: () => ran.push(id),
  ...more
})

const press = (letter: string, repeat: boolean): boolean => {
  let taken = false
  page.press({
    isComposing: false,
    defaultPrevented: false,
    target: null,
    ctrlKey: true,
    metaKey: false,
    altKey: true,
    shiftKey: false,
    code: `Key${letter}`,
    key: letter.toLowerCase(),
    repeat,
    preventDefault: () => {
      taken = true
    },
    stopPropagation: () => undefined
  })
  return taken
}

beforeEach(() => {
  ran.length = 0
})
afterAll(() => vi.unstubAllGlobals())

listenToKeys()
registerActions([action("close", "W"), action("next", "N", { repeats: true })])

it("runs once while its keys are held, and still takes them", () => {
  press("W", false)
  expect(press("W", true)).toBe(true)
  expect(ran).toEqual(["close"])
})

it("runs again and again where that is what holding means", () => {
  press("N", false)
  press("N", true)
  expect(ran).toEqual(["next", "next"])
})
