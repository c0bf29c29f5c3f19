import type { Event } from "@choiros/protocol"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { ApiError, unreachable } from "./api.ts"
import { connectionStore, onLive } from "./Connection.ts"
import { EventClient } from "./EventClient.ts"
import { FakeSocket } from "./testing.ts"

const event = (seq: number): Event => ({
  seq,
  event_id: `event ${seq}`,
  timestamp: "2026-01-01T00:00:00.000Z",
  event_type: "test.happened",
  version: 1,
  actor_id: "me",
  user_id: null,
  session_id: null,
  thread_id: null,
  run_id: null,
  correlation_id: null,
  causation_id: null,
  payload: {}
})
const said = (seq: number) => ({ type: "event", seq, event: event(seq) })
const caughtUp = (seq: number) => ({ type: "caught_up", seq, log_id: "log", protocol_version: 1 })

/** The clock of the page listens once for all of it. */
const listeners: Array<() => void> = []
const page = { visibilityState: "visible" as "visible" | "hidden", listeners }
/** What the page hears of its network. */
const network = new EventTarget()
const seen: Array<number> = []
let resets: Array<{ readonly resolve: () => void; readonly reject: (error: Error) => void }> = []
let client: EventClient

const latest = (): FakeSocket => {
  const socket = FakeSocket.all.at(-1)
  if (socket === undefined) throw new Error("No socket was opened")
  return socket
}
/** Deliveries and what follows on them; less than any wait for an attempt. */
const settle = () => vi.advanceTimersByTimeAsync(150)
const status = () => connectionStore.getState().status

const connect = async (): Promise<FakeSocket> => {
  latest().opens()
  latest().says(caughtUp(10))
  await settle()
  return latest()
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(console, "error").mockImplementation(() => undefined)
  FakeSocket.all = []
  seen.length = 0
  resets = []
  page.visibilityState = "visible"
  vi.stubGlobal("WebSocket", FakeSocket)
  vi.stubGlobal("location", { href: "http://computer/" })
  vi.stubGlobal("window", network)
  vi.stubGlobal("document", {
    get visibilityState() {
      return page.visibilityState
    },
    addEventListener: (_: string, listener: () => void) => page.listeners.push(listener),
    removeEventListener: () => undefined
  })
  // A hidden page gets no frames.
  vi.stubGlobal("requestAnimationFrame", (draw: () => void) =>
    setTimeout(() => page.visibilityState === "visible" && draw(), 16)
  )
  vi.stubGlobal("cancelAnimationFrame", clearTimeout)
  connectionStore.setState({ status: "connecting", retryAt: null, replayed: null, attempts: 0, problem: null })
  client = new EventClient({
    events: (batch) => seen.push(...batch.map(({ seq }) => seq)),
    ephemeral: () => undefined,
    reset: () => new Promise((resolve, reject) => resets.push({ resolve, reject }))
  })
  client.open()
})

afterEach(() => {
  client.close()
  // What was asked of this page's frames is over with it.
  page.visibilityState = "visible"
  vi.advanceTimersByTime(1_000)
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe("the stream of events", () => {
  it("holds what comes while the state is taken, and resumes after what it has seen", async () => {
    const socket = await connect()
    socket.says(said(11), said(12))
    await settle()
    expect(seen).toEqual([])
    expect(status()).toBe("catching_up")
    resets[0]?.resolve()
    await settle()
    expect(seen).toEqual([11, 12])
    expect(status()).toBe("live")
    socket.closes()
    expect(status()).toBe("offline")
    await vi.advanceTimersByTimeAsync(1_000)
    latest().opens()
    expect(latest().sent).toEqual([{ type: "subscribe", topics: [">"], since_seq: 12, log_id: "log" }])
    latest().says(said(12), said(13), caughtUp(13))
    await settle()
    expect(seen).toEqual([11, 12, 13])
    expect(connectionStore.getState()).toMatchObject({ status: "live", replayed: 1 })
  })

  it("is not live when it was lost while the state was taken", async () => {
    const socket = await connect()
    socket.closes()
    resets[0]?.resolve()
    await settle()
    expect(status()).toBe("offline")
  })

  it("tries once when both the connection and the taking of the state fail", async () => {
    const socket = await connect()
    socket.closes()
    resets[0]?.reject(new Error("The computer can't be reached"))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(FakeSocket.all).toHaveLength(2)
    latest().opens()
    expect(latest().sent).toEqual([{ type: "subscribe", topics: [">"] }])
  })

  it("waits longer each time when the state can't be taken of a computer that answers", async () => {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await connect()
      resets[attempt]?.reject(new Error("The computer answered 500"))
      await vi.advanceTimersByTimeAsync(10_000)
    }
    const { attempts } = connectionStore.getState()
    expect(attempts).toBe(6)
  })

  it("tries at once when the network is back, and not twice", async () => {
    const socket = await connect()
    resets[0]?.resolve()
    await settle()
    socket.closes()
    // Whoever waits long by now: the next attempt would be made in seconds.
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await vi.advanceTimersByTimeAsync(10_000)
      latest().closes()
    }
    const attempts = FakeSocket.all.length
    expect(connectionStore.getState()).toMatchObject({ status: "offline", retryAt: expect.any(Number) })
    network.dispatchEvent(new Event("online"))
    expect(FakeSocket.all).toHaveLength(attempts + 1)
    expect(connectionStore.getState().retryAt).toBeNull()
    network.dispatchEvent(new Event("online"))
    await vi.advanceTimersByTimeAsync(10_000)
    expect(FakeSocket.all).toHaveLength(attempts + 1)
    await connect()
    expect(status()).toBe("live")
    network.dispatchEvent(new Event("online"))
    expect(FakeSocket.all).toHaveLength(attempts + 1)
  })

  it("says why of a computer that answers with something else than what is stored, until it is live", async () => {
    const shown: Array<string> = []
    const stop = connectionStore.subscribe(({ problem, status }) => shown.push(`${status} ${problem ?? "well"}`))
    await connect()
    resets[0]?.reject(new ApiError(500, "The disk is full"))
    await settle()
    expect(connectionStore.getState()).toMatchObject({ status: "offline", problem: "The disk is full" })
    shown.length = 0
    await vi.advanceTimersByTimeAsync(1_000)
    await connect()
    // Another attempt is not yet a change.
    expect(new Set(shown)).toEqual(new Set(["offline The disk is full"]))
    resets[1]?.resolve()
    await settle()
    expect(connectionStore.getState()).toMatchObject({ status: "live", problem: null })
    stop()
  })

  it("takes a computer that does not answer while its state is taken for one that does not answer", async () => {
    await connect()
    resets[0]?.reject(new ApiError(500, "The disk is full"))
    await vi.advanceTimersByTimeAsync(1_000)
    await connect()
    resets[1]?.reject(new ApiError(0, unreachable))
    await settle()
    expect(connectionStore.getState()).toMatchObject({ status: "offline", problem: null })
  })

  it("tells once each time that it is live again", async () => {
    const told = vi.fn()
    const stop = onLive(told)
    const socket = await connect()
    expect(told).not.toHaveBeenCalled()
    resets[0]?.resolve()
    await settle()
    expect(told).toHaveBeenCalledTimes(1)
    socket.says(said(11))
    await settle()
    socket.closes()
    expect(told).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(1_000)
    latest().opens()
    latest().says(caughtUp(11))
    await settle()
    expect(told).toHaveBeenCalledTimes(2)
    stop()
  })

  it("delivers to a page that is hidden before its next paint", async () => {
    const socket = await connect()
    resets[0]?.resolve()
    await settle()
    socket.says(said(11))
    page.visibilityState = "hidden"
    for (const tell of page.listeners) tell()
    await settle()
    expect(seen).toEqual([11])
    socket.says(said(12))
    await settle()
    expect(seen).toEqual([11, 12])
  })

  it("takes a connection that says nothing any more for lost", async () => {
    const socket = await connect()
    resets[0]?.resolve()
    for (let quarter = 0; quarter < 8; quarter += 1) {
      await vi.advanceTimersByTimeAsync(15_000)
      socket.says({ type: "position", seq: 10 })
    }
    expect(status()).toBe("live")
    expect(FakeSocket.all).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(status()).toBe("offline")
    expect(socket.isClosed).toBe(true)
    expect(FakeSocket.all.length).toBeGreaterThan(1)
    // What it says after all is not heard.
    socket.says(said(11))
    await settle()
    expect(seen).toEqual([])
  })
})
