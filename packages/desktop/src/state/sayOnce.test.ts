import { afterEach, expect, it, vi } from "vitest"
import { beginRun } from "../shell/prompt/beginRun.ts"
import { tellEvents } from "./listeners.ts"

const how = { agent: "chat" }
const scope = { actor_id: "me", session_id: "s", thread_id: "t" }
const none = () => undefined
let ids: Array<string> = []

const answer = (reply: () => Promise<Response>): void => {
  vi.stubGlobal("fetch", (_: string, { body }: { readonly body: string }) => {
    ids.push(JSON.parse(body).client_message_id)
    return reply()
  })
}
const lost = () => Promise.reject(new TypeError("Failed to fetch"))
const taken = async () =>
  Response.json({ success: true, run_id: "r", message_id: "r", status: "accepted", ...scope }, { status: 202 })

const said = (client_message_id: string | undefined) =>
  tellEvents([
    {
      seq: 1,
      event_id: "e",
      timestamp: "2026-01-01T00:00:00.000Z",
      event_type: "chat.user_msg",
      version: 1,
      user_id: "me",
      run_id: "r",
      correlation_id: null,
      causation_id: null,
      payload: { message_id: "r", text: "count", client_message_id, mode: "steer" },
      ...scope
    }
  ])

afterEach(() => {
  ids = []
  vi.unstubAllGlobals()
})

it("what is asked again because no answer came is one run; once more, it is another", async () => {
  answer(lost)
  await expect(beginRun("count the birds", how, none)).rejects.toThrow()
  answer(async () => new Response("{", { status: 202 }))
  await expect(beginRun("count the birds", how, none)).rejects.toThrow()
  answer(taken)
  await beginRun("count the birds", how, none)
  await beginRun("count the birds", how, none)
  expect(ids.slice(0, 3)).toEqual([ids[0], ids[0], ids[0]])
  expect(ids[3]).not.toBe(ids[0])
})

it("what was refused has begun nothing, and after a while the same words are new ones", async () => {
  answer(async () => Response.json({ success: false, error: "No" }, { status: 422 }))
  await expect(beginRun("count the fish", how, none)).rejects.toThrow("No")
  answer(lost)
  await expect(beginRun("count the fish", how, none)).rejects.toThrow()
  const now = vi.spyOn(performance, "now").mockReturnValue(performance.now() + 10 * 60_000)
  await expect(beginRun("count the fish", how, none)).rejects.toThrow()
  now.mockRestore()
  expect(new Set(ids).size).toBe(3)
})

it("what turns up before its answer is lost has begun", async () => {
  const begun = vi.fn()
  answer(() => {
    said(ids[0])
    return lost()
  })
  expect(await beginRun("count the stars", how, begun)).toBeNull()
  expect(begun.mock.calls).toEqual([["r"]])
})

it("what has begun after all is told, once, and the same words are new ones from then on", async () => {
  answer(lost)
  const begun = vi.fn()
  await expect(beginRun("count the trees", how, begun)).rejects.toThrow()
  said(ids[0])
  said(ids[0])
  expect(begun.mock.calls).toEqual([["r"]])
  answer(taken)
  await beginRun("count the trees", how, none)
  expect(ids[1]).not.toBe(ids[0])
})
