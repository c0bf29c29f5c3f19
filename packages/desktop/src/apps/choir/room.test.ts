import type { ChoirCard, RunPhase } from "@choiros/protocol"
import { describe, expect, it } from "vitest"
import { choirCard } from "../../cards/testing.ts"
import { budgetUsed, depthOf, quietFor, roomOf } from "./room.ts"
import { layoutKey, layoutStage } from "./stageLayout.ts"
import { tableRows } from "./tableRows.ts"

const now = Date.parse("2026-05-04T12:00:00.000Z")
const ago = (seconds: number) => new Date(now - seconds * 1_000).toISOString()

const card = (run_id: string, phase: RunPhase, more: Partial<ChoirCard> = {}): ChoirCard =>
  choirCard(run_id, phase, { started_at: ago(60), last_at: ago(1), ...more })

const all = (...cards: ReadonlyArray<ChoirCard>) => new Map(cards.map((one) => [one.run_id, one]))
const ids = (cards: ReadonlyArray<ChoirCard>) => cards.map(({ run_id }) => run_id)

describe("the room", () => {
  it("puts who needs a person first, then who failed, who is quiet, who works", () => {
    const room = roomOf(
      all(
        card("works", "working"),
        card("quiet", "working", { last_at: ago(45) }),
        card("failed", "failed", { ended_at: ago(60) }),
        card("asks", "waiting_for_you"),
        card("rests", "paused")
      ),
      now
    )
    expect(ids(room.present)).toEqual(["asks", "failed", "quiet", "works", "rests"])
    expect(room.counts).toEqual({ open: 4, waiting: 1, quiet: 1, failed: 1 })
  })

  it("tells who helps whom apart by tier, also where the one above is not known", () => {
    const room = roomOf(
      all(
        card("root", "working"),
        card("child", "working", { parent_run_id: "root" }),
        card("grandchild", "working", { parent_run_id: "child" }),
        card("orphan", "working", { parent_run_id: "gone" })
      ),
      now
    )
    expect(room.tiers.map(({ cards, depth }) => [depth, ids(cards).sort()])).toEqual([
      [0, ["root"]],
      [1, ["child", "orphan"]],
      [2, ["grandchild"]]
    ])
  })

  it("ends a walk up that goes in a circle", () => {
    const cards = all(card("a", "working", { parent_run_id: "b" }), card("b", "working", { parent_run_id: "a" }))
    const a = cards.get("a")
    expect(a === undefined ? null : depthOf(a, cards)).toBe(1)
  })

  it("moves what failed long ago, and all that is done, off the stage", () => {
    const room = roomOf(
      all(card("done", "done", { ended_at: ago(5) }), card("old", "failed", { ended_at: ago(3 * 86_400) })),
      now
    )
    expect(room.present).toEqual([])
    expect(ids(room.today)).toEqual(["done"])
    expect(ids(room.earlier)).toEqual(["old"])
  })

  it("calls nobody quiet who waits or rests", () => {
    expect(quietFor(card("a", "waiting_for_you", { last_at: ago(600) }), now)).toBeNull()
    expect(quietFor(card("a", "paused", { last_at: ago(600) }), now)).toBeNull()
    expect(quietFor(card("a", "working", { last_at: ago(600) }), now)).toBe(600_000)
  })

  it("shows the cap that is nearest", () => {
    expect(budgetUsed(card("a", "working"))).toBeNull()
    const capped = card("a", "working", { budget: { steps: 10, tokens: 125 } })
    expect(budgetUsed(capped)).toEqual({ part: 0.8, words: "tokens" })
  })
})

describe("the stage's layout", () => {
  const room = roomOf(
    all(card("root", "working"), card("a", "working", { parent_run_id: "root" }), card("b", "working")),
    now
  )

  it("gives each card a place of its own and an edge to who handed it out", () => {
    const { columns, edges, places } = layoutStage(room.tiers, 900)
    expect(columns).toBe(3)
    expect(new Set([...places.values()].map(({ x, y }) => `${x} ${y}`)).size).toBe(3)
    expect(edges.map(({ from, to }) => `${from}>${to}`)).toEqual(["root>a"])
  })

  it("fits a narrow window with one column", () => {
    const { cardWidth, columns } = layoutStage(room.tiers, 240)
    expect([columns, cardWidth]).toEqual([1, 240])
  })

  it("stays the same while only what is said changes", () => {
    const later = roomOf(all(...room.present.map((one) => ({ ...one, lines: ["more"], steps: 9 }))), now)
    expect(layoutKey(later.tiers)).toBe(layoutKey(room.tiers))
  })
})

describe("the table's rows", () => {
  const cards = [
    card("a", "working", { agent: "code", spent: { calls: 1, tokens: 5, cost: 0 } }),
    card("b", "done", { agent: "chat", ended_at: ago(1), spent: { calls: 1, tokens: 9, cost: 0 } }),
    card("c", "failed", { agent: "code", ended_at: ago(1), spent: { calls: 1, tokens: 7, cost: 0 } })
  ]
  const any = { state: "all", agent: "", text: "" } as const

  it("sorts by any column, both ways", () => {
    expect(ids(tableRows(cards, any, { by: "tokens", down: true }, now))).toEqual(["b", "c", "a"])
    expect(ids(tableRows(cards, any, { by: "tokens", down: false }, now))).toEqual(["a", "c", "b"])
  })

  it("filters by state, agent and words together", () => {
    const by = (filter: Parameters<typeof tableRows>[1]) =>
      ids(tableRows(cards, filter, { by: "agent", down: false }, now))
    expect(by({ ...any, state: "open" })).toEqual(["a"])
    expect(by({ ...any, state: "ended", agent: "code" })).toEqual(["c"])
    expect(by({ ...any, text: "DO B" })).toEqual(["b"])
  })
})
