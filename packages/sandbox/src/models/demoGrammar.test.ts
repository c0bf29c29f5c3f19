import { describe, expect, it } from "@effect/vitest"
import { type DemoAct, parseDemo, parseTogether, phraseOf } from "./demoGrammar.ts"

const run = (command: string): DemoAct => ({ _tag: "Run", command })
const list = (path = "."): DemoAct => ({ _tag: "List", path })
const read = (path: string): DemoAct => ({ _tag: "Read", path })
const write = (path: string, content: string): DemoAct => ({ _tag: "Write", path, content })
const edit = (path: string, before: string, after: string): DemoAct => ({ _tag: "Edit", path, before, after })
const search = (text: string, path = "."): DemoAct => ({ _tag: "Search", text, path })

const show = (path: string, line: number | null = null): DemoAct => ({ _tag: "Show", path, line })

const understood: ReadonlyArray<[string, ReadonlyArray<DemoAct>]> = [
  ["$ ls -la | wc -l", [run("ls -la | wc -l")]],
  ["$ echo a and echo b; read c", [run("echo a and echo b; read c")]],
  ["$ cat <<'X'\nhello\nX", [run("cat <<'X'\nhello\nX")]],
  ["run npm test", [run("npm test")]],
  ["Run the command `git status`.", [run("git status")]],
  ["run make and make test", [run("make and make test")]],
  ["list files", [list()]],
  ["List the files in src/", [list("src/")]],
  ["please list all files in the workspace", [list()]],
  ["ls docs", [list("docs")]],
  ["what files are here?", [list()]],
  ["show me the files", [list()]],
  ["read README.md", [read("README.md")]],
  ["read the file notes/today.txt.", [read("notes/today.txt")]],
  ['cat "my file.txt"', [read("my file.txt")]],
  ['show "my file.txt"', [show("my file.txt")]],
  ["show me the file src/a.ts at line 12.", [show("src/a.ts", 12)]],
  ["open README.md", [show("README.md")]],
  ["open src/a.ts line 7", [show("src/a.ts", 7)]],
  ['show "terminal"', [show("terminal")]],
  ["open the terminal", [{ _tag: "Open", app: "terminal" }]],
  ["show me the Choir app", [{ _tag: "Open", app: "choir" }]],
  [
    "open files and then open the inbox",
    [
      { _tag: "Open", app: "files" },
      { _tag: "Open", app: "inbox" }
    ]
  ],
  ["notify me that the build is done.", [{ _tag: "Notify", text: "the build is done." }]],
  ["notify me: tests pass", [{ _tag: "Notify", text: "tests pass" }]],
  ["write hello.txt: Hello, world!", [write("hello.txt", "Hello, world!")]],
  ["write a.md: one\ntwo and read b", [write("a.md", "one\ntwo and read b")]],
  ['write "my notes.txt": one and read b', [write("my notes.txt", "one and read b")]],
  ['write "a and b" to c.txt', [write("c.txt", "a and b")]],
  ["write hello world to a.txt", [write("a.txt", "hello world")]],
  ["create notes.txt with some text", [write("notes.txt", "some text")]],
  ["write empty.txt:", [write("empty.txt", "")]],
  ['write a.json: "x", "y"', [write("a.json", '"x", "y"')]],
  ['write "one\ntwo" to a.txt.', [write("a.txt", "one\ntwo")]],
  ['write `say "hi"` to the file "my notes.txt"', [write("my notes.txt", 'say "hi"')]],
  ['run "a b" && "c d"', [run('"a b" && "c d"')]],
  ["run echo done.", [run("echo done.")]],
  ["edit a.txt: foo -> bar baz", [edit("a.txt", "foo", "bar baz")]],
  ['replace "x and y" with "z" in a.txt', [edit("a.txt", "x and y", "z")]],
  ["search files for TODO", [search("TODO")]],
  ["search for `a b` in src", [search("a b", "src")]],
  ["find needle in hay/", [search("needle", "hay/")]],
  ["grep needle", [search("needle")]],
  ["do list files and read a.txt and then $ pwd", [list(), read("a.txt"), run("pwd")]],
  ["list files, then run pwd", [list(), run("pwd")]],
  ["list files; read a.txt", [list(), read("a.txt")]],
  ["write “x” to a", [write("a", "“x”")]],
  ["ask me which colour you want", [{ _tag: "Ask", question: "which colour you want" }]],
  ['list files and then ask me: "go on?"', [list(), { _tag: "Ask", question: "go on?" }]],
  ["help", [{ _tag: "Help" }]],
  ["Hello!", [{ _tag: "Help" }]]
]

describe("the demo model's grammar", () => {
  it.each(understood)("%j", (message, acts) => {
    expect(parseDemo(message)).toEqual(acts)
  })

  it.each(understood)("%j is understood again from the words for it", (_, acts) => {
    for (const act of acts) expect(parseDemo(phraseOf(act))).toEqual([act])
  })

  it("tells what is to be done together, and what after it", () => {
    expect(parseTogether("please do list files and $ pwd, then read a.txt")).toEqual([
      { act: list(), later: false },
      { act: run("pwd"), later: false },
      { act: read("a.txt"), later: true }
    ])
    expect(parseTogether("list files and $ pwd")).toBeNull()
    expect(parseTogether("do list files and dance")).toBeNull()
  })

  it("takes a long text for a file as it is, and gives up on other long messages", () => {
    const long = "word and ".repeat(20_000)

    expect(parseDemo(`write a.txt: ${long}`)).toEqual([write("a.txt", long.trim())])
    expect(parseDemo(`write ${long}`)).toEqual([])
    expect(parseDemo(`$ echo ${long}`)).toEqual([run(`echo ${long.trim()}`)])
  })

  it.each(["", "   ", "$", "$ ", "do", "write", "read", "what is the meaning of life?", "do list files and dance"])(
    "%j is not understood",
    (message) => {
      expect(parseDemo(message)).toEqual([])
    }
  )
})
