import { expect, it } from "vitest"
import { agentLook } from "./agentLook.ts"

const builtIn = ["chat", "code", "conductor", "research", "terminal"]

it("gives a name the same look for ever", () => {
  expect(agentLook("reviewer")).toEqual(agentLook("reviewer"))
  // Fixed in writing: a change here would give every agent of every user another face.
  expect(["reviewer", "tester", "writer"].map(agentLook)).toMatchInlineSnapshot(`
    [
      {
        "colour": 6,
        "shape": "square",
      },
      {
        "colour": 3,
        "shape": "cross",
      },
      {
        "colour": 1,
        "shape": "hexagon",
      },
    ]
  `)
})

it("lets no two built-in agents share a colour or a shape", () => {
  const looks = builtIn.map(agentLook)
  expect(new Set(looks.map(({ colour }) => colour)).size).toBe(builtIn.length)
  expect(new Set(looks.map(({ shape }) => shape)).size).toBe(builtIn.length)
})

it("spreads names over all colours and shapes, each apart from the other", () => {
  const looks = Array.from({ length: 640 }, (_, n) => agentLook(`agent-${n}`))
  const times = new Map<string, number>()
  for (const { colour, shape } of looks) times.set(`${colour} ${shape}`, (times.get(`${colour} ${shape}`) ?? 0) + 1)
  expect(times.size).toBe(64)
  expect(Math.max(...times.values())).toBeLessThan(30)
})
