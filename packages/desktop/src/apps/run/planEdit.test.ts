import { describe, expect, it } from "vitest"
import { addPart, draftOf, movePart, partsOf, problemOf, removePart, withPart } from "./planEdit.ts"

const part = (id: string, status: "completed" | "waiting", after: ReadonlyArray<string> = []) => ({
  id,
  objective: `do ${id}`,
  agent: "code",
  after,
  deadline_seconds: 60,
  status,
  task_id: null
})
const draft = draftOf({ revision: 1, by: "conductor", parts: [part("a", "completed"), part("b", "waiting", ["a"])] })

describe("a plan that is edited", () => {
  it("is the same plan when nothing was changed", () => {
    expect(partsOf(draft)).toEqual([
      { id: "a", objective: "do a", agent: "code", after: [], deadline_seconds: 60 },
      { id: "b", objective: "do b", agent: "code", after: ["a"], deadline_seconds: 60 }
    ])
    expect(problemOf(draft)).toBeNull()
  })

  it("keeps what has begun as it is", () => {
    expect(withPart(draft, "a", { objective: "else" })).toEqual(draft)
    expect(removePart(draft, "a").map(({ id }) => id)).toEqual(["a", "b"])
    expect(withPart(draft, "b", { objective: "else", agent: "research" })[1]).toMatchObject({
      objective: "else",
      agent: "research"
    })
  })

  it("has a name for a new part that no other has, and none waits for what went", () => {
    const more = addPart(addPart(draft, "code"), "code")
    expect(more.map(({ id }) => id)).toEqual(["a", "b", "part-3", "part-4"])
    const waits = withPart(more, "part-4", { objective: "x", after: ["b", "part-3"] })
    expect(removePart(waits, "part-3").at(-1)?.after).toEqual(["b"])
  })

  it("moves a part, but not beyond the ends", () => {
    expect(movePart(draft, "b", -1).map(({ id }) => id)).toEqual(["b", "a"])
    expect(movePart(draft, "b", 1)).toBe(draft)
  })

  it("says why it can't be followed", () => {
    const more = addPart(draft, "code")
    expect(problemOf(more)).toBe("Part 3 says nothing of what is to be done")
    expect(problemOf(withPart(addPart(draft, ""), "part-3", { objective: "x" }))).toBe("Part 3 has no agent")
    const round = withPart(withPart(more, "part-3", { objective: "x", after: ["b"] }), "b", { after: ["part-3"] })
    expect(problemOf(round)).toContain("wait for each other")
  })
})
