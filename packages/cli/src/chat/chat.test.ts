import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { choir, freePort, startServer, type TestServer } from "../../test/product.ts"
import { openTerminal } from "../../test/terminal.ts"

const count = (text: string, part: string): number => text.split(part).length - 1

const script = {
  turns: [
    {
      when: { contains: "count" },
      times: 99,
      answer: { text: Array.from({ length: 40 }, (_, index) => `number-${index + 1}`).join(" ") },
      chunks: { size: 12, delay_ms: 40 }
    },
    {
      when: { contains: "hang" },
      times: 99,
      answer: { text: "I begin and then I fall silent" },
      chunks: { size: 6 },
      fail: { kind: "hang", after_chunks: 4 }
    },
    {
      when: { contains: "attack" },
      answer: { text: "before \u001b]0;owned\u0007\u001b[2J\u001b[31mred\u001b[0m \u202eafter\nnext" },
      chunks: { size: 3 }
    },
    {
      when: { contains: "markdown" },
      answer: { text: "# Title\n\nThis is **strong** and `code`.\n\n```\n  kept\n```" }
    }
  ],
  default: { answer: { text: "You said: {{user}}" } }
}

const openChat = (server: TestServer, ...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const terminal = yield* openTerminal(["chat", "--url", server.url, ...args])
    yield* terminal.until((screen) => screen.endsWith("›"))
    return terminal
  })

const eventsOf = (server: TestServer, type: string) =>
  Effect.map(server.json(`/events?type=${type}&limit=1000`), (reply) => JSON.stringify(reply))

it.live("an answer is shown as it comes, once, and Ctrl-D leaves", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const server = yield* startServer({ script })
      const terminal = yield* openChat(server)

      yield* terminal.type("count please\r")
      yield* terminal.until((screen) => screen.includes("number-3 ") && !screen.includes("number-40"))
      yield* terminal.until((screen) => screen.includes("number-40") && screen.endsWith("›"))

      const screen = terminal.screen()
      expect(count(screen, "› count please")).toBe(1)
      for (let index = 1; index <= 40; index++)
        expect(screen.match(new RegExp(`number-${index}\\b`, "g"))).toHaveLength(1)
      expect(screen.split("\n").every((row) => row.length < 80)).toBe(true)

      yield* terminal.type("\x04")
      expect(yield* terminal.exitCode).toBe(0)
      expect(terminal.raw().endsWith("\x1b[?2004l")).toBe(true)
    })
  )
)

it.live("Ctrl-C stops the turn and not the program, keeps the draft, and leaves only when pressed twice", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const server = yield* startServer({ script })
      const terminal = yield* openChat(server)

      yield* terminal.type("hang\r")
      yield* terminal.until((screen) => screen.includes("I begin") && screen.includes("Ctrl-C stops the turn"))
      yield* terminal.type("a draft")
      yield* terminal.type("\x03")
      yield* terminal.until((screen) => screen.includes("Stopped.") && screen.endsWith("› a draft"))
      expect(yield* eventsOf(server, "run.ended")).toContain('"outcome":"stopped"')

      yield* terminal.type("\r")
      yield* terminal.until((screen) => screen.includes("You said: a draft"))

      yield* terminal.type("second draft")
      yield* terminal.until((screen) => screen.endsWith("› second draft"))
      yield* terminal.type("\x03")
      yield* terminal.until((screen) => screen.endsWith("›"))
      yield* terminal.type("\x03")
      yield* terminal.until((screen) => screen.includes("Ctrl-C again leaves"))
      yield* terminal.type("x")
      yield* terminal.until((screen) => screen.endsWith("› x") && !screen.includes("again leaves"))
      yield* terminal.type("\x15\x03")
      yield* terminal.until((screen) => screen.includes("Ctrl-C again leaves"))
      yield* terminal.type("\x03")
      expect(yield* terminal.exitCode).toBe(0)
    })
  )
)

it.live("a server that is killed in mid-turn costs nothing that was typed, and nothing is told twice", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const server = yield* startServer({ script })
      const terminal = yield* openChat(server)

      yield* terminal.type("count please\r")
      yield* terminal.until((screen) => screen.includes("number-4 "))
      yield* server.kill
      yield* terminal.until((screen) => screen.includes("connection to the server is lost"))
      yield* terminal.type("typed meanwhile\r")
      yield* terminal.type("still a draft")
      yield* terminal.until((screen) => screen.endsWith("› still a draft"))
      yield* server.restart
      yield* terminal.until(
        (screen) =>
          screen.includes("number-40") &&
          screen.includes("You said: typed meanwhile") &&
          screen.endsWith("› still a draft")
      )

      const screen = terminal.screen()
      expect(count(screen, "The server is back.")).toBe(1)
      expect(count(screen, "› count please")).toBe(1)
      expect(count(screen, "› typed meanwhile")).toBe(1)
      expect(count(screen, "You said: typed meanwhile")).toBe(1)
      expect(count(screen, "number-40")).toBe(1)
      const log = yield* eventsOf(server, "chat.user_msg")
      expect(count(log, '"text":"typed meanwhile"')).toBe(1)
      expect(count(log, '"text":"count please"')).toBe(1)
    })
  )
)

it.live("a turn that an orderly stop has paused says so, and goes on with the next message", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const server = yield* startServer({ script })
      const terminal = yield* openChat(server)

      yield* terminal.type("hang\r")
      yield* terminal.until((screen) => screen.includes("I begin"))
      yield* server.stop
      yield* server.restart
      yield* terminal.until(
        (screen) => screen.includes("The server is back.") && screen.includes("paused · say something to go on")
      )
      expect(count(terminal.screen(), "Paused: The server was stopped")).toBe(1)
      yield* terminal.type("go on\r")
      yield* terminal.until((screen) => screen.includes("You said: go on") && screen.endsWith("›"))
      expect(count(terminal.screen(), "Paused: ")).toBe(1)
    })
  )
)

it.live("what a model says can't command the terminal", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const server = yield* startServer({ script })
      const terminal = yield* openChat(server)

      yield* terminal.type("attack\r")
      yield* terminal.until((screen) => screen.includes("next") && screen.endsWith("›"))

      expect(terminal.screen()).toContain("before red after\n  next")
      expect(terminal.screen()).toContain("› attack")
      expect(terminal.title()).toBe("")
      expect(terminal.raw()).not.toContain("\u202e")
      expect(terminal.raw()).not.toContain("\x1b[2J")
    })
  )
)

it.live("a paste of several lines is one message; what was said before comes back with the up key", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const server = yield* startServer({ script })
      const terminal = yield* openChat(server)

      yield* terminal.type("\x1b[200~first\nsecond\r\n  third\x1b[201~")
      yield* terminal.until((screen) => screen.endsWith("› first\n  second\n    third"))
      yield* terminal.type("\r")
      yield* terminal.until((screen) => screen.includes("You said: first") && screen.endsWith("›"))
      expect(yield* eventsOf(server, "chat.user_msg")).toContain(String.raw`"text":"first\nsecond\n  third"`)

      yield* terminal.type("\x1b[A")
      yield* terminal.until((screen) => screen.endsWith("› first\n  second\n    third"))
    })
  )
)

it.live(
  "a thread is shown briefly when it is opened; /new leaves it, and others' messages are seen with their text",
  () =>
    Effect.scoped(
      Effect.gen(function* () {
        const server = yield* startServer({ script })
        yield* choir(["chat", "--url", server.url, "--thread", "notes"], { input: "one\ntwo\nthree\nfour\n" })
        const terminal = yield* openChat(server, "--thread", "notes")
        expect(terminal.screen()).not.toContain("You said: one")
        expect(terminal.screen()).toContain("› two\n\n  You said: two\n\n› three")
        expect(terminal.screen()).toContain("You said: four")

        yield* choir(["chat", "--url", server.url, "--thread", "notes"], { input: "from elsewhere\n" })
        yield* terminal.until((screen) => screen.includes("You said: from elsewhere"))
        expect(count(terminal.screen(), "› from elsewhere")).toBe(1)

        yield* terminal.type("/new\r")
        yield* terminal.until((screen) => count(screen, "/help lists the commands") === 2 && screen.endsWith("›"))
        yield* terminal.type("in the new one\r")
        yield* terminal.until((screen) => screen.includes("You said: in the new one"))
        const log = yield* server.json("/chat/me/messages?session_id=session:me&thread_id=notes")
        expect(JSON.stringify(log)).not.toContain("in the new one")
      })
    )
)

it.live("tools are shown as they are called, with what came of them; commands with a slash are not messages", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const server = yield* startServer()
      const terminal = yield* openChat(server)

      yield* terminal.type("write hello.txt: hello there\r")
      yield* terminal.until((screen) => screen.includes("Done: write") && screen.endsWith("›"))
      yield* terminal.type("read nothing.txt\r")
      yield* terminal.until((screen) => screen.includes("it failed") && screen.endsWith("›"))
      expect(terminal.screen()).toMatch(/✔ write_file {2}hello\.txt {2}\d+ m?s\n {4}Wrote hello\.txt \(11 bytes\)/)
      expect(terminal.screen()).toMatch(/✖ read_file {2}nothing\.txt {2}\d+ m?s\n {4}There is no such file/)

      yield* terminal.type("/model nobody/nothing\r")
      yield* terminal.until((screen) => screen.includes("Invalid model: Unknown model: nobody/nothing"))
      yield* terminal.type("/model GLM47\r")
      yield* terminal.until((screen) => screen.includes("From now on GLM47 answers."))
      yield* terminal.type("/nope\r")
      yield* terminal.until((screen) => screen.includes("There is no command /nope"))
      yield* terminal.type("/stop\r")
      yield* terminal.until((screen) => screen.includes("Nothing is under way."))
      expect(yield* eventsOf(server, "chat.user_msg")).not.toContain("/nope")

      yield* terminal.type("/quit\r")
      expect(yield* terminal.exitCode).toBe(0)
    })
  )
)

it.live("the terminal may change its width at any time", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const server = yield* startServer({ script })
      const terminal = yield* openChat(server)
      yield* terminal.type("markdown\r")
      yield* terminal.until((screen) => screen.includes("kept") && screen.endsWith("›"))
      expect(terminal.screen()).toContain("  Title\n\n  This is strong and code.\n\n      kept")

      yield* terminal.type("a draft that is longer than forty columns are wide")
      yield* terminal.until((screen) => screen.endsWith("are wide"))
      yield* terminal.resize(40, 24)
      yield* terminal.until((screen) => screen.endsWith("› a draft that is longer than forty\n  columns are wide"))
      yield* terminal.resize(100, 30)
      yield* terminal.until((screen) => screen.endsWith("› a draft that is longer than forty columns are wide"))
      expect(count(terminal.screen(), "a draft")).toBe(1)
    })
  )
)

it.live("without a terminal it is plain text, line by line, each line a turn of its own", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const server = yield* startServer({ script })
      const { code, stderr, stdout } = yield* choir(["chat", "--url", server.url], { input: "one\n\nattack\n" })

      expect(stdout).toBe("› one\n\n  You said: one\n\n› attack\n\n  before red after\n  next\n")
      expect(stderr).toBe("")
      expect(code).toBe(0)
    })
  )
)

it.live("without a server: one sentence, and how to start it", () =>
  Effect.gen(function* () {
    const port = yield* freePort
    const { code, stderr, stdout } = yield* choir(["chat", "--url", `http://127.0.0.1:${port}`])

    expect(stderr).toBe(
      `No server is running at http://127.0.0.1:${port}: start one with \`npx choir up --port ${port}\`, or name another with --url.\n`
    )
    expect(stdout).toBe("")
    expect(code).toBe(3)
  })
)
