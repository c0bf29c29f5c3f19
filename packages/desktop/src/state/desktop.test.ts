import type { Event, WindowState } from "@choiros/protocol"
import { initialDesktop, windowNotFound } from "@choiros/protocol"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { connectionStore } from "../client/Connection.ts"
import { command, desktopStore, evolveDesktopStore, resendCommands, seedDesktop } from "./desktop.ts"
import { noticesStore } from "./notices.ts"

const window: WindowState = {
  id: "window",
  app_id: "choir",
  title: "Choir",
  x: 100,
  y: 100,
  width: 900,
  height: 600,
  z_index: 1,
  hidden: false,
  maximized: false,
  zone: null,
  props: {}
}

interface Sent {
  readonly op_id: string
  readonly address: string
  readonly answer: () => void
  readonly lose: () => void
  readonly refuse: (error: string) => void
}

let sent: Array<Sent> = []
let seq = 1

const isOp = (body: unknown): body is { readonly op_id: string } =>
  typeof body === "object" && body !== null && "op_id" in body

const happened = (event_type: string, payload: object): void => {
  seq += 1
  const event: Event = {
    seq,
    event_id: `event ${seq}`,
    timestamp: "2026-01-01T00:00:00.000Z",
    event_type,
    version: 1,
    actor_id: "main",
    user_id: null,
    session_id: null,
    thread_id: null,
    run_id: null,
    correlation_id: null,
    causation_id: null,
    payload
  }
  evolveDesktopStore([event])
}

const bounds = { x: window.x, y: window.y, width: window.width, height: window.height }
const shown = () => desktopStore.getState().state.windows[0]
const pending = () => desktopStore.getState().pending.length
const nextSent = (count: number): Promise<Sent> =>
  vi.waitFor(() => {
    const one = sent[count - 1]
    if (one === undefined) throw new Error(`${sent.length} were sent`)
    return one
  })

beforeEach(() => {
  sent = []
  vi.stubGlobal("fetch", (address: string, { body }: { readonly body: string }) => {
    const said: unknown = JSON.parse(body)
    if (!isOp(said)) throw new Error("A command has no op_id")
    return new Promise<Response>((resolve, reject) => {
      sent.push({
        op_id: said.op_id,
        address,
        answer: () => resolve(Response.json({ success: true })),
        lose: () => reject(new TypeError("Failed to fetch")),
        refuse: (error) => resolve(Response.json({ success: false, error }, { status: 400 }))
      })
    })
  })
  connectionStore.setState({ status: "live" })
  noticesStore.setState({ notices: [] })
  seq += 1
  seedDesktop({ ...initialDesktop, windows: [window] }, seq)
})

afterEach(() => vi.unstubAllGlobals())

describe("commands that are on their way", () => {
  it("show at once, and end with their echo", async () => {
    const done = command({ _tag: "Minimize", window_id: window.id })
    expect(shown()?.hidden).toBe(true)
    const one = await nextSent(1)
    one.answer()
    await done
    expect(pending()).toBe(1)
    happened("desktop.window_minimized", { window_id: window.id, op_id: one.op_id })
    expect(pending()).toBe(0)
    expect(desktopStore.getState().truth.windows[0]?.hidden).toBe(true)
  })

  it("end when another screen has done the same, though they have no echo", async () => {
    const done = command({ _tag: "Minimize", window_id: window.id })
    const one = await nextSent(1)
    one.answer()
    await done
    happened("desktop.window_minimized", { window_id: window.id, op_id: "of another screen" })
    happened("desktop.window_restored", { window_id: window.id, ...bounds, from: "minimized" })
    expect(pending()).toBe(0)
    expect(shown()?.hidden).toBe(false)
  })

  it("end with the echo of a later one", async () => {
    const first = command({ _tag: "Move", window_id: window.id, x: 1, y: 1 })
    const second = command({ _tag: "Move", window_id: window.id, x: 2, y: 2 })
    const one = await nextSent(1)
    one.answer()
    const two = await nextSent(2)
    two.answer()
    await Promise.all([first, second])
    happened("desktop.window_moved", { window_id: window.id, x: 2, y: 2, op_id: two.op_id })
    expect(pending()).toBe(0)
  })

  it("are not done twice when only the answer was lost", async () => {
    const done = command({ _tag: "Close", window_id: window.id })
    const one = await nextSent(1)
    connectionStore.setState({ status: "offline" })
    one.lose()
    await Promise.resolve()
    happened("desktop.window_closed", { window_id: window.id, op_id: one.op_id })
    connectionStore.setState({ status: "live" })
    await vi.waitFor(async () => {
      resendCommands()
      expect(await Promise.race([done, Promise.resolve("waits")])).toBe(true)
    })
    expect(sent).toHaveLength(1)
    expect(noticesStore.getState().notices).toEqual([])
  })

  it("ease back with a notice when they are refused, and without one when another has closed the window", async () => {
    const refused = command({ _tag: "Minimize", window_id: window.id })
    const one = await nextSent(1)
    one.refuse("The desktop is full")
    expect(await refused).toBe(false)
    expect(shown()?.hidden).toBe(false)
    expect(noticesStore.getState().notices.map(({ text }) => text)).toEqual(["The desktop is full"])
    const late = command({ _tag: "Minimize", window_id: window.id })
    const two = await nextSent(2)
    two.refuse(windowNotFound(window.id))
    expect(await late).toBe(false)
    expect(noticesStore.getState().notices).toHaveLength(1)
  })

  it("are sent again over a connection that lives", async () => {
    vi.useFakeTimers()
    try {
      const done = command({ _tag: "Move", window_id: window.id, x: 5, y: 5 })
      await vi.advanceTimersByTimeAsync(0)
      sent[0]?.lose()
      await vi.advanceTimersByTimeAsync(2_000)
      expect(sent).toHaveLength(2)
      expect(sent[1]?.op_id).toBe(sent[0]?.op_id)
      sent[1]?.answer()
      expect(await done).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })
})
