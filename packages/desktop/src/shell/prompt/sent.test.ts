import { afterEach, expect, it, vi } from "vitest"
import { connectionStore } from "../../client/Connection.ts"
import { addLine, followSent, sentLine, sentStore } from "./sent.ts"

afterEach(() => vi.unstubAllGlobals())

it("a line that was taken stays, though its end can't be read before the next connection", async () => {
  followSent()
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")))
  const chip = addLine("make")
  await sentLine(chip, "task")
  expect(sentStore.getState().sent).toMatchObject([{ text: "make", status: "running", task_id: "task" }])

  const asked: Array<string> = []
  vi.stubGlobal("fetch", (address: string) => {
    asked.push(address)
    return Promise.reject(new TypeError("Failed to fetch"))
  })
  connectionStore.setState({ status: "offline" })
  connectionStore.setState({ status: "live" })
  expect(asked).toEqual(["/tasks/task"])
})
