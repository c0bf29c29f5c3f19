import type { Event } from "@choiros/protocol"
import { beforeEach, expect, it, vi } from "vitest"

const page = vi.hoisted(() => {
  const dataset: Record<string, string> = {}
  vi.stubGlobal("document", { documentElement: { dataset } })
  vi.stubGlobal("localStorage", { setItem: () => undefined, getItem: () => null })
  return dataset
})

import { evolvePreferences, preferencesStore, readPreferences, setTheme } from "./preferences.ts"

type Theme = "light" | "dark"

interface Asked {
  readonly method: string
  readonly body: unknown
  readonly answer: (theme: Theme) => void
  readonly refuse: () => void
}

let asked: Array<Asked> = []
const nth = (count: number): Promise<Asked> =>
  vi.waitFor(() => {
    const one = asked[count - 1]
    if (one === undefined) throw new Error(`${asked.length} were asked`)
    return one
  })

let seq = 0
const chosen = (theme: Theme): void => {
  seq += 1
  const event: Event = {
    seq,
    event_id: `event ${seq}`,
    timestamp: "2026-01-01T00:00:00.000Z",
    event_type: "user.theme_preference",
    version: 1,
    actor_id: "main",
    user_id: "me",
    session_id: null,
    thread_id: null,
    run_id: null,
    correlation_id: null,
    causation_id: null,
    payload: { theme }
  }
  evolvePreferences([event])
}

beforeEach(() => {
  asked = []
  preferencesStore.setState({ theme: "dark" })
  vi.stubGlobal("fetch", (_: string, { body, method }: { readonly method: string; readonly body?: string }) => {
    return new Promise<Response>((resolve) => {
      asked.push({
        method,
        body: body === undefined ? null : JSON.parse(body),
        answer: (theme) => resolve(Response.json({ success: true, theme })),
        refuse: () => resolve(Response.json({ success: false, error: "No" }, { status: 500 }))
      })
    })
  })
})

it("the last of two choices is shown all the while, and is stored after the first", async () => {
  const first = setTheme("light")
  const second = setTheme("dark")
  const light = await nth(1)
  expect(asked).toHaveLength(1)
  chosen("light")
  expect(preferencesStore.getState().theme).toBe("dark")
  light.answer("light")
  await first
  const dark = await nth(2)
  expect(dark.body).toEqual({ theme: "dark" })
  chosen("dark")
  dark.answer("dark")
  await second
  expect(page.theme).toBe("dark")
  expect(asked).toHaveLength(2)
})

it("a reading that was asked for before a choice does not undo it", async () => {
  const reading = readPreferences()
  const read = await nth(1)
  const choice = setTheme("light")
  const stored = await nth(2)
  stored.answer("light")
  await choice
  read.answer("dark")
  const again = await nth(3)
  expect(preferencesStore.getState().theme).toBe("light")
  again.answer("light")
  await reading
  expect(preferencesStore.getState().theme).toBe("light")
})

it("what another screen has chosen meanwhile is read once the choice is stored", async () => {
  const choice = setTheme("light")
  const stored = await nth(1)
  chosen("light")
  chosen("dark")
  expect(preferencesStore.getState().theme).toBe("light")
  stored.answer("light")
  await choice
  const read = await nth(2)
  expect(read.method).toBe("GET")
  read.answer("dark")
  await vi.waitFor(() => expect(preferencesStore.getState().theme).toBe("dark"))
})

it("a choice is made though the one before it was refused", async () => {
  const first = setTheme("light")
  const second = setTheme("dark")
  const light = await nth(1)
  light.refuse()
  await expect(first).rejects.toThrow("No")
  const dark = await nth(2)
  dark.answer("dark")
  await second
  chosen("light")
  expect(preferencesStore.getState().theme).toBe("light")
})
