/** What survives a kill: nothing acknowledged is lost, and every turn has an end. */
import { readFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import * as Path from "node:path"
import { describe, expect, it } from "vitest"
import { scripted } from "./support/model.ts"
import { ask, isType, openLine, startProduct, temporaryFolder } from "./support/product.ts"

interface Logged {
  readonly seq: number
  readonly event_type: string
  readonly run_id: string | null
  readonly payload: Readonly<Record<string, unknown>>
}

const eventsOf = async (url: string, query = ""): Promise<ReadonlyArray<Logged>> => {
  const { body } = await ask(`${url}/events?limit=5000${query}`)
  return (body as { readonly events: ReadonlyArray<Logged> }).events
}

const count = (events: ReadonlyArray<Logged>, ...types: ReadonlyArray<string>) =>
  events.filter((event) => types.includes(event.event_type)).length

const payloads = (events: ReadonlyArray<Logged>, type: string) =>
  events.filter((event) => event.event_type === type).map((event) => event.payload)

/** Waits, through the live socket, until an event of this type is in the log. */
const logged = async (url: string, type: string) => {
  const line = await openLine(`${url}/ws/events`)
  line.send({ type: "subscribe", topics: [type], since_seq: 0 })
  await line.until(isType("event"))
  line.close()
}

/** The text of a file that something else writes, once there is any. */
const written = async (path: string): Promise<string> => {
  for (;;) {
    const text = await readFile(path, "utf8").catch(() => "")
    if (text !== "") return text
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const balanced = (events: ReadonlyArray<Logged>) => {
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1))
  for (const [begun, ...ended] of [
    ["run.started", "run.ended"],
    ["run.step_started", "run.step_ended"],
    ["model.call_started", "model.call_ended"],
    ["tool.call", "tool.result"],
    ["worker.task.started", "worker.task.completed", "worker.task.failed", "worker.task.cancelled"]
  ] as const) {
    expect([begun, count(events, begun)]).toEqual([begun, count(events, ...ended)])
  }
}

/** Ended, whether or not whoever inherited it has collected it yet. */
const isGone = (pid: number): boolean => {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return true
  }
}

describe("kill -9", () => {
  it("in the middle of a model's answer: the turn goes on by itself, and partial text stays, marked", async () => {
    const home = Path.join(temporaryFolder(), "home")
    const long = "word ".repeat(400)
    const { env } = await scripted({
      turns: [{ times: 1, when: { contains: "tell" }, chunks: { size: 5, delay_ms: 10 }, answer: { text: long } }],
      default: { answer: { text: "the whole story" } }
    })
    const options = { home, env: { ...env, CHOIR_JAIL: "none" } }
    const first = await startProduct(options)
    await ask(`${first.url}/chat/send`, "POST", { actor_id: "amy", user_id: "me", text: "tell me" })
    await logged(first.url, "model.text")
    expect(await first.stop("SIGKILL")).toBe("SIGKILL")

    const second = await startProduct(options)
    await logged(second.url, "run.ended")
    const events = await eventsOf(second.url)
    balanced(events)
    const calls = events.filter((event) => event.event_type === "model.call_ended")
    expect(calls.map((event) => (event.payload.error as { kind: string } | null)?.kind ?? null)).toEqual([
      "interrupted",
      null
    ])
    expect(events.find((event) => event.event_type === "model.text")?.payload.text).toContain("word ")
    expect(await ask(`${second.url}/chat/amy/messages`)).toMatchObject({
      body: {
        messages: [
          { sender: "User", text: "tell me" },
          { sender: "Assistant", text: "the whole story" }
        ]
      }
    })
  })

  it("with a message queued behind the turn: both are answered after the start", async () => {
    const home = Path.join(temporaryFolder(), "home")
    const { env, request } = await scripted({
      turns: [{ times: 1, when: { contains: "first" }, fail: { kind: "hang" } }],
      default: { answer: { text: "answered" } }
    })
    const options = { home, env: { ...env, CHOIR_JAIL: "none" } }
    const first = await startProduct(options)
    const line = await openLine(`${first.url}/ws/chat/amy`)
    line.send({ type: "message", text: "first" })
    await request(0)
    line.send({ type: "message", text: "second", mode: "queue" })
    await line.until(isType("thinking"), 1 + (await line.until(isType("thinking"))))
    await first.stop("SIGKILL")

    const second = await startProduct(options)
    const live = await openLine(`${second.url}/ws/events`)
    live.send({ type: "subscribe", topics: ["run.ended"], since_seq: 0 })
    await live.until(isType("event"), 1 + (await live.until(isType("event"))))
    balanced(await eventsOf(second.url))
    const { body } = await ask(`${second.url}/chat/amy/messages`)
    const senders = (body as { messages: ReadonlyArray<{ sender: string }> }).messages.map((message) => message.sender)
    expect(senders.toSorted()).toEqual(["Assistant", "Assistant", "User", "User"])
  })

  it("in the middle of a command: its outcome is unknown, it is gone, and it is not run again", async () => {
    const home = Path.join(temporaryFolder(), "home")
    const command = "echo ran >> ran; sleep 1000 & echo $! > pid; wait"
    const { env } = await scripted({
      turns: [{ when: { step: 0 }, answer: { tool_calls: [{ name: "bash", args: { command } }] } }],
      default: { answer: { text: "I see" } }
    })
    const options = { home, env: { ...env, CHOIR_JAIL: "none" } }
    const first = await startProduct(options)
    await ask(`${first.url}/chat/send`, "POST", { actor_id: "amy", user_id: "me", text: "run it" })
    const pid = Number(await written(Path.join(home, "workspace/pid")))
    process.kill(pid, 0)
    await first.stop("SIGKILL")

    const second = await startProduct(options)
    await logged(second.url, "run.ended")
    const events = await eventsOf(second.url)
    balanced(events)
    expect(payloads(events, "tool.result")).toMatchObject([
      { success: false, outcome: "unknown", error: "interrupted: outcome unknown" }
    ])
    expect(payloads(events, "worker.task.failed")).toMatchObject([
      { status: "failed", error: "interrupted: the server ended while it ran" }
    ])
    expect(payloads(events, "run.ended")).toMatchObject([{ outcome: "done" }])
    expect(isGone(pid)).toBe(true)
    expect(await written(Path.join(home, "workspace/ran"))).toBe("ran\n")
  })

  it("around the write of a file: it is as it was asked for, and has one result", async () => {
    const home = Path.join(temporaryFolder(), "home")
    const { env } = await scripted({
      turns: [
        {
          when: { step: 0 },
          answer: {
            tool_calls: [
              { name: "write_file", args: { path: "{{user}}.txt", content: `{{user}} ${"x".repeat(200_000)}` } }
            ]
          }
        }
      ],
      default: { answer: { text: "written" } }
    })
    const options = { home, env: { ...env, CHOIR_JAIL: "none" } }
    for (const [round, type] of ["tool.call", "tool.started", "tool.started", "file.written"].entries()) {
      const product = await startProduct(options)
      const line = await openLine(`${product.url}/ws/events`)
      line.send({ type: "subscribe", topics: [type], since_seq: (await eventsOf(product.url)).length })
      await line.until(isType("caught_up"))
      await ask(`${product.url}/chat/send`, "POST", { actor_id: `amy${round}`, user_id: "me", text: `file-${round}` })
      await line.until(isType("event"))
      await product.stop("SIGKILL")
    }
    const last = await startProduct(options)
    const live = await openLine(`${last.url}/ws/events`)
    live.send({ type: "subscribe", topics: ["run.ended"], since_seq: 0 })
    await live.until(() => live.frames.filter(isType("event")).length === 4)
    const events = await eventsOf(last.url)
    balanced(events)
    expect(payloads(events, "tool.result").map((result) => result.success)).toEqual([true, true, true, true])
    for (let round = 0; round < 4; round++) {
      const text = await written(Path.join(home, `workspace/file-${round}.txt`))
      expect([round, text.slice(0, 7), text.length]).toEqual([round, `file-${round} `, 200_007])
    }
  })

  it("twenty times at random over turns with tools: each turn ends once, and nothing that acts is done twice", async () => {
    const home = Path.join(temporaryFolder(), "home")
    const line = (name: string) => `echo '{{user}} ${name}' >> ledger`
    const { env } = await scripted({
      turns: [
        {
          when: { step: 0 },
          chunks: { size: 4, delay_ms: 2 },
          answer: { text: "I begin.", tool_calls: [{ name: "bash", args: { command: line("one") } }] }
        },
        {
          when: { step: 1 },
          answer: {
            tool_calls: [
              { name: "write_file", args: { path: "{{user}}.txt", content: "{{user}}" } },
              { name: "read_file", args: { path: "{{user}}.txt" } },
              { name: "bash", args: { command: `${line("two")}; sleep 0.1` } }
            ]
          }
        }
      ],
      default: { answer: { text: "done" } }
    })
    const options = { home, env: { ...env, CHOIR_JAIL: "none" } }
    const sent: Array<unknown> = []
    for (let round = 0; round < 20; round++) {
      const product = await startProduct(options)
      const message = { actor_id: "amy", user_id: "me", text: `m${round}`, session_id: "s", thread_id: `t${round}` }
      const { body } = await ask(`${product.url}/chat/send`, "POST", message)
      sent.push((body as { readonly temp_id: string }).temp_id)
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 300))
      await product.stop("SIGKILL")
    }
    const last = await startProduct(options)
    const live = await openLine(`${last.url}/ws/events`)
    live.send({ type: "subscribe", topics: ["run.ended"], since_seq: 0 })
    await live.until(() => live.frames.filter(isType("event")).length === 20)
    const events = await eventsOf(last.url)
    balanced(events)
    expect(
      payloads(events, "run.ended")
        .flatMap((end) => end.answered)
        .toSorted()
    ).toEqual(sent)
    const lines = (await written(Path.join(home, "workspace/ledger"))).trim().split("\n")
    expect(lines.length).toBe(new Set(lines).size)
    expect(lines.length).toBeGreaterThan(10)
  })

  it("again and again at random points: the history is whole, and every turn has one end", async () => {
    const home = Path.join(temporaryFolder(), "home")
    const options = { home }
    for (let round = 0; round < 6; round++) {
      const product = await startProduct(options)
      const line = await openLine(`${product.url}/ws/chat/amy`)
      line.send({
        type: "message",
        text: `write file-${round}.txt: round ${round} and list files and search for round`
      })
      // A different frame of the turn each round is the last that this process lives to send.
      await line.until((frame) => frame.type !== "connected", 1 + round)
      await product.stop("SIGKILL")
    }
    const last = await startProduct(options)
    const line = await openLine(`${last.url}/ws/chat/amy`)
    line.send({ type: "message", text: "list files" })
    await line.until(isType("response"))
    const settled = await openLine(`${last.url}/ws/events`)
    settled.send({ type: "subscribe", topics: ["run.started", "run.ended"], since_seq: 0 })
    const open = () =>
      settled.frames
        .filter(isType("event"))
        .reduce((sum, frame) => sum + ((frame.event as Logged).event_type === "run.started" ? 1 : -1), 0)
    await settled.until(() => settled.frames.some(isType("caught_up")) && open() === 0)
    balanced(await eventsOf(last.url))
  })
})

describe("an orderly stop", () => {
  it("closes sockets with 1001, exits with 0, and the turn comes back paused and goes on when spoken to", async () => {
    const home = Path.join(temporaryFolder(), "home")
    const { env, request } = await scripted({
      turns: [{ times: 1, when: { contains: "think" }, fail: { kind: "hang" } }],
      default: { answer: { text: "where were we" } }
    })
    const options = { home, env: { ...env, CHOIR_JAIL: "none" } }
    const first = await startProduct(options)
    const line = await openLine(`${first.url}/ws/chat/amy`)
    line.send({ type: "message", text: "think" })
    await request(0)
    expect(await first.stop("SIGTERM")).toBe(0)
    expect(await line.closed).toBe(1001)

    const second = await startProduct(options)
    const types = (await eventsOf(second.url)).map((event) => event.event_type)
    expect(types.filter((type) => type.startsWith("run."))).toEqual(["run.started", "run.step_started", "run.paused"])
    expect(types).toContain("system.stopped")
    const again = await openLine(`${second.url}/ws/chat/amy`)
    again.send({ type: "message", text: "go on" })
    await again.until(isType("response"), 1 + (await again.until(isType("response"))))
    balanced(await eventsOf(second.url))
  })
})
