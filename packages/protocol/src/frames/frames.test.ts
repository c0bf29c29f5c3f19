import { describe, expect, it } from "@effect/vitest"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ChatClientFrame, ChatServerFrame, ResponseContent } from "./chat.ts"
import { DesktopClientFrame, DesktopServerFrame } from "./desktop.ts"
import { EventsClientFrame, EventsServerFrame, TopicPattern } from "./events.ts"
import { TerminalClientFrame, TerminalServerFrame } from "./terminal.ts"

const decode = <A>(schema: Schema.Codec<A, unknown>, value: unknown): A | undefined =>
  Option.getOrUndefined(Schema.decodeUnknownOption(schema)(value))

describe("chat", () => {
  it.each([
    [{ type: "ping" }],
    [{ type: "message", text: "hi" }],
    [{ type: "message", text: "", client_message_id: "c1", mode: "queue" }],
    [{ type: "stop" }],
    [{ type: "switch_model", model: "GLM47" }]
  ])("takes %j", (frame) => {
    expect(decode(ChatClientFrame, frame)).toEqual(frame)
  })

  it("ignores unknown fields, and takes null for absent", () => {
    expect(decode(ChatClientFrame, { type: "message", text: "hi", client_message_id: null, mode: null, x: 1 })).toEqual(
      {
        type: "message",
        text: "hi",
        client_message_id: null,
        mode: null
      }
    )
  })

  it.each([
    [{}],
    [null],
    ["ping"],
    [{ type: "message" }],
    [{ type: "message", text: 1 }],
    [{ type: "nope" }],
    [{ type: "switch_model" }]
  ])("refuses %j", (frame) => {
    expect(decode(ChatClientFrame, frame)).toBeUndefined()
  })

  it.each([
    [{ type: "connected", actor_id: "a", user_id: "u", session_id: "s", thread_id: "t" }],
    [{ type: "thinking", content: "Processing your message...", timestamp: "now" }],
    [{ type: "tool_call", content: "{}", timestamp: "now" }],
    [{ type: "delta", content: "x", message_id: "m", offset: 3, timestamp: "now" }],
    [{ type: "response", content: "{}", timestamp: "now", run_id: "r", message_id: "m" }],
    [{ type: "model_switched", model: "GLM47", status: "success" }],
    [{ type: "error", message: "Failed to process message", client_message_id: "c" }],
    [{ type: "lagged", from_seq: 7 }]
  ])("says %j", (frame) => {
    expect(decode(ChatServerFrame, frame)).toEqual(frame)
  })

  it("a response's content names text, confidence, model and the client's id", () => {
    const content = { text: "t", confidence: null, model_used: "demo", client_message_id: "c" }
    expect(decode(ResponseContent, content)).toEqual(content)
    expect(decode(ResponseContent, { ...content, confidence: "high" })).toBeUndefined()
  })
})

describe("desktop", () => {
  it("takes ping and subscribe alone", () => {
    expect(decode(DesktopClientFrame, { type: "subscribe", desktop_id: "d" })).toEqual({
      type: "subscribe",
      desktop_id: "d"
    })
    expect(decode(DesktopClientFrame, { type: "ping" })).toEqual({ type: "ping" })
    for (const active of [{ type: "active" }, { type: "active", window_id: "w" }]) {
      expect(decode(DesktopClientFrame, active)).toEqual(active)
    }
    expect(decode(DesktopClientFrame, { type: "subscribe" })).toBeUndefined()
    expect(decode(DesktopClientFrame, { type: "subscribe", desktop_id: "" })).toBeUndefined()
    expect(decode(DesktopClientFrame, { type: "window_moved" })).toBeUndefined()
  })

  it("says the contract's changes", () => {
    const moved = { type: "window_moved", window_id: "w", x: 1, y: 2, seq: 3 }
    expect(decode(DesktopServerFrame, moved)).toEqual(moved)
    expect(decode(DesktopServerFrame, { type: "window_moved", window_id: "w" })).toBeUndefined()
  })
})

describe("terminal", () => {
  it("takes input and sizes, 0x0 of a hidden view among them", () => {
    expect(decode(TerminalClientFrame, { type: "input", data: "ls\r" })).toEqual({ type: "input", data: "ls\r" })
    expect(decode(TerminalClientFrame, { type: "resize", rows: 0, cols: 0 })).toEqual({
      type: "resize",
      rows: 0,
      cols: 0
    })
    expect(decode(TerminalClientFrame, { type: "resize", rows: 1e9, cols: 80 })).toBeUndefined()
    expect(decode(TerminalClientFrame, { type: "resize", rows: 2.5, cols: 80 })).toBeUndefined()
    expect(decode(TerminalClientFrame, { type: "kill" })).toBeUndefined()
  })

  it("says info with and without an exit", () => {
    const ended = { type: "info", terminal_id: "t", is_running: false, exit_code: 0 }
    expect(decode(TerminalServerFrame, ended)).toEqual(ended)
    expect(decode(TerminalServerFrame, { type: "info", terminal_id: "t", is_running: true })).toBeDefined()
  })
})

describe("events", () => {
  it("takes a subscription from a seq on, or from now", () => {
    const subscribe = { type: "subscribe", topics: ["worker.>", "chat.*"], since_seq: 0 }
    expect(decode(EventsClientFrame, subscribe)).toEqual(subscribe)
    expect(decode(EventsClientFrame, { type: "subscribe", topics: [">"] })).toBeDefined()
    expect(decode(EventsClientFrame, { type: "subscribe", topics: [] })).toBeUndefined()
    expect(decode(EventsClientFrame, { ...subscribe, since_seq: -1 })).toBeUndefined()
  })

  it.each(["chat.*", "worker.>", ">", "*", "worker.task.started", "a-b.c_d"])("%s is a pattern", (pattern) => {
    expect(Schema.is(TopicPattern)(pattern)).toBe(true)
  })

  it.each(["", ".", "a.", ".a", "a.>.b", "a*", "a b", "a..b"])("%j is none", (pattern) => {
    expect(Schema.is(TopicPattern)(pattern)).toBe(false)
  })

  it("a hostile pattern is refused at once", () => {
    expect(Schema.is(TopicPattern)(`${"a.".repeat(100_000)}!`)).toBe(false)
  })

  it("says a reset with the log that there is", () => {
    const reset = { type: "reset", log_id: "l", head: 3, protocol_version: 1 }
    expect(decode(EventsServerFrame, reset)).toEqual(reset)
  })
})
