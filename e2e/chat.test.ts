/** The wire contract's chat part, against the built product. */
import { describe, expect, it } from "vitest"
import { scripted } from "./support/model.ts"
import { ask, type Frame, isType, openLine, startProduct } from "./support/product.ts"

const content = (frame: Frame | undefined) => JSON.parse(String(frame?.content))

describe("chat over a socket", () => {
  it("greets, thinks, shows its tool calls in order, and answers once", async () => {
    const { url } = await startProduct()
    const line = await openLine(`${url}/ws/chat/amy?user_id=me`)
    await line.until(isType("connected"))
    expect(line.frames).toEqual([
      { type: "connected", actor_id: "amy", user_id: "me", session_id: "session:amy", thread_id: "thread:amy" }
    ])
    line.send({ type: "message", text: "write notes/a.txt: hello", client_message_id: "one" })
    await line.until(isType("response", "error"))
    const shown = line.frames.filter((frame) => frame.type !== "delta").map((frame) => frame.type)
    expect(shown).toEqual(["connected", "thinking", "tool_call", "tool_result", "response"])
    expect(line.frames[1]).toMatchObject({ content: "Processing your message..." })
    const call = content(line.frames.find(isType("tool_call")))
    expect(call).toMatchObject({
      tool_name: "write_file",
      scope: { session_id: "session:amy", thread_id: "thread:amy" }
    })
    expect(JSON.parse(call.tool_args)).toEqual({ path: "notes/a.txt", content: "hello" })
    expect(content(line.frames.find(isType("tool_result")))).toMatchObject({ call_id: call.call_id, success: true })
    const response = line.frames.find(isType("response"))
    expect(content(response)).toMatchObject({ confidence: null, model_used: "demo", client_message_id: "one" })
    expect(response).toMatchObject({ run_id: expect.any(String), message_id: expect.any(String) })
    const deltas = line.frames.filter(isType("delta"))
    expect(
      deltas
        .filter((frame) => frame.message_id === response?.message_id)
        .map((frame) => frame.content)
        .join("")
    ).toBe(content(response).text)
  })

  it("answers pings, garbage and blank text, and stores none of them", async () => {
    const { url } = await startProduct()
    const line = await openLine(`${url}/ws/chat/amy/bob`)
    line.send({ type: "ping" })
    line.send("{")
    line.send({ type: "nonsense" })
    line.send({ type: "message", text: "  \n" })
    await line.until((frame) => frame.type === "error" && frame.message !== "Invalid message format")
    expect(line.frames.map((frame) => [frame.type, frame.message ?? frame.content])).toEqual([
      ["connected", undefined],
      ["pong", undefined],
      ["error", "Invalid message format"],
      ["error", "Invalid message format"],
      ["thinking", "Processing your message..."],
      ["error", "Invalid message: Message cannot be empty"]
    ])
    expect(await ask(`${url}/chat/amy/messages`)).toEqual({ status: 200, body: { success: true, messages: [] } })
  })

  it("shows a turn to every socket on its thread, whoever asked, and to no other", async () => {
    const { url } = await startProduct()
    const mine = await openLine(`${url}/ws/chat/amy?user_id=me`)
    const yours = await openLine(`${url}/ws/chat/amy?user_id=you`)
    const other = await openLine(`${url}/ws/chat/amy?session_id=x&thread_id=y`)
    const sent = await ask(`${url}/chat/send`, "POST", { actor_id: "amy", user_id: "http", text: "list files" })
    expect(sent).toMatchObject({
      status: 200,
      body: { success: true, message: "Message sent", temp_id: expect.stringMatching(/^[0-9A-Z]{26}$/) }
    })
    await Promise.all([mine.until(isType("response")), yours.until(isType("response"))])
    const without = (frames: typeof mine.frames) => frames.slice(1).filter((frame) => frame.type !== "delta")
    expect(without(mine.frames)).toEqual(without(yours.frames))
    other.send({ type: "ping" })
    await other.until(isType("pong"))
    expect(other.frames.map((frame) => frame.type)).toEqual(["connected", "pong"])
  })

  it("answers pings while a turn runs, stops it when asked, and is ready for the next", async () => {
    const { env, request } = await scripted({
      turns: [{ when: { contains: "wait" }, fail: { kind: "hang" } }],
      default: { answer: { text: "here I am" } }
    })
    const { url } = await startProduct({ env: { ...env, CHOIR_JAIL: "none" } })
    const line = await openLine(`${url}/ws/chat/amy`)
    line.send({ type: "message", text: "wait for ever" })
    const asked = await request(0)
    line.send({ type: "ping" })
    await line.until(isType("pong"))
    line.send({ type: "stop" })
    expect(await asked.ended).toBe("aborted")
    const stopped = await line.until(isType("error"))
    expect(line.frames[stopped]).toMatchObject({ message: "Stopped" })
    line.send({ type: "message", text: "and now?" })
    const answered = await line.until(isType("response"))
    expect(content(line.frames[answered]).text).toBe("here I am")
  })

  it("steers a running turn, and answers each message in order with one run", async () => {
    const { env, request, server } = await scripted({
      turns: [{ times: 1, when: { contains: "first" }, think_ms: 300, answer: { text: "one" } }],
      default: { answer: { text: "both" } }
    })
    const { url } = await startProduct({ env: { ...env, CHOIR_JAIL: "none" } })
    const line = await openLine(`${url}/ws/chat/amy`)
    line.send({ type: "message", text: "first", client_message_id: "a" })
    await request(0)
    line.send({ type: "message", text: "second", client_message_id: "b" })
    const first = await line.until(isType("response"))
    const second = await line.until(isType("response"), first + 1)
    const answers = [line.frames[first], line.frames[second]]
    expect(answers.map((frame) => content(frame).client_message_id)).toEqual(["a", "b"])
    expect(answers[0]?.run_id).toBe(answers[1]?.run_id)
    expect(answers[0]?.message_id).toBe(answers[1]?.message_id)
    expect(server.requests).toHaveLength(2)
  })

  it("does not run a repeated client_message_id again, and answers it", async () => {
    const { url } = await startProduct()
    const line = await openLine(`${url}/ws/chat/amy`)
    const message = { type: "message", text: "list files", client_message_id: "same" }
    line.send(message)
    const first = await line.until(isType("response"))
    line.send(message)
    const second = await line.until(isType("response"), first + 1)
    expect(line.frames.slice(first + 1).map((frame) => frame.type)).toEqual(["thinking", "response"])
    expect(line.frames[second]?.content).toBe(line.frames[first]?.content)
    const { body } = await ask(`${url}/chat/amy/messages`)
    expect(body).toMatchObject({
      messages: expect.toSatisfy(
        (all: ReadonlyArray<{ sender: string }>) => all.filter((one) => one.sender === "User").length === 1
      )
    })
  })

  it("names the cause when the model fails, after trying again where that can help", async () => {
    const { env, server } = await scripted({
      turns: [
        { times: 1, when: { contains: "flaky" }, fail: { kind: "status", status: 500 } },
        { times: 1, when: { contains: "flaky" }, answer: { text: "second try" } },
        { when: { contains: "refused" }, fail: { kind: "status", status: 401 } }
      ]
    })
    const { url } = await startProduct({ env: { ...env, CHOIR_JAIL: "none" } })
    const line = await openLine(`${url}/ws/chat/amy`)
    line.send({ type: "message", text: "flaky" })
    expect(content(line.frames[await line.until(isType("response"))]).text).toBe("second try")
    line.send({ type: "message", text: "refused" })
    const failed = line.frames[await line.until(isType("error"))]
    expect(failed?.message).toMatch(/^Failed to process message: .*key/)
    expect(JSON.stringify(line.frames)).not.toContain("sk-scripted-key")
    expect(server.requests).toHaveLength(3)
  })

  it("switches models by name, aliases without a key among them, and refuses what it does not know", async () => {
    const { url } = await startProduct()
    const line = await openLine(`${url}/ws/chat/amy`)
    for (const model of ["ClaudeBedrock", "GLM47", "demo"]) line.send({ type: "switch_model", model })
    line.send({ type: "switch_model", model: "nobody/none" })
    await line.until(isType("error"))
    expect(line.frames.slice(1, 4)).toEqual(
      ["ClaudeBedrock", "GLM47", "demo"].map((model) => ({ type: "model_switched", model, status: "success" }))
    )
    expect(line.frames[4]?.message).toMatch(/^Invalid model: Unknown model: nobody\/none\. Available: .*demo/)
  })

  it("without a model stores the user's message alone, and says so", async () => {
    const { url } = await startProduct({ env: { CHOIR_MODEL: "off" } })
    const line = await openLine(`${url}/ws/chat/amy`)
    line.send({ type: "message", text: "anyone?" })
    await line.until(isType("error"))
    expect(line.frames.map((frame) => frame.type)).toEqual(["connected", "thinking", "error"])
    expect(line.frames[2]).toMatchObject({ message: "Failed to process message" })
    const { body } = await ask(`${url}/events?actor_id=amy`)
    expect(body).toMatchObject({ events: [{ event_type: "chat.user_msg" }] })
  })
})

describe("chat over HTTP", () => {
  it("keeps the pair rule, blank text and bad bodies to the letter", async () => {
    const { url } = await startProduct()
    const send = (body: unknown) => ask(`${url}/chat/send`, "POST", body)
    const base = { actor_id: "amy", user_id: "me", text: "hi" }
    expect(await send({ ...base, session_id: "s" })).toEqual({
      status: 400,
      body: { success: false, error: "thread_id is required when session_id is provided" }
    })
    expect(await send({ ...base, thread_id: "t" })).toEqual({
      status: 400,
      body: { success: false, error: "session_id is required when thread_id is provided" }
    })
    expect(await send({ ...base, text: " " })).toEqual({
      status: 400,
      body: { success: false, error: "Invalid message: Message cannot be empty" }
    })
    expect((await send({ ...base, text: 5 })).status).toBe(422)
    expect((await ask(`${url}/chat/amy/messages?session_id=s`)).status).toBe(400)
    const post = (body: string, type = "application/json") =>
      fetch(`${url}/chat/send`, { method: "POST", body, headers: { "content-type": type } }).then(
        (reply) => reply.status
      )
    expect(await post("{")).toBe(400)
    expect(await post(JSON.stringify(base), "text/plain")).toBe(415)
    expect(await post(JSON.stringify({ ...base, text: "x".repeat(2 * 1024 * 1024) }))).toBe(413)
    expect((await ask(`${url}/chat/send`)).status).toBe(405)
    expect((await ask(`${url}/nowhere`)).status).toBe(404)
    expect(await ask(`${url}/chat/amy/messages`)).toEqual({ status: 200, body: { success: true, messages: [] } })
  })

  it("takes ids of 256 characters, percent-encoded, slashes among them", async () => {
    const { url } = await startProduct()
    const actor = `a/b ${"ü".repeat(252)}`
    const socket = await openLine(`${url}/ws/chat/${encodeURIComponent(actor)}`)
    socket.send({ type: "message", text: "help" })
    await socket.until(isType("response"))
    const { body } = await ask(`${url}/chat/${encodeURIComponent(actor)}/messages`)
    expect(body).toMatchObject({
      messages: [{ sender: "User", text: "help", pending: false }, { sender: "Assistant" }]
    })
    expect((await ask(`${url}/chat/${"x".repeat(257)}/messages`)).status).toBe(422)
  })

  it("keeps threads: made, listed, renamed, archived, deleted", async () => {
    const { url } = await startProduct()
    const threads = `${url}/chat/amy/threads`
    const made = await ask(threads, "POST", { title: "Plans" })
    expect(made).toMatchObject({ status: 201, body: { success: true, thread: { title: "Plans", agent: "chat" } } })
    const thread = (made.body as { thread: { thread_id: string; session_id: string } }).thread
    const one = `${threads}/${encodeURIComponent(thread.session_id)}/${encodeURIComponent(thread.thread_id)}`
    expect(await ask(one, "PATCH", { title: "Better plans", archived: true })).toMatchObject({
      body: { thread: { title: "Better plans", archived: true } }
    })
    expect(await ask(`${threads}?archived=false`)).toMatchObject({ body: { threads: [] } })
    expect((await ask(one, "DELETE")).status).toBe(200)
    expect(await ask(threads)).toMatchObject({ body: { threads: [] } })
    expect((await ask(one, "DELETE")).status).toBe(404)
    expect((await ask(threads, "POST", { agent: "nobody" })).status).toBe(422)
  })
})
