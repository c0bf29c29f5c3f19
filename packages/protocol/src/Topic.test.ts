import { expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { matcher } from "./Topic.ts"

it.each([
  ["chat.user_msg", "chat.user_msg", true],
  ["chat.user_msg", "chat.user_msg.x", false],
  ["chat.*", "chat.user_msg", true],
  ["chat.*", "chat", false],
  ["chat.*", "worker.task.started", false],
  ["worker.*", "worker.task.started", false],
  ["worker.>", "worker.task.started", true],
  ["worker.>", "worker", false],
  ["worker.*.started", "worker.task.started", true],
  ["*.*.started", "worker.task.started", true],
  ["*", "chat", true],
  ["*", "chat.user_msg", false],
  [">", "anything.at.all", true],
  ["a.>.c", "a.b.c", false]
])("%s on %s: %s", (pattern, topic, expected) => {
  expect(matcher([pattern])(topic)).toBe(expected)
})

it("no pattern matches nothing, several match what any of them does", () => {
  expect(matcher([])("chat.user_msg")).toBe(false)
  const matches = matcher(["chat.*", "run.started", "worker.>"])
  expect(["chat.user_msg", "run.started", "worker.task.failed"].every(matches)).toBe(true)
  expect(matches("run.ended")).toBe(false)
})

const Part = Schema.Literals(["a", "b", "c"])
const Parts = Schema.Array(Part).check(Schema.isMinLength(1), Schema.isMaxLength(5))

it.prop(
  "a topic with any part starred still matches, one with its tail replaced too",
  { parts: Parts },
  ({ parts }) => {
    const topic = parts.join(".")
    for (const index of parts.keys()) {
      expect(matcher([parts.with(index, "a").join(".")])(topic)).toBe(parts[index] === "a")
      expect(matcher([[...parts.slice(0, index), "*", ...parts.slice(index + 1)].join(".")])(topic)).toBe(true)
      expect(matcher([[...parts.slice(0, index), ">"].join(".")])(topic)).toBe(true)
    }
    expect(matcher([`${topic}.>`])(topic)).toBe(false)
    expect(matcher([`${topic}.*`])(topic)).toBe(false)
  }
)
