import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { FakeSocket } from "../../client/testing.ts"
import { TerminalSession } from "./TerminalSession.ts"

const typed = (socket: FakeSocket | undefined) =>
  socket?.sent.flatMap((frame) => ("data" in frame ? [frame.data] : [])).join("")

const open = (folder: string | null = null) => {
  const session = new TerminalSession("shell.1", folder, {
    output: () => undefined,
    sized: () => undefined,
    connected: () => undefined,
    said: () => undefined
  })
  session.open()
  return session
}

beforeEach(() => {
  vi.useFakeTimers()
  FakeSocket.all = []
  vi.stubGlobal("WebSocket", FakeSocket)
  vi.stubGlobal("location", { href: "http://computer/" })
  vi.stubGlobal("window", new EventTarget())
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("away")))
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

it("what is typed while a shell opens is the first that it reads", () => {
  const session = open()
  session.input("stty raw; ")
  session.input("cat\n")
  const [socket] = FakeSocket.all
  expect(typed(socket)).toBe("")
  socket?.opens()
  session.input("!")
  expect(typed(socket)).toBe("stty raw; cat\n!")
})

it("also where its folder was refused, and it begins elsewhere", () => {
  const session = open("gone")
  session.input("ls")
  FakeSocket.all[0]?.closes()
  expect(FakeSocket.all).toHaveLength(2)
  FakeSocket.all[1]?.opens()
  expect(typed(FakeSocket.all[1])).toBe("ls")
})

it("what is typed into a connection that does not come, or that was lost, is typed into no later one", async () => {
  const session = open()
  session.input("rm -rf old\n")
  FakeSocket.all[0]?.closes()
  await vi.advanceTimersByTimeAsync(10_000)
  FakeSocket.all[1]?.opens()
  expect(typed(FakeSocket.all[1])).toBe("")
  FakeSocket.all[1]?.closes()
  session.input("rm -rf new\n")
  await vi.advanceTimersByTimeAsync(10_000)
  FakeSocket.all[2]?.opens()
  expect(typed(FakeSocket.all[2])).toBe("")
})
