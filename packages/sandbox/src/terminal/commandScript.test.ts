import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import * as Path from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { commandArgv } from "./commandScript.ts"
import { shellArgv } from "./shellScript.ts"

let home = ""
let calls = 0
beforeEach(() => {
  home = mkdtempSync(Path.join(tmpdir(), "cc-"))
  mkdirSync(Path.join(home, "a folder\nof 'two' lines"))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const env = (more: Record<string, string> = {}) => ({
  HOME: home,
  PATH: process.env.PATH ?? "",
  GIVEN: "given",
  ...more
})

const start = ([program = "", ...args]: ReadonlyArray<string>, more?: Record<string, string>) => {
  const { status, stderr, stdout } = spawnSync(program, args, { cwd: home, env: env(more), encoding: "utf8" })
  expect(stderr).toBe("")
  return { status, stdout }
}

const run = (command: string, more?: Record<string, string>) =>
  start(commandArgv("a terminal", command, `call ${++calls}`), more)

it("carries the folder and what is exported over, and nothing else", () => {
  run(`cd "a folder
of 'two' lines"; export WORDS='two lines
"quoted" $HOME \`date\` \\ end'; LOCAL=no; export GIVEN=changed; exit 3`)

  const next = run(`pwd; printf '<%s>' "$WORDS" "\${LOCAL-unset}" "$GIVEN" "$#"`)

  expect(next.stdout).toBe(
    `${home}/a folder\nof 'two' lines\n<two lines\n"quoted" $HOME \`date\` \\ end><unset><changed><0>`
  )
  expect(next.status).toBe(0)
})

it.each([
  ["exit 3", 3],
  ["set -e; false; cd /", 1],
  ["set -u; echo $NOT_THERE; cd /", 127],
  ["set -x; (exit 4)", 4],
  ["kill -TERM $$", null],
  ["echo 'no end", 2],
  ["trap 'echo bye' EXIT; (exit 5)", 5],
  ["set -C; set -f; IFS=,; shopt -s extglob; false", 1],
  ["f() { return 9; }; export -f f; f", 9]
])("is left behind by: %s", (end, status) => {
  const first = run(`cd /usr; export LEFT=here; ${end}`)

  expect(first.status).toBe(status)
  // A syntax error is found before anything of the command runs.
  if (status !== 2) expect(run("pwd; echo $LEFT").stdout).toBe("/usr\nhere\n")
})

it("forgets what was unset, and takes what the jail gives anew", () => {
  run("unset GIVEN; export MINE=1")

  expect(run("printenv GIVEN || echo unset; echo $MINE $LATER", { LATER: "fresh" }).stdout).toBe("unset\n1 fresh\n")
})

it("does not let an older command, which still runs, write over a newer one's state", () => {
  const quoted = (argv: ReadonlyArray<string>) => argv.map((part) => `'${part.replaceAll("'", "'\\''")}'`).join(" ")
  const older = commandArgv("a terminal", "cd /tmp; touch ~/begun; while [ ! -e ~/go ]; do sleep 0.02; done", "older")
  const newer = commandArgv("a terminal", "cd /usr; export NEWER=1", "newer")
  const script = `${quoted(older)} & while [ ! -e ~/begun ]; do sleep 0.02; done; ${quoted(newer)}; touch ~/go; wait`

  start(["bash", "-c", script])

  expect(run("pwd; echo $NEWER").stdout).toBe("/usr\n1\n")
})

it("keeps both outputs in the order in which they were written", () => {
  expect(run("for i in 1 2 3; do echo out$i; echo err$i >&2; done").stdout).toBe("out1\nerr1\nout2\nerr2\nout3\nerr3\n")
})

it("says the command's own line in an error, and shows nothing of itself when it is traced", () => {
  expect(run("true\nno_such_program").stdout).toMatch(/^bash: line 2: no_such_program: command not found\n$/)
  expect(run("set -xv; true").stdout).toBe("++ true\n")
})

it("holds the output open while anything lives that it has started", () => {
  const { stdout } = run("(sleep 0.3; touch ~/late) > /dev/null 2>&1 & disown; echo started")

  // `run` waits for the end of the output.
  expect(stdout).toBe("started\n")
  expect(readdirSync(home)).toContain("late")
})

it("starts the user's shell where the last command left off", () => {
  const pwd = Path.join(home, "show")
  run(`cd "a folder
of 'two' lines"; printf '#!/bin/sh\\npwd\\n' > ${pwd}; chmod +x ${pwd}`)

  expect(start(shellArgv("a terminal", pwd, true)).stdout).toBe(`${home}/a folder\nof 'two' lines\n`)
  expect(start(shellArgv("another", pwd, true)).stdout).toBe(`${home}\n`)
})

it("keeps terminals apart, and their state from other users", () => {
  run("export SECRET=1")

  expect(start(commandArgv("another", "printenv SECRET || echo none", "call")).stdout).toBe("none\n")
  const folder = Path.join(home, ".choir")
  expect(readdirSync(folder).length).toBe(6)
  expect(readdirSync(folder).some((name) => readFileSync(Path.join(folder, name), "utf8").includes("SECRET"))).toBe(
    true
  )
})
