/** The log over HTTP and live: every event once, in order, from wherever a client left off. */
import { describe, expect, it } from "vitest"
import { ask, type Frame, isType, openLine, startProduct } from "./support/product.ts"

const say = (url: string, actor: string, text: string) =>
  ask(`${url}/chat/send`, "POST", { actor_id: actor, user_id: "me", text })
const seqs = (frames: ReadonlyArray<Frame>) => frames.filter(isType("event")).map((frame) => Number(frame.seq))
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

describe("live events", () => {
  it("come from the beginning, catch up, and go on without a gap while turns run", async () => {
    const { url } = await startProduct()
    await say(url, "amy", "list files")
    const line = await openLine(`${url}/ws/events`)
    line.send({ type: "subscribe", topics: [">"], since_seq: 0 })
    const caught = await line.until(isType("caught_up"))
    expect(line.frames[caught]).toMatchObject({ log_id: expect.any(String), protocol_version: 1 })
    await say(url, "bob", "list files")
    await line.until(
      (frame) => (frame.event as { event_type?: string; actor_id?: string } | undefined)?.event_type === "run.ended",
      caught
    )
    const seen = seqs(line.frames)
    expect(seen).toEqual(upTo(seen.length))
  })

  it("resume after the last one seen, and filter by topic", async () => {
    const { url } = await startProduct()
    const first = await openLine(`${url}/ws/events`)
    first.send({ type: "subscribe", topics: ["run.ended"], since_seq: 0 })
    await first.until(isType("caught_up"))
    await say(url, "amy", "help")
    const at = await first.until(isType("event"))
    const last = Number(first.frames[at]?.seq)
    first.close()
    await say(url, "amy", "help")
    const second = await openLine(`${url}/ws/events`)
    second.send({ type: "subscribe", topics: ["run.*", "chat.user_msg"], since_seq: last })
    await second.until((frame) => (frame.event as { event_type?: string } | undefined)?.event_type === "run.ended")
    expect(seqs(second.frames).every((seq) => seq > last)).toBe(true)
    expect(
      new Set(
        second.frames
          .filter(isType("event"))
          .map((frame) => (frame.event as { event_type: string }).event_type.split(".")[0])
      )
    ).toEqual(new Set(["run", "chat"]))
  })

  it("tell a client of another log, or of a later state, to start anew; and answer garbage in words", async () => {
    const { url } = await startProduct()
    const line = await openLine(`${url}/ws/events`)
    line.send({ type: "subscribe", topics: [">"], since_seq: 1_000_000 })
    expect(line.frames[await line.until(isType("reset"))]).toMatchObject({ head: expect.any(Number) })
    line.send({ type: "subscribe", topics: [">"], since_seq: 0, log_id: "another" })
    await line.until(isType("reset"), 1)
    line.send({ type: "subscribe", topics: [] })
    line.send("nonsense")
    await line.until(isType("error"), 1 + (await line.until(isType("error"))))
    line.send({ type: "ping" })
    await line.until(isType("pong"))
  })
})

describe("the log over HTTP", () => {
  it("gives pages with a way to the next, both ways, by actor, type and run", async () => {
    const { url } = await startProduct()
    const line = await openLine(`${url}/ws/chat/amy`)
    line.send({ type: "message", text: "list files" })
    await line.until(isType("response"))
    const page = async (query: string) =>
      (await ask(`${url}/events?${query}`)).body as {
        events: ReadonlyArray<{ seq: number; event_type: string; run_id: string }>
        next_seq: number | null
        head: number
      }
    const all = await page("limit=5000")
    const pieces: Array<number> = []
    let since: number | null = 0
    while (since !== null) {
      const next: Awaited<ReturnType<typeof page>> = await page(`limit=3&since_seq=${since}`)
      pieces.push(...next.events.map((event) => event.seq))
      since = next.next_seq
    }
    expect(pieces).toEqual(all.events.map((event) => event.seq))
    expect((await page("order=desc&limit=1")).events[0]?.seq).toBe(all.head)
    const runs = await page("type=run.*&actor_id=amy")
    expect(runs.events.map((event) => event.event_type)).toContain("run.ended")
    expect((await page(`run_id=${runs.events[0]?.run_id}&type=tool.call&type=tool.result`)).events).toHaveLength(2)
    expect((await ask(`${url}/events?limit=0`)).status).toBe(422)
    const exported = (await (await fetch(`${url}/events.jsonl`)).text()).trim().split("\n")
    expect(exported.map((one) => JSON.parse(one).seq)).toEqual(upTo(exported.length))
  })

  it("describes itself", async () => {
    const { url } = await startProduct()
    const { body } = await ask(`${url}/openapi.json`)
    expect(body).toMatchObject({
      openapi: expect.stringMatching(/^3\.1/),
      paths: { "/chat/send": { post: {} }, "/events": { get: {} } }
    })
    const docs = await (await fetch(`${url}/docs`)).text()
    expect(docs).toContain("/chat/send")
    expect(docs).not.toContain("<script")
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/process_resident_memory_bytes \d+/)
    expect(await ask(`${url}/supervision`)).toMatchObject({
      body: { actors: expect.arrayContaining([expect.objectContaining({ path: "/session/chats", state: "running" })]) }
    })
  })
})
