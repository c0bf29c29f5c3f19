/** What an agent shows to the user, in runs of the product's tree: the log, the desktop, and what the model is told. */
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { activeWindow, initialDesktop } from "@choiros/protocol"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Computer, payloadOf, startComputer } from "../../test/computer.ts"
import { Rules } from "../approvals/Rules.ts"
import { commandDesktop, getDesktop, userActs } from "../desktop/DesktopActor.ts"

type Args = Readonly<Record<string, unknown>>

/** A computer whose model makes these calls in one step, and then ends. */
const computerThat = (...calls: ReadonlyArray<Args>) =>
  startComputer({
    turns: [
      {
        when: { contains: "show", step: 0 },
        times: 2,
        answer: { tool_calls: calls.map((args) => ({ name: "ui", args })) }
      }
    ],
    default: { answer: { text: "Look." } }
  })

const put = ({ workspace }: Computer, path: string, content: string | Uint8Array) => {
  mkdirSync(dirname(join(workspace, path)), { recursive: true })
  writeFileSync(join(workspace, path), content)
}

/** Lets the agent do its calls, and gives what the model was told of each, in their order. */
const results = (computer: Computer, agent = "chat") =>
  Effect.gen(function* () {
    yield* agent === "chat" ? computer.say("show me") : computer.begin("show me", agent)
    yield* computer.logged("run.ended")
    const asked = (yield* computer.events({}, ["tool.call"])).map(payloadOf)
    const told = (yield* computer.events({}, ["tool.result"])).map(payloadOf)
    return asked.map(({ call_id }) => {
      const { error, output } = told.find((result) => result.call_id === call_id) ?? {}
      return String(output ?? error)
    })
  })

const shown = ({ tree }: Computer) => Effect.map(getDesktop(tree, "main"), ({ state }) => state)

describe("the tool ui", () => {
  it.live("opens windows and files where they belong, and tells the user, always in its name", () =>
    Effect.gen(function* () {
      const computer = yield* computerThat(
        { action: "open_window", app: "choir" },
        { action: "show_file", path: "src/a.ts", line: 12 },
        { action: "show_file", path: "chart.png" },
        { action: "show_file", path: "data.bin" },
        { action: "show_file", path: "src", title: "Sources" },
        { action: "open_window", app: "run" },
        { action: "notify", title: "Tests pass", text: "All 12", level: "success" }
      )
      put(computer, "src/a.ts", "export const a = 1\n")
      put(computer, "chart.png", new Uint8Array([0x89, 0x50, 0]))
      put(computer, "data.bin", new Uint8Array([1, 0, 2]))

      expect((yield* results(computer)).sort()).toEqual([
        "Opened Choir.",
        "Opened Editor (a.ts).",
        "Opened Files (Sources).",
        "Opened Run.",
        "Opened Viewer (chart.png).",
        "Opened Viewer (data.bin).",
        "The user was told."
      ])

      const [started] = yield* computer.logged("run.started")
      const by = { agent: "chat", run_id: started?.run_id }
      const { windows } = yield* shown(computer)
      const at = (name: string) => join(computer.workspace, name)
      const opened = (app_id: string, props: object, title: string) => expect.objectContaining({ app_id, props, title })
      expect([...windows].sort((a, b) => a.app_id.localeCompare(b.app_id) || a.title.localeCompare(b.title))).toEqual([
        opened("choir", {}, "Choir"),
        opened("editor", { path: at("src/a.ts"), line: 12 }, "a.ts"),
        opened("files", { path: at("src") }, "Sources"),
        opened("run", { run_id: started?.run_id }, "Run"),
        opened("viewer", { path: at("chart.png") }, "chart.png"),
        opened("viewer", { path: at("data.bin") }, "data.bin")
      ])
      const events = yield* computer.events({ actor_id: "main" })
      for (const event of events) expect(payloadOf(event).by).toEqual(by)
      const notices = events.filter(({ event_type }) => event_type === "desktop.notified")
      expect(notices.map(({ payload }) => payload)).toEqual([
        { title: "Tests pass", text: "All 12", level: "success", by }
      ])
    })
  )

  it.live("says in words what can't be shown, and opens nothing then", () =>
    Effect.gen(function* () {
      const computer = yield* computerThat(
        { action: "open_window", app: "solitaire" },
        { action: "open_window" },
        { action: "open_window", app: "terminal", props: { command: "rm -rf ." } },
        { action: "show_file", path: "missing.ts" },
        { action: "show_file", path: "../../etc/passwd" },
        { action: "show_file" },
        { action: "notify", text: "no title" },
        { action: "close_window" },
        { action: "show_file", path: "a", line: 0 }
      )
      const told = (yield* results(computer)).join("\n")
      expect(told).toContain('There is no app "solitaire". There is chat, run, choir')
      expect(told).toContain("Say which app")
      expect(told).toContain('Terminal takes no prop "command" here')
      expect(told).toContain("There is no file missing.ts")
      expect(told).toContain("Say which file")
      expect(told).toContain("A notice needs a title")
      expect(told.match(/Invalid arguments for ui/g)).toHaveLength(2)
      expect(yield* shown(computer)).toEqual(initialDesktop)
      expect(yield* computer.events({ actor_id: "main" })).toEqual([])
    })
  )

  it.live("stays under what a user who acts looks at, and changes nothing that is open", () =>
    Effect.gen(function* () {
      const computer = yield* computerThat(
        { action: "open_window", app: "inbox" },
        { action: "show_file", path: "a.ts", line: 3 }
      )
      put(computer, "a.ts", "1\n2\n3\n")
      const path = join(computer.workspace, "a.ts")
      const open = { _tag: "Open", window_id: "mine", app_id: "editor", title: "a.ts", props: { path } } as const
      yield* commandDesktop(computer.tree, "main", open)
      // They go on for as long as the agent takes.
      yield* Effect.forkScoped(
        Effect.forever(Effect.andThen(userActs(computer.tree, "main"), Effect.sleep("100 millis")))
      )

      expect(yield* results(computer)).toEqual([
        "Opened Inbox under the window that the user is working in.",
        "Editor (a.ts) is open already, and was left as it is."
      ])
      const state = yield* shown(computer)
      expect(activeWindow(state)).toBe("mine")
      expect(state.windows.map(({ app_id, props }) => [app_id, props])).toEqual([
        ["inbox", {}],
        ["editor", { path }]
      ])
    })
  )

  it.live("shows no more than six windows and ten notices a minute", () =>
    Effect.gen(function* () {
      const windows = Array.from({ length: 8 }, () => ({ action: "open_window", app: "terminal" }))
      const notices = Array.from({ length: 12 }, (_, index) => ({ action: "notify", title: `Notice ${index}` }))
      const computer = yield* computerThat(...windows, ...notices)
      const told = yield* results(computer)
      const refused = told.filter((text) => text.startsWith("That is too much for the user"))
      expect(refused.filter((text) => text.includes("6 windows a minute"))).toHaveLength(2)
      expect(refused.filter((text) => text.includes("10 notices a minute"))).toHaveLength(2)
      expect((yield* shown(computer)).windows).toHaveLength(6)
      expect(yield* computer.events({}, ["desktop.notified"])).toHaveLength(10)
    })
  )

  it.live("asks nobody, also where the rules are careful: it changes nothing", () =>
    Effect.gen(function* () {
      const computer = yield* computerThat({ action: "open_window", app: "logs" })
      const rules = yield* Effect.provideContext(Rules, computer.context)
      yield* rules.write({ preset: "careful", revision: (yield* rules.view).revision }, "user")
      expect(yield* results(computer)).toEqual(["Opened Logs."])
      expect(yield* computer.events({}, ["approval.requested"])).toEqual([])
    })
  )

  it.live("is a tool like others: who does not have it, or may not read a file, shows nothing", () =>
    Effect.gen(function* () {
      const computer = yield* computerThat(
        { action: "show_file", path: "secret/plan.md" },
        { action: "open_window", app: "editor", props: { path: "secret/plan.md" } }
      )
      put(computer, "secret/plan.md", "x")
      put(
        computer,
        ".choir/agents/guide.md",
        "---\nname: guide\ndescription: Shows\ntools: [ui]\npermissions:\n  paths: { read: [docs/**] }\n---\nShow."
      )
      expect(yield* results(computer, "terminal")).toEqual([
        "refused: The agent terminal does not have the tool ui",
        "refused: The agent terminal does not have the tool ui"
      ])
      const guide = (yield* computer.agents.list).find(({ agent }) => agent.definition.name === "guide")
      yield* computer.agents.trust("guide", guide?.agent.hash ?? "", "me")
      yield* computer.begin("show me, guide", "guide")
      yield* computer.logged("run.ended", 2)
      const refusals = (yield* computer.events({}, ["membrane.refused"])).map(payloadOf)
      expect(refusals.filter(({ agent }) => agent === "guide")).toMatchObject([
        { act: "path", target: "secret/plan.md" },
        { act: "path", target: "secret/plan.md" }
      ])
      expect(yield* shown(computer)).toEqual(initialDesktop)
    })
  )

  it.live("has arguments that any provider takes: an object without alternatives at its top", () =>
    Effect.gen(function* () {
      const computer = yield* computerThat({ action: "open_window", app: "logs" })
      yield* results(computer)
      const { tools = [] } = Object(computer.model.requests[0]?.body)
      const ui = tools.find((tool: { readonly function: { readonly name: string } }) => tool.function.name === "ui")
      expect(ui.function.parameters).toMatchObject({ type: "object", required: ["action"] })
      expect(Object.keys(ui.function.parameters.properties)).toEqual([
        "action",
        "app",
        "props",
        "path",
        "line",
        "title",
        "text",
        "level"
      ])
      expect(JSON.stringify(ui.function.parameters)).not.toContain("$ref")
    })
  )
})
