import type { Props } from "@choiros/protocol"
import { describe, expect, it, vi } from "vitest"
import { linkTo, parseRoute } from "./routes.ts"

vi.hoisted(() => vi.stubGlobal("window", { innerWidth: 1440, innerHeight: 900 }))

describe("addresses", () => {
  it.each<[string, unknown]>([
    ["/t/s1/th%3A1", { kind: "app", app_id: "chat", props: { actor_id: "me", session_id: "s1", thread_id: "th:1" } }],
    ["/t/s1", null],
    ["/r/01ABC", { kind: "app", app_id: "run", props: { run_id: "01ABC" } }],
    ["/r/01ABC/3", { kind: "app", app_id: "run", props: { run_id: "01ABC", step: 3 } }],
    ["/f/src/a%20b.ts:12", { kind: "app", app_id: "editor", props: { path: "src/a b.ts", line: 12 } }],
    ["/f/pictures/x.PNG", { kind: "app", app_id: "viewer", props: { path: "pictures/x.PNG" } }],
    ["/w/01W", { kind: "window", window_id: "01W" }],
    ["/a/inbox", { kind: "app", app_id: "inbox", props: {} }],
    ["/a/", null],
    ["/", null],
    ["/x/y", null],
    ["/f/%E0%A4%A", { kind: "app", app_id: "editor", props: { path: "%E0%A4%A" } }]
  ])("%s", (path, target) => {
    expect(parseRoute(path)).toEqual(target)
  })

  it.each<[string, Props]>([
    ["chat", { actor_id: "me", session_id: "session:1", thread_id: "thread:1" }],
    ["run", { run_id: "01ABC", step: 3 }],
    ["editor", { path: "src/ä b.ts", line: 7 }],
    ["viewer", { path: "a/b.png" }],
    ["editor", { path: "/home/me/a.ts", line: 7 }],
    ["viewer", { path: "/home/me/a.pdf" }],
    ["inbox", {}]
  ])("come back to the %s that they are of", (app_id, props) => {
    expect(parseRoute(linkTo({ id: "01W", app_id }, props))).toEqual({ kind: "app", app_id, props })
  })

  it("name the window where what it shows has no address", () => {
    expect(linkTo({ id: "01W", app_id: "logs" }, { type: "run.*" })).toBe("/w/01W")
    expect(linkTo({ id: "01W", app_id: "chat" }, {})).toBe("/a/chat")
  })
})
