/** One contract for every driver. */
import { createHash } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import * as path from "node:path"
import { stripVTControlCharacters } from "node:util"
import { expect, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { Jail } from "./Jail.ts"
import type { Process } from "./JailProcesses.ts"
import type { Attachment } from "./JailTerminals.ts"
import { type Ground, ground, jailOn } from "./testing.ts"

class Place extends Context.Service<Place, Ground>()("test/Place") {}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
const bytes = (value: string) => Buffer.from(value)
const sha256 = (value: string | Uint8Array) => createHash("sha256").update(value).digest("hex")

/** Waits until the terminal shows it: on the screen that an attachment begins with, or in what follows. */
const shows = (id: string, wanted: RegExp) =>
  Effect.gen(function* () {
    const { ptys } = yield* Jail
    const attached = yield* ptys.attach(id)
    const seen = yield* attached.output.pipe(
      Stream.scan(
        () => attached.screen,
        (shown, item) => (item.kind === "output" ? shown + item.data : shown)
      ),
      Stream.takeUntil((shown) => wanted.test(shown)),
      Stream.runLast
    )
    return Option.getOrElse(seen, () => "")
  }).pipe(Effect.scoped)

const outputOf = (process: Process) =>
  process.output.pipe(
    Stream.runFold(
      () => ({ stdout: "", stderr: "", exit: undefined as number | null | undefined }),
      (all, item) =>
        item.kind === "exit"
          ? { ...all, exit: item.code }
          : { ...all, [item.stream]: all[item.stream] + text(item.data) }
    )
  )

const run = Effect.fnUntraced(function* (script: string) {
  const jail = yield* Jail
  const process = yield* jail.spawn({ argv: ["bash", "-c", script] })
  return yield* outputOf(process)
})

for (const driver of ["bubblewrap", "none"] as const) {
  const place = Layer.effect(Place, ground())
  const jail = Layer.unwrap(Effect.map(Place, (on) => jailOn(on, driver))).pipe(Layer.provideMerge(place))

  layer(jail, { timeout: 30_000 })(`a jail with driver ${driver}`, (it) => {
    it.effect("says what it is", () =>
      Effect.gen(function* () {
        const { status } = yield* Jail
        expect(status.driver).toBe(driver)
        expect(status.active).toBe(driver === "bubblewrap")
        expect(status.reason === null).toBe(status.active)
      })
    )

    it.effect("writes, reads, lists, moves and removes", () =>
      Effect.gen(function* () {
        const { files, status } = yield* Jail
        const on = yield* Place
        const written = yield* files.write("deep/er/file.txt", bytes("héllo"), { mkdirs: true })
        expect(written).toMatchObject({ path: `${status.workspace}/deep/er/file.txt`, size: 6, replaced: null })
        expect(written.hash).toBe(sha256("héllo"))
        expect(readFileSync(path.join(on.workspace, "deep/er/file.txt"), "utf8")).toBe("héllo")

        const read = yield* files.read("deep/er/file.txt")
        expect(text(read.bytes)).toBe("héllo")
        expect(read.hash).toBe(written.hash)

        yield* files.move("deep/er/file.txt", "deep/moved.txt")
        const listed = yield* files.list("deep", { recursive: true })
        expect(listed.entries.map((entry) => [entry.path, entry.kind])).toEqual([
          [`${status.workspace}/deep/er`, "directory"],
          [`${status.workspace}/deep/moved.txt`, "file"]
        ])
        expect((yield* files.stat("deep/moved.txt")).size).toBe(6)

        expect(yield* Effect.flip(files.remove("deep"))).toMatchObject({ reason: "not_empty" })
        yield* files.remove("deep", { recursive: true })
        expect(yield* Effect.flip(files.stat("deep"))).toMatchObject({ _tag: "Jail.FileFailure", reason: "not_found" })
      })
    )

    it.effect("a write over something else than expected is a conflict that shows what is there", () =>
      Effect.gen(function* () {
        const { files } = yield* Jail
        const first = yield* files.write("conditional", bytes("one"), { expectedHash: null })
        const again = yield* Effect.flip(files.write("conditional", bytes("two"), { expectedHash: null }))
        expect(again._tag).toBe("Jail.FileConflict")

        const second = yield* files.write("conditional", bytes("two"), { expectedHash: first.hash })
        expect(second.replaced).toBe(first.hash)
        const stale = yield* Effect.flip(files.write("conditional", bytes("three"), { expectedHash: first.hash }))
        if (stale._tag !== "Jail.FileConflict") throw stale
        expect(stale.latest?.hash).toBe(second.hash)
        expect(text(stale.latest?.bytes ?? bytes(""))).toBe("two")

        yield* files.remove("conditional")
        expect(
          yield* Effect.flip(files.write("conditional", bytes("four"), { expectedHash: second.hash }))
        ).toMatchObject({
          latest: null
        })
      })
    )

    it.effect("of many racing conditional writes exactly one wins", () =>
      Effect.gen(function* () {
        const { files } = yield* Jail
        const base = yield* files.write("raced", bytes("base"))
        for (const expectedHash of [base.hash, null]) {
          if (expectedHash === null) yield* files.remove("raced")
          const exits = yield* Effect.all(
            Array.from({ length: 20 }, (_, index) =>
              Effect.exit(files.write("raced", bytes(`writer ${index}`), { expectedHash }))
            ),
            { concurrency: "unbounded" }
          )
          expect(exits.filter(Exit.isSuccess)).toHaveLength(1)
        }
      })
    )

    it.effect("keeps the mode of what it writes over, and leaves no temporary file", () =>
      Effect.gen(function* () {
        const { files } = yield* Jail
        yield* files.write("modes/script.sh", bytes("#!/bin/sh\n"), { mkdirs: true })
        yield* run("chmod 750 modes/script.sh")
        yield* files.write("modes/script.sh", bytes("#!/bin/sh\necho\n"))
        expect((yield* files.stat("modes/script.sh")).mode).toBe(0o750)
        expect((yield* run("ls -A modes")).stdout).toBe("script.sh\n")
      })
    )

    it.effect("refuses every path that leads out of the workspace", () =>
      Effect.gen(function* () {
        const { files } = yield* Jail
        const on = yield* Place
        writeFileSync(path.join(on.folder, "secret"), "secret", { mode: 0o644 })
        yield* files.mkdir("links", { recursive: true })
        yield* run(
          "ln -s /etc/passwd links/passwd; ln -s / links/root; ln -s .. links/up; ln -s ../.. links/out; ln -s /nowhere links/dangling"
        )
        const bad = [
          "..",
          "../secret",
          "/etc/passwd",
          "links/passwd",
          "links/root/etc/passwd",
          "links/out/secret",
          "a\0b"
        ]
        for (const given of bad) {
          const operations = [
            files.read(given),
            files.stat(given),
            files.list(given),
            files.write(given, bytes("x")),
            files.mkdir(`${given}/made`, { recursive: true }),
            files.move("links/up", `${given}/moved`),
            files.remove(`${given}/gone`, { recursive: true }),
            files.search({ pattern: "root", path: given })
          ]
          for (const [index, operation] of operations.entries()) {
            const failure = yield* Effect.flip<unknown, unknown, never>(operation)
            expect(failure, `${given} ${index}`).toMatchObject({ _tag: "Jail.FileFailure" })
            if (!given.includes("\0")) {
              const reason = index >= 4 && given.endsWith("passwd") ? /outside|not_directory/ : /outside/
              expect(failure, `${given} ${index}`).toMatchObject({ reason: expect.stringMatching(reason) })
            }
          }
        }
        expect(yield* Effect.flip(files.write("links/dangling", bytes("x")))).toMatchObject({ reason: "outside" })
        // A link that stays inside is fine, and the file has one identity.
        expect((yield* files.list("links/up")).path).toBe((yield* Jail).status.workspace)
        yield* files.remove("links", { recursive: true })
        expect(readFileSync(path.join(on.folder, "secret"), "utf8")).toBe("secret")
      })
    )

    it.effect("a file that links lead to has one real path", () =>
      Effect.gen(function* () {
        const { files, status } = yield* Jail
        yield* files.write("one/real.txt", bytes("a"), { mkdirs: true })
        yield* run("ln -s real.txt one/alias; ln -s one two")
        const written = yield* files.write("two/alias", bytes("b"))
        expect(written.path).toBe(`${status.workspace}/one/real.txt`)
        expect(text((yield* files.read("one/real.txt")).bytes)).toBe("b")
        expect((yield* files.read("two/alias")).path).toBe(written.path)
      })
    )

    it.effect("reads a part of a large file with the hash of the whole", () =>
      Effect.gen(function* () {
        const { files } = yield* Jail
        const whole = Buffer.alloc(5_000_000, "0123456789abcdef")
        yield* files.write("large", whole)
        const part = yield* files.read("large", { offset: 4_999_990, limit: 100 })
        expect(part.size).toBe(5_000_000)
        expect(text(part.bytes)).toBe(whole.subarray(4_999_990).toString())
        expect(part.hash).toBe(sha256(whole))
      })
    )

    it.effect("doesn't hang on what is no file", () =>
      Effect.gen(function* () {
        const { files } = yield* Jail
        yield* run("mkfifo pipe")
        expect(yield* Effect.flip(files.read("pipe"))).toMatchObject({ reason: "not_file" })
        expect(yield* Effect.flip(files.read("."))).toMatchObject({ reason: "is_directory" })
        expect(yield* Effect.flip(files.remove(".", { recursive: true }))).toMatchObject({ reason: "denied" })
      })
    )

    it.effect("a listing is cut where it is asked to be", () =>
      Effect.gen(function* () {
        const { files } = yield* Jail
        yield* run("mkdir -p many/node_modules many/b; touch many/{1..20} many/node_modules/x many/b/x")
        const cut = yield* files.list("many", { recursive: true, limit: 5 })
        expect(cut.entries).toHaveLength(5)
        expect(cut.truncated).toBe(true)
        const whole = yield* files.list("many", { recursive: true, skip: ["node_modules"] })
        expect(whole.entries).toHaveLength(22)
        expect(whole.truncated).toBe(false)
      })
    )

    it.effect("finds text, with line and column", () =>
      Effect.gen(function* () {
        const { files, status } = yield* Jail
        yield* files.write("found/a.ts", bytes("first\nthe needle here\n"), { mkdirs: true })
        yield* files.write("found/b.md", bytes("Needle\n"))
        yield* files.write("found/node_modules/c.ts", bytes("needle\n"), { mkdirs: true })
        const inTs = yield* files.search({ pattern: "ne+dle", path: "found", glob: "*.ts" })
        expect(inTs.matches).toEqual([
          { path: `${status.workspace}/found/a.ts`, line: 2, column: 5, text: "the needle here" }
        ])
        const all = yield* files.search({ pattern: "needle", path: "found", ignoreCase: true, literal: true })
        expect(all.matches).toHaveLength(2)
        expect((yield* files.search({ pattern: "needle", path: "found", ignoreCase: true, limit: 1 })).truncated).toBe(
          true
        )
        expect(yield* Effect.flip(files.search({ pattern: "(", path: "found" }))).toMatchObject({ reason: "invalid" })
      })
    )

    it.effect("runs a command with both outputs, its exit in place and no input", () =>
      Effect.gen(function* () {
        expect(yield* run("echo out; echo err >/dev/stderr; cat; exit 3")).toEqual({
          stdout: "out\n",
          stderr: "err\n",
          exit: 3
        })
        const { stdout } = yield* run("test -p /dev/stdout && echo pipe; pwd")
        expect(stdout).toBe(`pipe\n${(yield* Jail).status.workspace}\n`)
      })
    )

    it.effect("a command has the variables that it was given, and none of the server's", () =>
      Effect.gen(function* () {
        const jail = yield* Jail
        process.env.CHOIR_TEST_SECRET = "secret"
        const child = yield* jail.spawn({ argv: ["env"], env: { GIVEN: "1" }, cwd: "/" })
        const { stdout } = yield* outputOf(child)
        expect(stdout).toContain("GIVEN=1\n")
        expect(stdout).not.toContain("secret")
      })
    )

    it.effect("the exit is told while a background child still holds the output", () =>
      Effect.gen(function* () {
        const jail = yield* Jail
        const child = yield* jail.spawn({ argv: ["bash", "-c", "sleep 1000 & echo started; exit 4"] })
        const before = yield* child.output.pipe(
          Stream.takeUntil((item) => item.kind === "exit"),
          Stream.runCollect
        )
        expect(before.map((item) => (item.kind === "exit" ? item.code : text(item.data)))).toEqual(["started\n", 4])
        expect(yield* child.exit).toEqual({ code: 4, signal: null })
        expect(yield* child.groupAlive).toBe(true)
        yield* child.kill()
        yield* child.closed
        expect(yield* child.groupAlive).toBe(false)
      })
    )

    it.effect("kills the whole group, also what ignores SIGTERM", () =>
      Effect.gen(function* () {
        const jail = yield* Jail
        const child = yield* jail.spawn({
          argv: ["bash", "-c", "trap '' TERM; (trap '' TERM; echo up; sleep 1000) & wait"]
        })
        yield* child.output.pipe(Stream.take(1), Stream.runDrain)
        yield* child.kill(undefined, { graceMs: 100 })
        expect(yield* child.exit).toEqual({ code: null, signal: "SIGKILL" })
        yield* child.closed
        expect(yield* child.groupAlive).toBe(false)
      })
    )

    it.effect("a command that can't start says why", () =>
      Effect.gen(function* () {
        const jail = yield* Jail
        const failure = yield* Effect.flip(jail.spawn({ argv: ["no-such-command"] }))
        expect(failure).toMatchObject({ _tag: "Jail.SpawnFailure", command: "no-such-command" })
        expect(failure.message).toContain("no-such-command")
      })
    )

    it.effect("a slow reader gets all of a large output", () =>
      Effect.gen(function* () {
        const jail = yield* Jail
        const child = yield* jail.spawn({
          argv: ["bash", "-c", "head -c 20000000 /dev/zero | tr '\\0' x; echo end >&2"]
        })
        const sum = yield* child.output.pipe(
          Stream.runFold(
            () => 0,
            (total, item) => (item.kind === "output" && item.stream === "stdout" ? total + item.data.length : total)
          )
        )
        expect(sum).toBe(20_000_000)
      })
    )

    it.effect("output that nobody wants holds nobody up", () =>
      Effect.gen(function* () {
        const jail = yield* Jail
        const child = yield* jail.spawn({ argv: ["bash", "-c", "head -c 20000000 /dev/zero; echo done > discarded"] })
        yield* child.discard
        const waited = yield* jail.spawn({
          argv: ["bash", "-c", "until test -s discarded; do sleep 0.02; done; cat discarded"]
        })
        expect((yield* outputOf(waited)).stdout).toBe("done\n")
      })
    )

    it.effect("a terminal is opened once, however many ask at once", () =>
      Effect.gen(function* () {
        const { ptys } = yield* Jail
        const opened = yield* Effect.all(
          Array.from({ length: 20 }, () => ptys.open({ id: "once", argv: ["bash"] })),
          { concurrency: "unbounded" }
        )
        expect(opened.filter(({ created }) => created)).toHaveLength(1)
        expect(new Set(opened.map(({ pid }) => pid)).size).toBe(1)
        yield* ptys.close("once")
        expect(yield* ptys.info("once")).toBe(null)
      })
    )

    it.effect("a terminal has a size, job control and Ctrl-C", () =>
      Effect.gen(function* () {
        const { ptys } = yield* Jail
        yield* ptys.open({ id: "tty", argv: ["bash", "--norc"], env: { PS1: "prompt>" }, cols: 90, rows: 30 })
        yield* ptys.write("tty", "stty size; sleep 1000\r")
        yield* shows("tty", /30 90/)
        expect(yield* ptys.resize("tty", 0, 0)).toEqual({ cols: 90, rows: 30 })
        expect(yield* ptys.resize("tty", 1, 50)).toEqual({ cols: 2, rows: 50 })
        yield* ptys.resize("tty", 100, 40)
        yield* ptys.write("tty", "\x03")
        yield* shows("tty", /\^C[\s\S]*prompt>/)
        yield* ptys.write("tty", "clear; stty size; set -m; sleep 1000 & kill %1; echo job-$((40+2))\r")
        yield* shows("tty", /40 100[\s\S]*job-42[\s\S]*prompt>/)
        const attached = yield* ptys.attach("tty")
        yield* ptys.write("tty", "exit 7\r")
        const exit = yield* attached.output.pipe(
          Stream.filter((item) => item.kind === "exit"),
          Stream.runHead
        )
        expect(Option.getOrThrow(exit)).toEqual({ kind: "exit", code: 7, signal: null })
        expect(yield* ptys.info("tty")).toMatchObject({ running: false, exit: { code: 7, signal: null } })
        yield* ptys.close("tty")
      })
    )

    it.effect("every program's end is told", () =>
      Effect.gen(function* () {
        const { ptys } = yield* Jail
        const first = yield* Effect.forkScoped(Stream.runHead(Stream.filter(ptys.exits, ({ id }) => id === "ends")))
        yield* Effect.yieldNow
        yield* ptys.open({ id: "ends", argv: ["sh", "-c", "exit 5"] })
        expect(Option.getOrThrow(yield* Fiber.join(first)).exit).toEqual({ code: 5, signal: null })
        // The same terminal takes another program, and its offsets go on.
        const { offset } = yield* ptys.feed("ends", "between")
        const second = yield* ptys.open({ id: "ends", argv: ["sh", "-c", "exit 0"] })
        expect(second.created).toBe(true)
        expect(offset).toBeGreaterThanOrEqual(7)
        yield* ptys.close("ends")
      })
    )

    it.effect("an attachment begins where its screen ends, while the terminal is written to", () =>
      Effect.gen(function* () {
        const { ptys } = yield* Jail
        const count = 30_000
        yield* ptys.open({
          id: "seam",
          argv: ["bash", "-c", `seq -f 'line %.0f é' 1 ${count}; echo the-end`],
          cols: 40
        })
        for (let round = 0; round < 5; round++) {
          const attached = yield* ptys.attach("seam")
          const items = yield* attached.output.pipe(
            Stream.takeUntil((item) => item.kind === "exit"),
            Stream.runCollect
          )
          let offset = attached.offset
          let rest = ""
          for (const item of items) {
            if (item.kind !== "output") continue
            expect(item.offset).toBe(offset)
            offset += Buffer.byteLength(item.data)
            rest += item.data
          }
          expect(rest).not.toContain("�")
          // A screen that was taken in the middle of a line ends with where its cursor stands.
          const shown = stripVTControlCharacters(`${attached.screen}${rest}`)
          const lines = shown.split("\n").flatMap((line) => /line (\d+) é/.exec(line)?.[1] ?? [])
          const numbers = lines.map(Number)
          const last = numbers.at(-1) ?? 0
          expect(last).toBe(count)
          // No line is missing or twice from the first that the scrollback still holds.
          expect(numbers).toEqual(
            Array.from({ length: numbers.length }, (_, index) => last - numbers.length + 1 + index)
          )
          if (items.some((item) => item.kind === "exit")) break
        }
        yield* ptys.close("seam")
      })
    )

    it.effect("text from elsewhere is shown in a terminal with and without a program", () =>
      Effect.gen(function* () {
        const { ptys } = yield* Jail
        yield* ptys.feed("mirror", "\x1b[1mhello\x1b[0m \x1b]7;file://host/some/where\x07")
        yield* ptys.feed("mirror", "wörld")
        yield* shows("mirror", /hello.*wörld/)
        const again = yield* ptys.attach("mirror")
        expect(again.cwd).toBe("/some/where")
        expect(again.running).toBe(false)
        expect(yield* Effect.flip(ptys.write("mirror", "x"))).toMatchObject({ reason: "not_running" })
        yield* ptys.close("mirror")
        expect(yield* Effect.flip(ptys.attach("mirror"))).toMatchObject({ reason: "no_terminal" })
      })
    )

    it.effect("mirrored text can't type into the program, its own queries are answered", () =>
      Effect.gen(function* () {
        const { ptys } = yield* Jail
        const script = "stty raw -echo; printf ready; IFS= read -r -d R -t 5 reply; printf 'got:%q:' \"$reply\""
        yield* ptys.open({ id: "query", argv: ["bash", "-c", `printf '\\e[6n'; ${script}`] })
        expect(yield* shows("query", /got:.*:/)).toContain("[1;1")
        yield* ptys.close("query")

        yield* ptys.open({ id: "query", argv: ["bash", "-c", script.replace("-t 5", "-t 0.3")] })
        yield* shows("query", /ready/)
        yield* ptys.feed("query", "\x1b[6n\x1b[c")
        expect(yield* shows("query", /got:.*:/)).toContain("got:'':")
        yield* ptys.close("query")
      })
    )

    it.effect("kill ends a whole session, stubborn members too", () =>
      Effect.gen(function* () {
        const { ptys } = yield* Jail
        yield* ptys.open({
          id: "stubborn",
          argv: [
            "bash",
            "-m",
            "-c",
            "trap '' HUP TERM; (trap '' HUP TERM; exec sleep 7654) & echo up; while :; do sleep 1; done"
          ]
        })
        yield* shows("stubborn", /up/)
        expect(yield* ptys.kill("stubborn", { graceMs: 200 })).toEqual({ code: null, signal: "SIGKILL" })
        expect((yield* run("pgrep -f 'sleep 765[4]' || echo none")).stdout).toBe("none\n")
        yield* ptys.close("stubborn")
      })
    )

    it.effect("Ctrl-C gets through a flood", () =>
      Effect.gen(function* () {
        const { ptys } = yield* Jail
        yield* ptys.open({ id: "flood", argv: ["bash", "--norc"] })
        const attached = yield* ptys.attach("flood")
        yield* ptys.write("flood", "yes flooding; echo over-$((1+1))\r")
        const watching = yield* Effect.forkScoped(textUntilTail(attached, "over-2"))
        yield* ptys.attach("flood").pipe(
          Effect.flatMap((other) => Stream.runDrain(Stream.take(other.output, 20))),
          Effect.scoped
        )
        yield* ptys.write("flood", "\x03")
        yield* ptys.write("flood", "echo over-$((1+1))\r")
        yield* Fiber.join(watching)
        yield* ptys.close("flood")
      })
    )

    it.effect("a viewer that doesn't read gets a fresh screen, and holds up nobody", () =>
      Effect.gen(function* () {
        const { ptys } = yield* Jail
        yield* ptys.open({ id: "slow", argv: ["bash", "-c", "read; seq 1 1000000; echo the-end; read"] })
        const slow = yield* ptys.attach("slow")
        const fast = yield* ptys.attach("slow")
        const watching = yield* Effect.forkScoped(textUntilTail(fast, "the-end"))
        yield* ptys.write("slow", "\r")
        yield* Fiber.join(watching)
        const seen = yield* slow.output.pipe(
          Stream.scan(
            () => ({ fresh: false, tail: "" }),
            (state, item) => {
              if (item.kind === "resync") return { fresh: true, tail: item.screen.slice(-4096) }
              return item.kind === "output" ? { ...state, tail: (state.tail + item.data).slice(-4096) } : state
            }
          ),
          Stream.takeUntil(({ tail }) => tail.includes("the-end")),
          Stream.runLast
        )
        expect(Option.getOrThrow(seen).fresh).toBe(true)
        yield* ptys.close("slow")
      })
    )

    it.effect("200 terminals come and go and leave nothing", () =>
      Effect.gen(function* () {
        const { ptys } = yield* Jail
        const host = (yield* run("ps -o ppid= -p $$")).stdout.trim()
        const count = run(`ls /proc/${host}/task | wc -l; ps --no-headers -e -o ppid= | grep -c '^ *${host}$'`)
        yield* ptys.open({ id: "warm", argv: ["sh"] })
        yield* ptys.close("warm")
        const before = yield* count
        for (let round = 0; round < 200; round++) {
          yield* ptys.open({ id: `round-${round}`, argv: ["sh", "-c", round % 2 === 0 ? "exit 0" : "sleep 1000"] })
          yield* ptys.close(`round-${round}`)
        }
        expect((yield* ptys.list).filter(({ id }) => id.startsWith("round"))).toEqual([])
        expect((yield* count).stdout).toBe(before.stdout)
        // A new descriptor takes the lowest free number: it stays low only if none was left open.
        yield* ptys.open({ id: "last", argv: ["sh", "-c", "ls /dev/pts; read x"] })
        const shown = yield* shows("last", /ptmx/)
        expect(shown.match(/\b\d+\b/g)?.length ?? 0).toBeLessThan(20)
        yield* ptys.close("last")
      })
    )
  })
}

/** Like `textUntil`, but keeps the end alone: for floods. */
const textUntilTail = (attachment: Pick<Attachment, "output">, wanted: string) =>
  attachment.output.pipe(
    Stream.scan(
      () => "",
      (tail, item) => (item.kind === "output" ? (tail + item.data).slice(-4096) : tail)
    ),
    Stream.takeUntil((tail) => tail.includes(wanted)),
    Stream.runDrain
  )
