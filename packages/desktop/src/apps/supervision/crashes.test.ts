import type { Event } from "@choiros/protocol"
import { describe, expect, it } from "vitest"
import { withCrashes } from "./crashes.ts"

const event = (seq: number, event_type: string, path: string, restarts = 0, cause: string | null = null): Event => ({
  seq,
  event_id: `e${seq}`,
  timestamp: `2026-01-01T00:00:0${seq}.000Z`,
  event_type,
  version: 1,
  actor_id: "supervisor",
  user_id: null,
  session_id: null,
  thread_id: null,
  run_id: null,
  correlation_id: null,
  causation_id: null,
  payload: { path, kind: "run", cause, restarts }
})

const crashed = (seq: number, path: string) => event(seq, "supervisor.child_crashed", path, 0, "boom")

describe("withCrashes", () => {
  it("lists the latest first, with what became of each", () => {
    const crashes = withCrashes(
      [],
      [
        crashed(1, "/a"),
        event(2, "supervisor.child_restarted", "/a", 1),
        crashed(3, "/b"),
        event(4, "supervisor.gave_up", "/b", 3),
        crashed(5, "/a")
      ]
    )
    expect(crashes.map(({ after, path }) => [path, after])).toEqual([
      ["/a", "crashed"],
      ["/b", "given_up"],
      ["/a", "restarted"]
    ])
    expect(crashes[0]?.cause).toBe("boom")
  })

  it("takes no event twice, and no other events", () => {
    const once = withCrashes([], [crashed(1, "/a"), event(2, "supervisor.gave_up", "/c")])
    expect(withCrashes(once, [crashed(1, "/a"), event(2, "supervisor.gave_up", "/c")])).toEqual(once)
    expect(withCrashes(once, [event(3, "supervisor.child_started", "/d")])).toBe(once)
    expect(once).toHaveLength(2)
  })

  it("keeps a hundred", () => {
    const all = withCrashes(
      [],
      Array.from({ length: 140 }, (_, index) => ({ ...crashed(1, "/a"), seq: index + 1 }))
    )
    expect(all).toHaveLength(100)
    expect(all[0]?.seq).toBe(140)
  })
})
