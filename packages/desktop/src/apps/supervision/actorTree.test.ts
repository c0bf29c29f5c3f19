import type { ActorNode } from "@choiros/protocol"
import { describe, expect, it } from "vitest"
import { foldedAtFirst, keyOf, plainKey, rowsOf, threadOfKey } from "./actorTree.ts"

const actor = (path: string, parent: string | null, kind = "supervisor", state = "running"): ActorNode => ({
  path,
  parent,
  kind,
  state,
  restarts: 0,
  mailbox_depth: 0,
  age_ms: 0
})

const chat = `/session/chats/${encodeURIComponent('["me","s","t"]')}`
const actors = [
  actor("/", null),
  actor("/event-log", "/", "event-log"),
  // A service is under its supervisor, which its path does not say.
  actor("/services", "/"),
  actor("/approvals", "/services", "approvals"),
  actor("/session", "/services"),
  actor("/session/chats", "/session", "dynamic"),
  actor(chat, "/session/chats", "chat", "restarting")
]
const paths = (folded: ReadonlyArray<string>, text = "") =>
  rowsOf(actors, new Set(folded), text).map((row) => row.actor.path)

describe("rowsOf", () => {
  it("shows a parent before its children, with their places", () => {
    const rows = rowsOf(actors, new Set(), "")
    expect(rows.map(({ actor: { path }, level }) => [path, level])).toEqual([
      ["/", 1],
      ["/event-log", 2],
      ["/services", 2],
      ["/approvals", 3],
      ["/session", 3],
      ["/session/chats", 4],
      [chat, 5]
    ])
    expect(rows[2]).toMatchObject({ place: 2, siblings: 2, open: true })
    expect(rows[1]?.open).toBe(null)
  })

  it("leaves out what is under something folded", () => {
    expect(paths(["/services"])).toEqual(["/", "/event-log", "/services"])
  })

  it("shows what is looked for with all above it, folded or not", () => {
    expect(paths(["/services"], "RESTART")).toEqual(["/", "/services", "/session", "/session/chats", chat])
    expect(paths([], '"me"')).toContain(chat)
    expect(paths([], "nothing of it")).toEqual([])
  })
})

describe("names", () => {
  it("of a path's last part", () => {
    expect(keyOf(chat)).toBe('["me","s","t"]')
    expect(keyOf("/a/%")).toBe("%")
    expect(plainKey("/")).toBe("The computer")
  })

  it("of a chat's key, and of no other", () => {
    expect(threadOfKey(keyOf(chat))).toEqual({ actor_id: "me", session_id: "s", thread_id: "t" })
    expect(threadOfKey("stall")).toBe(null)
    expect(threadOfKey('["me"]')).toBe(null)
  })
})

describe("foldedAtFirst", () => {
  it("folds what has very many children", () => {
    const crowd = Array.from({ length: 30 }, (_, index) => actor(`/session/chats/${index}`, "/session/chats", "chat"))
    expect(foldedAtFirst([...actors, ...crowd])).toEqual(new Set(["/session/chats"]))
    expect(foldedAtFirst(actors).size).toBe(0)
  })
})
