import { describe, expect, it } from "@effect/vitest"
import { toModelError } from "./sdkError.ts"

const context = {
  label: "OpenAI",
  model: "gpt",
  keyVariable: "OPENAI_API_KEY",
  secrets: ["secret-value-12345"]
}
const now = Date.parse("2026-01-01T00:00:00Z")
const called = (statusCode: number, responseHeaders: Record<string, string> = {}, responseBody = "") =>
  Object.assign(new Error("said"), { name: "AI_APICallError", statusCode, responseHeaders, responseBody })

describe("when to come back", () => {
  const cases: ReadonlyArray<[string, Error, number | undefined]> = [
    ["in seconds", called(429, { "retry-after": "1.5" }), 1500],
    ["at a date", called(503, { "retry-after": "Thu, 01 Jan 2026 00:00:07 GMT" }), 7000],
    ["at a date that is over", called(503, { "retry-after": "Wed, 31 Dec 2025 23:59:00 GMT" }), 0],
    ["in milliseconds, before seconds", called(429, { "retry-after-ms": "20", "retry-after": "9" }), 20],
    ["in the body, as Google does", called(429, {}, '{"error":{"details":[{"retryDelay":"34.2s"}]}}'), 34_200],
    ["not told", called(429), undefined],
    ["nonsense", called(429, { "retry-after": "soon" }), undefined]
  ]
  it.each(cases)("%s", (_, error, ms) => {
    expect(toModelError(error, context, now).retryAfterMs).toBe(ms)
  })
})

describe("words", () => {
  it("hold no key, whether it is known or only looks like one", () => {
    for (const said of [
      "bad secret-value-12345 given",
      "bad sk-proj-abcdef0123456789 given",
      "Bearer abcdef0123456789"
    ]) {
      const { message } = toModelError(Object.assign(called(400), { message: said }), context, now)
      expect(message).toContain("[key]")
      expect(message).not.toMatch(/secret-value|abcdef/)
    }
  })

  it("hold no stack and no more than a line", () => {
    const { message } = toModelError(
      Object.assign(called(400), { message: `a\n  at b\n${"x".repeat(999)}` }),
      context,
      now
    )
    expect(message.length).toBeLessThan(400)
    expect(message).not.toContain("\n")
  })

  it("end with the way out", () => {
    expect(toModelError(called(401), context, now).message).toBe(
      "OpenAI did not accept the key (401). Check OPENAI_API_KEY."
    )
  })
})

describe("kinds that come without a status", () => {
  it.each([
    [{ type: "overloaded_error", message: "Overloaded" }, "overloaded", true],
    [{ error: { code: "rate_limit_exceeded", message: "Slow down" } }, "rate_limited", true],
    [{ code: 429, message: "Resource exhausted" }, "rate_limited", true],
    [{ type: "invalid_request_error", code: "context_length_exceeded", message: "too long" }, "context_full", false],
    [
      new TypeError("terminated", { cause: Object.assign(new Error("x"), { code: "UND_ERR_SOCKET" }) }),
      "network",
      true
    ],
    [Object.assign(new Error("x"), { code: "UND_ERR_BODY_TIMEOUT" }), "timeout", true],
    [Object.assign(new Error("x"), { name: "AI_LoadAPIKeyError" }), "auth", false],
    [new DOMException("This operation was aborted", "AbortError"), "server", true],
    ["a string", "server", true],
    [undefined, "server", true]
  ])("%j is %s", (error, kind, retryable) => {
    expect({ ...toModelError(error, context, now) }).toMatchObject({ kind, retryable })
  })
})
