import { afterEach, expect, it, vi } from "vitest"
import { beginRun } from "./beginRun.ts"

afterEach(() => vi.unstubAllGlobals())

it("what is asked again because no answer came is one run; once more, it is another", async () => {
  const ids: Array<unknown> = []
  const answer = (reply: (run_id: unknown) => Promise<Response>) =>
    vi.stubGlobal("fetch", (_: string, { body }: { readonly body: string }) => {
      const { run_id } = JSON.parse(body)
      ids.push(run_id)
      return reply(run_id)
    })
  const how = { agent: "chat" }
  const scope = { actor_id: "me", session_id: "s", thread_id: "t" }

  answer(() => Promise.reject(new TypeError("Failed to fetch")))
  await expect(beginRun("count the birds", how)).rejects.toThrow()
  answer(async (run_id) =>
    Response.json({ success: true, run_id, message_id: "m", status: "accepted", ...scope }, { status: 202 })
  )
  for (let asked = 0; asked < 2; asked += 1) {
    expect((await beginRun("count the birds", how)).run_id).toBe(ids.at(-1))
  }
  answer(async () => Response.json({ success: false, error: "No" }, { status: 422 }))
  await expect(beginRun("count the fish", how)).rejects.toThrow("No")
  await expect(beginRun("count the fish", how)).rejects.toThrow("No")
  expect(ids[0]).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/)
  expect(ids[1]).toBe(ids[0])
  expect(new Set(ids).size).toBe(4)
})
