import { describe, expect, it } from "vitest"
import { inserted, suggestionsFor, tokenAt } from "./complete.ts"
import { handles, type PromptContext } from "./context.ts"
import { remembered, standing, walked } from "./history.ts"
import { expandMentions, fileMention } from "./mentions.ts"

const context: PromptContext = {
  agents: ["chat", "code", "conductor"],
  models: ["acme/large"],
  runs: [
    { run_id: "r1", handle: "code-review", objective: "Code review", agent: "code", phase: "working" },
    { run_id: "r2", handle: "old", objective: "Old", agent: "chat", phase: "done" }
  ],
  windows: [{ window_id: "w1", handle: "files", title: "Files" }],
  actions: [],
  focused: null,
  answering: "chat"
}
const labels = (text: string, caret = text.length) => {
  const token = tokenAt(text, caret)
  return token === null ? null : suggestionsFor(token, context).map(({ label }) => label)
}

describe("completion", () => {
  it("is of the word under the caret", () => {
    expect(tokenAt("fix #src/a with @co", 10)).toMatchObject({ kind: "file", query: "src/a", from: 4, to: 10 })
    expect(tokenAt("fix #src/a with @co", 19)).toMatchObject({ kind: "mention", query: "co", from: 16 })
    expect(tokenAt("plain words", 5)).toBeNull()
    expect(tokenAt("! ls @x", 7)).toBeNull()
    expect(tokenAt("mail me@example.com", 19)).toBeNull()
  })

  it("offers agents, runs and windows for @, verbs for /, and names after a verb", () => {
    expect(labels("ask @co")).toEqual(["code", "conductor", "Code review"])
    expect(labels("@fil")).toEqual(["Files"])
    expect(labels("/pa")).toEqual(["/pause @run"])
    expect(labels("/stop ")).toEqual(["Code review", "Old"])
    expect(labels("/model la")).toEqual(["acme/large"])
    expect(labels("/agent c")).toEqual(["chat", "code", "conductor"])
  })

  it("takes the place of the word, and of no other", () => {
    const text = "ask @co about it"
    const token = tokenAt(text, 7)
    expect(token === null ? null : inserted(text, token, "@code ")).toEqual({ text: "ask @code about it", caret: 10 })
  })
})

describe("mentions", () => {
  it("are told to an agent as what they name", () => {
    const told = (text: string) => expandMentions(text, context, null)
    expect(told("compare @run:old with #src/a.ts")).toBe("compare the run r2 (“Old”) with src/a.ts")
    expect(told('read #"my notes.md" and #step:3')).toBe('read "my notes.md" and step 3')
  })

  it("of a step are told with its run to whoever is not that run", () => {
    const [focused = null] = context.runs
    const told = (hearer: string | null) => expandMentions("explain #step:3", { ...context, focused }, hearer)
    expect(told("r1")).toBe("explain step 3")
    expect(told("r2")).toBe("explain step 3 of the run r1 (“Code review”)")
    expect(told(null)).toBe("explain step 3 of the run r1 (“Code review”)")
  })

  it("leave what is none", () => {
    const text = "# Title, issue #12, @run:unknown, a#b.c, #todo"
    expect(expandMentions(text, context, null)).toBe(text)
  })

  it("come back from the way they are written", () => {
    for (const path of ["a.txt", "my notes.md", "src/deep/file.ts"]) {
      expect(expandMentions(fileMention(path), context, null).replaceAll('"', "")).toBe(path)
    }
  })
})

describe("handles", () => {
  it("are the first words, each name once", () => {
    expect(handles(["List files!", "List files", "", "Ein sehr langer Titel mit vielen Wörtern darin"])).toEqual([
      "list-files",
      "list-files-2",
      "unnamed",
      "ein-sehr-langer-titel-mit-vielen"
    ])
  })
})

describe("history", () => {
  it("keeps each line once, the latest last, and 200 of them", () => {
    expect(remembered(["a", "b"], "a")).toEqual(["b", "a"])
    expect(remembered(["a"], "  ")).toEqual(["a"])
    const many = Array.from({ length: 300 }, (_, index) => `line ${index}`).reduce(remembered, [])
    expect(many).toHaveLength(200)
    expect(many.at(-1)).toBe("line 299")
  })

  it("walks back and forth, and comes back to what was being typed", () => {
    const history = ["first", "second"]
    const one = walked(history, standing, "draft", 1)
    expect(one?.text).toBe("second")
    const two = one === null ? null : walked(history, one.walk, one.text, 1)
    expect(two?.text).toBe("first")
    expect(two === null ? null : walked(history, two.walk, two.text, 1)).toBeNull()
    const back = two === null ? null : walked(history, two.walk, two.text, -1)
    const home = back === null ? null : walked(history, back.walk, back.text, -1)
    expect(home).toEqual({ text: "draft", walk: { back: 0, draft: "draft" } })
    expect(walked(history, standing, "", -1)).toBeNull()
  })
})
