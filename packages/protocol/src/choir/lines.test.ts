import { describe, expect, it } from "@effect/vitest"
import { lastLines, plainLine } from "./lines.ts"
import { toolPhrase } from "./phrase.ts"

describe("the last lines of a text", () => {
  it("are plain: no markdown, no escapes, nothing that hides or reorders", () => {
    expect(lastLines("## Done\n\n- [x] **All** `tests` pass, see [the log](https://x.y)\n\n---\n", 2)).toEqual([
      "Done",
      "All tests pass, see the log"
    ])
    expect(lastLines("| a | b |\n|---|---|\n| 1 | 2 |", 2)).toEqual(["a · b", "1 · 2"])
    expect(
      lastLines("\u001b[1;31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007 a\u202eb\u200bc\u0000", 1)
    ).toEqual(["red link abc"])
    expect(lastLines("a_b_c and 2 * 3 * 4 and _this_", 1)).toEqual(["a_b_c and 2 * 3 * 4 and this"])
    expect(lastLines("```\n\n", 2)).toEqual([])
  })

  it("are short, and whole characters, whatever comes", () => {
    const long = plainLine("😀".repeat(200))
    expect(long.length).toBeLessThanOrEqual(160)
    expect(long.isWellFormed()).toBe(true)
    for (const hostile of ["|".repeat(65_000), "- ".repeat(30_000), "[".repeat(65_000), "\u001b]".repeat(30_000)]) {
      for (const line of lastLines(hostile, 2)) expect(line.length).toBeLessThanOrEqual(160)
    }
  })
})

describe("a tool call", () => {
  it("is a verb and an object", () => {
    const said = (tool_name: string, tool_args: string) => {
      const { act, object, verb } = toolPhrase(tool_name, tool_args)
      return [verb, act, object]
    }
    expect(said("bash", '{"command":"npm  test\\n"}')).toEqual(["Running", "run", "npm test"])
    expect(said("read_file", '{"path":"src/a.ts"}')).toEqual(["Reading", "read", "src/a.ts"])
    expect(said("list_files", "{}")).toEqual(["Listing", "list", "the workspace"])
    expect(said("plan", '{"parts":[]}')).toEqual(["Planning", "plan", ""])
    expect(said("weather", '{"city":"Bern","query":"rain"}')).toEqual(["Using", "use", "weather rain"])
    expect(said("weather", "not json")).toEqual(["Using", "use", "weather"])
  })

  it("has its object also where its arguments are long, or were cut", () => {
    const content = "x".repeat(70_000)
    const args = JSON.stringify({ path: 'a "b".txt', content })
    const object = 'a "b".txt'
    expect(toolPhrase("write_file", args).object).toBe(object)
    expect(toolPhrase("write_file", `${args.slice(0, 4_000)}…`).object).toBe(object)
    expect(toolPhrase("write_file", '{"path":"a\\').object).toBe("a")
    expect(toolPhrase("bash", `{"command":"${"y".repeat(999)}\\"${"z".repeat(9_000)}"}`).object).toHaveLength(120)
    expect(toolPhrase("bash", `{"command":"${"y".repeat(9_000)}`).object).toHaveLength(120)
  })
})
