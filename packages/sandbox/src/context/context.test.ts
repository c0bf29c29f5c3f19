/** What goes to the model, through the product: its tree, log, tools and routes; the model alone is scripted, over HTTP. */
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { type NewEvent, RunContextReply } from "@choiros/protocol"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { amy, type Computer, payloadOf, startComputer } from "../../test/computer.ts"
import type { Turn } from "../../test/scripted-model/Script.ts"
import { startServer, type TestServer } from "../../test/server.ts"
import { contextRoutes } from "./routes.ts"
import { turn } from "./testing.ts"

const says = (text: string): typeof Turn.Type => ({ answer: { text } })
const reads = (path: string): typeof Turn.Type => ({
  answer: { tool_calls: [{ name: "read_file", args: { path } }] }
})
const contextFull: typeof Turn.Type = {
  fail: {
    kind: "status",
    status: 400,
    body: { error: { message: "too long", type: "invalid_request_error", code: "context_length_exceeded" } }
  }
}
const summary: typeof Turn.Type = { when: { contains: "Sum this up" }, answer: { text: "They talked about numbers." } }

const put = ({ workspace }: Computer, path: string, text: string) => {
  mkdirSync(dirname(join(workspace, path)), { recursive: true })
  writeFileSync(join(workspace, path), text)
}

interface Sent {
  readonly messages: ReadonlyArray<{
    readonly role: string
    readonly content?: unknown
    readonly tool_calls?: ReadonlyArray<{ readonly function: { readonly name: string; readonly arguments: string } }>
  }>
  readonly tools?: ReadonlyArray<{ readonly function: { readonly name: string } }>
}

/** The request of this index, as the model got it. */
const sent = ({ model }: Computer, index: number): Sent => Object(model.requests.at(index)?.body)
const textOf = (computer: Computer, index: number): string => JSON.stringify(sent(computer, index).messages)

/** Turns of amy's thread, as they would be in the log. */
const earlier = (count: number, first: string): ReadonlyArray<NewEvent> =>
  [
    turn("first", first, "Understood."),
    ...Array.from({ length: count }, (_, index) => turn(`r${index}`, `question ${index}`, `answer ${index}`))
  ].flatMap((events) => events.map((event) => ({ ...event, ...amy })))

describe("compaction that forgets rules", () => {
  it.live("in a thread of 300 turns: the rule of the first message is shown, and the summary is made once", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ turns: [summary], default: says("ok") })
      yield* computer.log.append(earlier(300, "Whatever happens, never touch prod.db."))
      yield* computer.say("and now?")
      expect(yield* computer.ended(302)).toHaveLength(302)
      expect(computer.model.requests).toHaveLength(2)
      const text = textOf(computer, 1)
      expect(text).toContain("never touch prod.db")
      expect(text).toContain("They talked about numbers.")
      expect(text).toContain("answer 299")
      expect(text).not.toContain("answer 11 ")
      yield* computer.say("and then?")
      yield* computer.ended(303)
      expect(computer.model.requests).toHaveLength(3)
      expect(textOf(computer, 2)).toContain("never touch prod.db")
      expect(yield* computer.events({}, ["chat.compacted"])).toHaveLength(1)
      expect(computer.model.problems).toEqual([])
    })
  )
})

describe("a summary", () => {
  it.live("is whole, however long the model takes to say it", () =>
    Effect.gen(function* () {
      const slow = { ...summary, chunks: { size: 5, delay_ms: 300 } }
      const computer = yield* startComputer({ turns: [slow], default: says("ok") })
      yield* computer.log.append(earlier(300, "Whatever happens, never touch prod.db."))
      yield* computer.say("and now?")
      yield* computer.ended(302)
      // Some of it was stored on the way.
      expect((yield* computer.events(amy, ["model.text"])).length).toBeGreaterThan(0)
      expect(textOf(computer, 1)).toContain("They talked about numbers.")
    })
  )
})

describe("a context that is full", () => {
  it.live("because of the thread is summed up, and no user hears of it", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({
        turns: [
          { ...contextFull, when: { matches: "^one more$" }, times: 1 },
          summary,
          { when: { contains: "note" }, ...says("noted") }
        ],
        default: says("here I am")
      })
      for (let each = 1; each <= 4; each++) {
        yield* computer.say(`note ${each} ${"x".repeat(20_000)}`)
        yield* computer.ended(each)
      }
      yield* computer.say("one more")
      expect((yield* computer.ended(5))[4]).toMatchObject({ outcome: "done", error: null })
      const size = (index: number) => textOf(computer, index).length
      expect(size(-1)).toBeLessThan(size(4) / 2)
      expect(textOf(computer, -1)).toContain("They talked about numbers.")
      expect(sent(computer, -1).messages.at(-1)).toMatchObject({ role: "user", content: "one more" })
      const answers = yield* computer.events(amy, ["chat.assistant_msg"])
      expect(answers.map((event) => payloadOf(event).text)).toEqual(["noted", "noted", "noted", "noted", "here I am"])
      expect(computer.model.problems).toEqual([])
    })
  )

  it.live("because of what the run itself has read is summed up by steps, also when the model can't sum up", () =>
    Effect.gen(function* () {
      const failing: typeof Turn.Type = { ...contextFull, when: { contains: "Sum this up" } }
      const computer = yield* startComputer({
        turns: [failing, reads("a"), reads("b"), reads("a"), contextFull, says("done")]
      })
      put(computer, "a", "a".repeat(9_000))
      put(computer, "b", "b".repeat(9_000))
      yield* computer.say("read both, and never write to them")
      expect(yield* computer.ended()).toMatchObject([{ outcome: "done", error: null }])
      const text = textOf(computer, -1)
      expect(text).toContain("read both, and never write to them")
      expect(text.length).toBeLessThan(textOf(computer, 3).length / 1.5)
      // The last step's output is there whole, in its place beside its call.
      const { messages } = sent(computer, -1)
      expect(messages.at(-1)).toMatchObject({ role: "tool" })
      expect(messages.at(-2)).toMatchObject({ role: "assistant", tool_calls: [{ function: { name: "read_file" } }] })
      expect(computer.model.problems).toEqual([])
    })
  )

  it.live("again and again, whatever is left out, ends in an answer", () =>
    Effect.gen(function* () {
      const full = Array.from({ length: 5 }, () => contextFull)
      const computer = yield* startComputer({ turns: [summary, ...full, says("at last")] })
      yield* computer.log.append(earlier(40, "Never touch prod.db."))
      yield* computer.say("go")
      expect((yield* computer.ended(42)).at(-1)).toMatchObject({ outcome: "done", error: null })
      expect(textOf(computer, -1)).toContain("go")
    })
  )
})

describe("GET /runs/{run_id}/context", () => {
  it.live("shows exactly what the last call was sent, while the run works and after it, also after a restart", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ turns: [summary, reads("a.txt"), says("done"), says("again")] })
      put(computer, "a.txt", "the text of a")
      put(computer, "AGENTS.md", "Use tabs, not spaces.")
      put(computer, "skills/release/SKILL.md", "---\nname: release\ndescription: How to release\n---\nDo it.\n")
      yield* computer.log.append(earlier(210, "Never touch prod.db."))
      yield* computer.say("look at it")
      yield* computer.ended(212)
      const [ended] = yield* computer.log.read({ types: ["run.ended"], order: "desc", limit: 1 })
      const run_id = ended?.run_id ?? ""

      const shown = yield* contextOf(computer, run_id)
      expect(shown.run_id).toBe(run_id)
      expect(shown).toMatchObject({ agent: "chat", model: "openai-compatible/scripted", standing: null })
      expect(shown.reported_tokens).toBeGreaterThan(100)
      expect(shown.messages).toEqual(onTheWire(sent(computer, -1)))
      expect(shown.tools).toEqual((sent(computer, -1).tools ?? []).map((tool) => tool.function.name))
      expect(shown.tools).toEqual(shown.tools.toSorted())
      expect(shown.kinds).toEqual(["instructions", "workspace", "skills", "tools", "summary", "history", "transcript"])
      expect(shown.text).toContain("Use tabs, not spaces.")
      expect(shown.text).toContain("release: How to release")
      // The head of both calls of the run is the same, byte by byte.
      expect(textHead(computer, 2)).toBe(textHead(computer, 1))

      const later = yield* startComputer({ default: says("unused") }, { after: computer })
      const again = yield* contextOf(later, run_id)
      expect(again.messages).toEqual(shown.messages)
      expect((yield* serverOf(later, (server) => server.request("GET", "/runs/nobody/context"))).status).toBe(404)
    })
  )
})

/** What every call begins with: the tools and the system message. */
const textHead = (computer: Computer, index: number): string => {
  const { messages, tools } = sent(computer, index)
  return JSON.stringify([tools, messages[0]])
}

const serverOf = <A>(computer: Computer, use: (server: TestServer) => Effect.Effect<A>) =>
  Effect.gen(function* () {
    return yield* use(yield* startServer(yield* contextRoutes))
  }).pipe(Effect.provideContext(computer.context), Effect.scoped)

const contextOf = Effect.fnUntraced(function* (computer: Computer, run_id: string) {
  const { body, status } = yield* serverOf(computer, (server) => server.request("GET", `/runs/${run_id}/context`))
  expect(status).toBe(200)
  const reply = Schema.decodeUnknownSync(RunContextReply)(body)
  const { messages, standing, system, tools } = reply.request
  expect(reply.input_tokens).toBe(reply.parts.reduce((sum, part) => sum + part.tokens, 0))
  return {
    ...reply,
    standing,
    kinds: reply.parts.map((part) => part.kind),
    text: reply.parts.map((part) => part.text).join("\n"),
    tools: tools.map((tool) => tool.name),
    messages: [
      { role: "system", text: system },
      ...messages.map((message) => ({
        role: message.role,
        text: message.role === "tool" ? message.output : message.text,
        ...(message.role === "assistant" && message.tool_calls.length > 0
          ? { calls: message.tool_calls.map((call) => `${call.name} ${call.args}`) }
          : {})
      }))
    ]
  }
})

/** A chat completion's messages in the words of the reply. */
const onTheWire = ({ messages }: Sent) =>
  messages.map(({ content, role, tool_calls }) => ({
    role,
    text: content ?? "",
    ...(tool_calls === undefined
      ? {}
      : { calls: tool_calls.map((call) => `${call.function.name} ${call.function.arguments}`) })
  }))
