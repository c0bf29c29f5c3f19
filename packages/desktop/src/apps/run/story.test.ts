import type { RunDetail } from "@choiros/protocol"
import { describe, expect, it } from "vitest"
import { asks, decides, toolCall } from "../../cards/testing.ts"
import { isCheck, type StoryOf, storyOf } from "./story.ts"
import { begun, call, note, step, time } from "./testing.ts"

const working: StoryOf = { phase: "working", ended_at: null, plan: null, tasks: [], evidence: null }
const done: StoryOf = { ...working, phase: "done", ended_at: time(100) }

const read = (path: string) => begun(toolCall("read_file", { path }, { result: {} }))
const run = (command: string, exit_code = 0) =>
  begun(toolCall("bash", { command }, { result: { exit_code, success: exit_code === 0 } }))
const write = (path: string) => begun(toolCall("write_file", { path, content: "x" }, { result: {} }))

describe("the phases of a run", () => {
  it("begin where the model says what it is about to do, and end with the answer", () => {
    const story = storyOf(
      [
        step(1, {
          calls: [call("I look at the **tests** first. They may tell. Then more. And more.")],
          tools: [read("a.ts")]
        }),
        step(2, { calls: [call("")], tools: [read("b.ts")] }),
        step(3, { calls: [call("Now I mend it")], tools: [write("a.ts")] }),
        step(4, { calls: [call("# Done\nIt is *mended*.")], finish: "stop" })
      ],
      done
    )
    expect(story.phases.map(({ heading, status, words }) => [heading, words, status])).toEqual([
      ["I look at the tests first", "They may tell. Then more.", "done"],
      ["Now I mend it", "", "done"]
    ])
    expect(story.phases.map(({ ended_at }) => ended_at)).toEqual([time(29), time(39 + 10)])
    expect(story.answer).toBe("# Done\nIt is *mended*.")
  })

  it("have what was done for a heading where nobody said anything", () => {
    const story = storyOf([step(1, { tools: [read("a.ts"), read("b.ts"), run("ls")] })], working)
    expect(story.phases).toMatchObject([{ heading: "Read 2 files, ran 1 command", status: "working" }])
  })

  it("have no answer as long as the run goes on", () => {
    const steps = [step(1, { calls: [call("I wait for the others.")], finish: "stop" })]
    expect(storyOf(steps, working)).toMatchObject({ answer: null, phases: [{ heading: "I wait for the others" }] })
    expect(storyOf(steps, done)).toMatchObject({ answer: "I wait for the others.", phases: [] })
  })

  it("begin anew where a person says something", () => {
    const story = storyOf(
      [
        step(1, { tools: [run("ls")], messages: [{ message_id: "m1", text: "do it", from: "user" }] }),
        step(2, { tools: [run("pwd")], messages: [{ message_id: "m2", text: "rather that", from: "user" }] })
      ],
      working
    )
    expect(story.phases.map(({ items }) => items.map((item) => item.kind))).toEqual([["calls"], ["decision", "calls"]])
    expect(story.phases[1]?.items[0]).toMatchObject({ text: "You said: rather that" })
  })
})

it("has the last phases of a long run, and says how many there are before", () => {
  const steps = Array.from({ length: 50 }, (_, index) => step(index + 1, { calls: [call(`Part ${index + 1}`)] }))
  const story = storyOf(steps, working, 3)
  expect(story.phases.map(({ heading }) => heading)).toEqual(["Part 48", "Part 49", "Part 50"])
  expect(story.earlier).toBe(47)
})

describe("what is told of a phase", () => {
  it("is artifacts, checks and findings, with all else folded", () => {
    const story = storyOf(
      [
        step(1, { tools: [read("a.ts"), read("b.ts"), write("a.ts")] }),
        step(2, { tools: [run("npm test", 1), run("cat x", 2), read("c.ts")] }),
        step(3, { tools: [run("ls")] })
      ],
      working
    )
    expect(story.phases[0]?.items.map((item) => [item.kind, "text" in item ? item.text : ""])).toEqual([
      ["calls", ""],
      ["artifact", ""],
      ["check", ""],
      ["finding", "Ran cat x: exit code 2"],
      ["calls", ""]
    ])
    expect(story.phases[0]?.items.flatMap((item) => (item.kind === "calls" ? item.words : []))).toEqual([
      "Read 2 files",
      "Read 1 file, ran 1 command"
    ])
  })

  it("is what a person decided, and what waits for one", () => {
    const remove = toolCall("bash", { command: "rm -rf build" })
    const other = toolCall("bash", { command: "rm -rf other" })
    const story = storyOf(
      [
        step(1, {
          tools: [
            { ...begun(remove), approval: asks(remove), decided: { ...decides("once"), by: "user" } },
            { ...other, approval: asks(other) }
          ]
        })
      ],
      { ...working, phase: "waiting_for_you" }
    )
    expect(story.phases[0]).toMatchObject({
      status: "waiting_for_you",
      items: [
        { kind: "decision", text: "Allowed: Delete 14 files in build/" },
        { kind: "calls" },
        { kind: "need", text: "Delete 14 files in build/" }
      ]
    })
  })

  it("is no news that a call to the model was tried again, but that it failed for good", () => {
    const error = { kind: "server", message: "broken" }
    const retried = [call("", { error }), call("I look.")]
    expect(storyOf([step(1, { calls: retried })], working).phases[0]?.items).toEqual([])
    expect(storyOf([step(1, { calls: [call("", { error })] })], working).phases[0]?.items).toMatchObject([
      { kind: "finding", text: "The model did not answer: broken" }
    ])
  })

  it("is what a watcher has seen and the membrane has refused", () => {
    const notes = [
      note(1, "watcher.signal", { message: "Nothing moves", kind: "stalled" }),
      note(2, "membrane.refused", { act: "path", target: "/etc", reason: "outside" }),
      note(3, "run.resumed", { reason: "asked to", attempt: 0 })
    ]
    expect(storyOf([step(1, { notes })], working).phases[0]?.items.map(({ kind }) => kind)).toEqual([
      "finding",
      "finding"
    ])
  })
})

describe("a conductor's story", () => {
  const part = (
    id: string,
    status: NonNullable<RunDetail["plan"]>["parts"][number]["status"],
    task_id: string | null
  ) => ({
    id,
    objective: `do ${id}`,
    agent: "code",
    after: [],
    status,
    task_id
  })
  const task = { part_id: "a", agent: "code", objective: "do a", started_at: time(11), deadline: null }

  it("has the parts of the plan after the phase that made it", () => {
    const story = storyOf(
      [
        step(1, {
          calls: [call("I plan.")],
          notes: [note(5, "run.plan_set", { parts: [1, 2], by: "conductor", call_id: "c" })]
        }),
        step(2, {
          calls: [call("I sum it up.")],
          notes: [note(6, "worker.task.completed", { task_id: "r1", finished_at: time(30) })]
        })
      ],
      {
        ...working,
        plan: { revision: 1, by: "conductor", parts: [part("a", "completed", "r1"), part("b", "waiting", null)] },
        tasks: [{ ...task, task_id: "r1", status: "completed", output: "Found it. It was there." }]
      }
    )
    expect(story.phases.map(({ heading, status, words }) => [heading, status, words])).toEqual([
      ["I plan", "done", ""],
      ["do a", "done", "Found it. It was there."],
      ["do b", "queued", ""],
      ["I sum it up", "working", ""]
    ])
    expect(story.phases[1]).toMatchObject({
      work: { agent: "code", run_id: "r1" },
      started_at: time(11),
      ended_at: time(30)
    })
  })

  it("tells no part as to come when the run is over", () => {
    const plan = { revision: 1, by: "conductor", parts: [part("a", "open", "r1"), part("b", "blocked", null)] }
    const story = storyOf([step(1)], { ...done, phase: "failed", plan })
    expect(story.phases.map(({ heading, status }) => [heading, status])).toContainEqual(["do a", "stopped"])
    expect(story.phases.find(({ heading }) => heading === "do b")?.words).toBe("A part before it has not succeeded.")
  })
})

it.each([
  ["npm test", true],
  ["cd app && npm run build", true],
  ["npx vitest run src", true],
  ["python3 -m pytest -q", true],
  ["cargo test --all", true],
  ["make", true],
  ["ls", false],
  ["echo npm-test", false],
  ["cat Makefile", false],
  ["git commit -m 'make it so'", false]
])("%s is a check: %s", (command, is) => {
  expect(isCheck(run(command))).toBe(is)
})
