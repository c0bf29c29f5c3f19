import { describe, expect, it } from "@effect/vitest"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { openApi } from "./api.ts"
import { ChatSendBody, chatSentences, isBlank } from "./chat.ts"
import { failure } from "./common.ts"
import { WindowOpenBody } from "./desktop.ts"
import { EventsQuery } from "./events.ts"
import { FileQuery, FileSearchQuery } from "./files.ts"
import { defaultSettings, SettingKey, Settings, SettingsPatch } from "./settings.ts"

const decode = <A>(schema: Schema.Codec<A, unknown>, value: unknown): A | undefined =>
  Option.getOrUndefined(Schema.decodeUnknownOption(schema)(value))

describe("bodies", () => {
  it("unknown fields are ignored, null is absent", () => {
    const body = decode(ChatSendBody, { actor_id: "a", user_id: "u", text: "", session_id: null, more: 1 })

    expect(body).toEqual({ actor_id: "a", user_id: "u", text: "", session_id: null })
    expect(decode(ChatSendBody, { actor_id: "a", text: "x" })).toBeUndefined()
    expect(decode(ChatSendBody, { actor_id: "", user_id: "u", text: "x" })).toBeUndefined()
  })

  it("a window's props are JSON that does not nest without end", () => {
    const nested = (depth: number): unknown => JSON.parse(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`)

    expect(decode(WindowOpenBody, { app_id: "chat", title: "t", props: nested(60) })).toBeDefined()
    expect(decode(WindowOpenBody, { app_id: "chat", title: "t", props: nested(70) })).toBeUndefined()
    expect(decode(WindowOpenBody, { app_id: "chat", title: "t", props: nested(3000) })).toBeUndefined()
    expect(decode(WindowOpenBody, { app_id: "chat", title: "t", props: null })).toBeDefined()
  })

  it("settings: defaults are valid, every key can be patched and brought back", () => {
    expect(decode(Settings, defaultSettings)).toEqual(defaultSettings)
    expect(Object.keys(SettingsPatch.fields).sort()).toEqual(Object.keys(Settings.fields).sort())
    expect([...SettingKey.literals].sort()).toEqual(Object.keys(Settings.fields).sort())
    expect(decode(SettingsPatch, { model: null, unknown: 1 })).toEqual({ model: null })
    expect(decode(SettingsPatch, { model: 0 })).toBeUndefined()
  })
})

describe("queries", () => {
  it("whole numbers are digits and nothing else", () => {
    expect(decode(EventsQuery, { since_seq: "10", limit: "5000", order: "desc" })).toEqual({
      since_seq: 10,
      limit: 5000,
      order: "desc"
    })
    for (const limit of ["0", "5001", "", "1e3", "-1", " 5", "0x10", "9".repeat(30)]) {
      expect(decode(EventsQuery, { limit })).toBeUndefined()
    }
  })

  it("types are one pattern or several", () => {
    expect(decode(EventsQuery, { type: "chat.*" })).toEqual({ type: "chat.*" })
    expect(decode(EventsQuery, { type: ["chat.*", "worker.>"] })).toEqual({ type: ["chat.*", "worker.>"] })
    expect(decode(EventsQuery, { type: "chat." })).toBeUndefined()
  })

  it("flags are true or false, paths have no NUL", () => {
    expect(decode(FileSearchQuery, { query: "x", literal: "true" })).toEqual({ query: "x", literal: true })
    expect(decode(FileSearchQuery, { query: "x", literal: "yes" })).toBeUndefined()
    expect(decode(FileQuery, { path: "a\0b" })).toBeUndefined()
    expect(decode(FileQuery, { path: "näme\nwith a line" })).toBeDefined()
  })
})

describe("sentences", () => {
  it("are the contract's", () => {
    expect(failure(chatSentences.empty)).toEqual({
      success: false,
      error: "Invalid message: Message cannot be empty"
    })
  })

  it("blank is what shows nothing", () => {
    expect([" \n\t", "", "\u00a0"].every(isBlank)).toBe(true)
    expect(isBlank(" x ")).toBe(false)
  })
})

describe("the OpenAPI document", () => {
  const Document = Schema.Struct({
    openapi: Schema.String,
    info: Schema.Struct({ title: Schema.String, version: Schema.String }),
    paths: Schema.Record(
      Schema.String,
      Schema.Record(
        Schema.String,
        Schema.Struct({
          summary: Schema.String,
          responses: Schema.Record(Schema.String, Schema.Unknown),
          requestBody: Schema.optional(Schema.Struct({ required: Schema.Boolean }))
        })
      )
    )
  })
  const raw = openApi("1.2.3")
  const document = Schema.decodeUnknownSync(Document)(raw)
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
  )

  it("has a version, and a summary for every route", () => {
    expect(document.openapi).toBe("3.1.0")
    expect(document.info).toEqual({ title: "ChoirOS", version: "1.2.3" })
    for (const methods of Object.values(document.paths)) {
      for (const { summary } of Object.values(methods)) expect(summary).not.toBe("")
    }
  })

  it("has every route of the contract's first part", () => {
    expect(routes).toEqual(
      expect.arrayContaining([
        "GET /health",
        "POST /chat/send",
        "GET /chat/{actor_id}/messages",
        "GET /ws/chat/{actor_id}",
        "GET /ws/chat/{actor_id}/{user_id}",
        "GET /desktop/{desktop_id}",
        "GET /desktop/{desktop_id}/windows",
        "POST /desktop/{desktop_id}/windows",
        "DELETE /desktop/{desktop_id}/windows/{window_id}",
        "PATCH /desktop/{desktop_id}/windows/{window_id}/position",
        "PATCH /desktop/{desktop_id}/windows/{window_id}/size",
        "POST /desktop/{desktop_id}/windows/{window_id}/focus",
        "POST /desktop/{desktop_id}/windows/{window_id}/minimize",
        "POST /desktop/{desktop_id}/windows/{window_id}/maximize",
        "POST /desktop/{desktop_id}/windows/{window_id}/restore",
        "PATCH /desktop/{desktop_id}/windows/{window_id}/snap",
        "GET /desktop/{desktop_id}/apps",
        "POST /desktop/{desktop_id}/apps",
        "GET /ws",
        "GET /viewer/content",
        "PATCH /viewer/content",
        "GET /user/{user_id}/preferences",
        "PATCH /user/{user_id}/preferences",
        "GET /api/terminals/{terminal_id}",
        "GET /api/terminals/{terminal_id}/info",
        "GET /api/terminals/{terminal_id}/stop",
        "POST /api/terminals/{terminal_id}",
        "POST /api/terminals/{terminal_id}/stop",
        "DELETE /api/terminals/{terminal_id}",
        "GET /ws/terminal/{terminal_id}",
        "GET /events",
        "GET /events.jsonl",
        "GET /ws/events",
        "GET /chat/{actor_id}/threads",
        "GET /files",
        "GET /models",
        "GET /settings",
        "GET /secrets",
        "GET /supervision",
        "GET /metrics",
        "GET /openapi.json",
        "GET /docs"
      ])
    )
  })

  it("closes no object, since unknown fields are ignored and replies may grow", () => {
    expect(JSON.stringify(raw)).not.toContain('"additionalProperties":false')
  })

  it("asks for no body where a command has no arguments", () => {
    const focus = document.paths["/desktop/{desktop_id}/windows/{window_id}/focus"]?.post
    expect(focus?.requestBody?.required ?? false).toBe(false)
    expect(document.paths["/chat/send"]?.post?.requestBody?.required).toBe(true)
  })
})
