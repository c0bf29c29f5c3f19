import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { DesktopLink } from "./DesktopLink.ts"

interface Said {
  readonly at: number
  readonly type: string
  readonly [field: string]: unknown
}

let said: Array<Said> = []
let sockets: Array<Socket> = []

/** Stands in for the browser's, at the computer's end of the wire. */
class Socket {
  static readonly OPEN = 1
  readyState = 0
  onopen: (() => void) | undefined
  constructor() {
    sockets.push(this)
  }
  send(frame: string) {
    said.push({ at: performance.now(), ...JSON.parse(frame) })
  }
  opens() {
    this.readyState = Socket.OPEN
    this.onopen?.()
  }
}

const opened = (): DesktopLink => {
  const link = new DesktopLink("main")
  link.active()
  sockets[0]?.opens()
  vi.advanceTimersByTime(10_000)
  said = []
  return link
}

const since = (begin: number) => said.map(({ at, type, window_id }) => [at - begin, type, window_id])

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal("WebSocket", Socket)
  vi.stubGlobal("location", { href: "http://localhost/" })
  said = []
  sockets = []
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe("that the person acts", () => {
  it("is said at once, and at the end of each second in which they went on", () => {
    const link = opened()
    const begin = performance.now()
    for (let passed = 0; passed <= 1_900; passed += 100) {
      link.active()
      vi.advanceTimersByTime(100)
    }
    vi.advanceTimersByTime(10_000)
    expect(since(begin)).toEqual([
      [0, "active", undefined],
      [1_000, "active", undefined],
      [2_000, "active", undefined]
    ])
  })

  it("names the window that was touched, also when they were elsewhere since; once", () => {
    const link = opened()
    const begin = performance.now()
    link.active()
    link.active("a")
    link.active(null)
    vi.advanceTimersByTime(1_000)
    link.active()
    vi.advanceTimersByTime(1_000)
    expect(since(begin)).toEqual([
      [0, "active", undefined],
      [1_000, "active", "a"],
      [2_000, "active", undefined]
    ])
  })

  it("is said by the socket that opens for it", () => {
    new DesktopLink("main").active("a")
    sockets[0]?.opens()
    expect(said).toMatchObject([
      { type: "subscribe", desktop_id: "main" },
      { type: "active", window_id: "a" }
    ])
  })
})

describe("a drag", () => {
  const at = (x: number) => ({ window_id: "w", op_id: "o", x, y: 0 })

  it("is said at most 20 times a second, and its last place is", () => {
    const link = opened()
    const begin = performance.now()
    for (let passed = 0; passed < 1_000; passed += 8) {
      link.drag(at(passed))
      vi.advanceTimersByTime(8)
    }
    const drawn = said.filter((one) => one.at - begin < 1_000)
    expect(drawn.length).toBeLessThanOrEqual(20)
    expect(drawn.length).toBeGreaterThan(15)
    vi.advanceTimersByTime(50)
    expect(said.at(-1)).toMatchObject({ type: "drag", x: 992 })
  })

  it("is said again while it is held, and not after", () => {
    const link = opened()
    const begin = performance.now()
    link.drag(at(1))
    vi.advanceTimersByTime(3_500)
    expect(since(begin).map(([passed]) => passed)).toEqual([0, 1_000, 2_000, 3_000])
    link.drag(at(2))
    link.drag(at(3))
    link.letGo()
    vi.advanceTimersByTime(5_000)
    expect(said.map(({ x }) => x)).toEqual([1, 1, 1, 1, 2])
  })

  it("that is taken back says so", () => {
    const link = opened()
    link.drag(at(1))
    link.letGo(at(0))
    vi.advanceTimersByTime(5_000)
    expect(said.map(({ x }) => x)).toEqual([1, 0])
  })
})
