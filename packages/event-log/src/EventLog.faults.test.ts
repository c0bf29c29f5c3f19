/** The log in a file when something goes wrong: killed processes, full disks, damaged files. */
import * as fs from "node:fs"
import { expect, it } from "@effect/vitest"
import { Array as Arr, Effect, Exit, Stream } from "effect"
import Database from "libsql"
import { appendProgram, ask, type Child, run } from "../test/child.ts"
import { catalog, note } from "../test/notes.ts"
import { temporaryFolder } from "../test/temporary.ts"
import { EventLog } from "./index.ts"

const logIn = (folder: string) =>
  EventLog.layer({ catalog, path: `${folder}/log.db`, blobs: `${folder}/blobs`, forkWriter: true })

const inLog = <A, E>(folder: string, body: (log: EventLog["Service"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(EventLog, body).pipe(Effect.provide(logIn(folder)))

const start = (
  folder: string,
  {
    args = [],
    env,
    prefix = []
  }: { args?: ReadonlyArray<string>; env?: Record<string, string>; prefix?: ReadonlyArray<string> } = {}
) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const [command = "", ...rest] = [...prefix, process.execPath, appendProgram, folder, ...args]
      return run(command, rest, env)
    }),
    (child) =>
      Effect.promise(() => {
        child.kill()
        return child.ended
      })
  )

const promise = <A>(evaluate: () => Promise<A>) => Effect.promise(evaluate)

/** Each append of the program is there whole, and its two events are side by side. Gives the ids by `seq`. */
const checkWhole = Effect.fnUntraced(function* (folder: string) {
  const events = yield* inLog(folder, (log) => Stream.runCollect(log.stream({})))
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
  expect(events.length % 2).toBe(0)
  for (let index = 0; index < events.length; index += 2) {
    const text = (at: number) => String(Reflect.get(Object(events[at]?.payload), "text"))
    expect(text(index).slice(0, 2)).toBe("a ")
    expect(text(index + 1)).toBe(`b ${text(index).slice(2)}`)
  }
  const db = new Database(`${folder}/log.db`)
  expect(db.prepare("PRAGMA integrity_check").all()).toMatchObject([{ integrity_check: "ok" }])
  db.close()
  return new Map(events.map((event) => [event.seq, event.event_id]))
})

const acknowledged = (child: Child) =>
  child.lines
    .filter((line) => line.startsWith("ack "))
    .map((line) => line.split(" "))
    // A line that the kill cut has fewer parts, or a shorter id.
    .filter((parts) => parts.length === 4 && parts[3]?.length === 26)

it.live(
  "kill -9 of a writing process, 50 times: what was acknowledged is there, nothing is half-written",
  () =>
    Effect.forEach(
      Arr.range(1, 2),
      Effect.fnUntraced(function* () {
        const folder = yield* temporaryFolder
        const env = { NODE_COMPILE_CACHE: `${folder}/compiled` }
        const acks: Array<ReadonlyArray<string>> = []
        for (let round = 0; round < 25; round++) {
          const child = yield* start(folder, { args: ["8"], env })
          yield* promise(() => child.line("ready"))
          // Somewhere in the middle of whatever it does then.
          const count = 1 + Math.floor(Math.random() * 80)
          for (let ack = 0; ack < count; ack++) yield* promise(() => child.line("ack"))
          child.kill()
          yield* promise(() => child.ended)
          const here = acknowledged(child)
          expect(here.length).toBeGreaterThan(0)
          acks.push(...here)
        }
        const ids = yield* checkWhole(folder)
        for (const [, seq, one, two] of acks) {
          expect(ids.get(Number(seq))).toBe(one)
          expect(ids.get(Number(seq) + 1)).toBe(two)
        }
      }, Effect.scoped),
      { concurrency: 2, discard: true }
    ),
  180_000
)

it.live("one sync a commit, and one commit for what waits, counted by strace", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const trace = `${folder}/trace`
    const prefix = ["strace", "-f", "-y", "-o", trace, "-e", "trace=fsync,fdatasync"]
    const child = yield* start(folder, { prefix })
    yield* promise(() => child.line("ready"))
    const syncs = () =>
      fs
        .readFileSync(trace, "utf8")
        .split("\n")
        .filter((line) => line.includes("log.db-wal>")).length
    // The first commit also syncs the new file's header.
    expect(yield* promise(() => ask(child, "one"))).toBe("ok")
    const before = syncs()
    expect(before).toBeGreaterThanOrEqual(1)
    for (let append = 0; append < 20; append++) expect(yield* promise(() => ask(child, "one"))).toBe("ok")
    expect(syncs() - before).toBe(20)
    expect(yield* promise(() => ask(child, "burst"))).toBe("ok")
    // 1,000 appends of 2 events in commits of at most 256 events; one may start with what came first.
    expect(syncs() - before - 20).toBeLessThanOrEqual(9)
    child.send("stop")
    yield* promise(() => child.ended)
    yield* checkWhole(folder)
  }).pipe(Effect.scoped)
)

it.live("a disk that is slow to sync does not stop the event loop", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const prefix = ["strace", "-f", "-o", "/dev/null", "-P", `${folder}/log.db-wal`, "-e", "trace=fsync,fdatasync"]
    const child = yield* start(folder, { prefix: [...prefix, "-e", "inject=fsync,fdatasync:delay_enter=100000"] })
    yield* promise(() => child.line("ready"))
    for (let append = 0; append < 3; append++) {
      const answer = yield* promise(() => ask(child, "turns"))
      expect(Number(answer.split(" ")[1])).toBeGreaterThan(100)
    }
  }).pipe(Effect.scoped)
)

it.live("a file that may not grow: appends fail in words, reads go on, and it works again when there is space", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const child = yield* start(folder, { prefix: ["prlimit", "--fsize=600000:unlimited"], args: ["0", "20000"] })
    yield* promise(() => child.line("ready"))
    let answer = "ok"
    let written = 0
    for (; answer === "ok"; written++) answer = yield* promise(() => ask(child, "one"))
    written -= 1
    expect(written).toBeGreaterThan(3)
    expect(answer).toMatch(/^EventLog\.Full - Could not append to the log: .*[Ff]ree some space/)
    expect(yield* promise(() => ask(child, "read"))).toBe(`read ${written * 2}`)
    expect(yield* promise(() => ask(child, "one"))).toMatch(/^EventLog\.Full/)
    const freed = run("prlimit", ["--pid", `${child.pid}`, "--fsize=unlimited:unlimited"])
    yield* promise(() => freed.ended)
    expect(yield* promise(() => ask(child, "one"))).toBe("ok")
    expect(yield* promise(() => ask(child, "check"))).toBe("ok")
    child.kill()
    yield* promise(() => child.ended)
    expect((yield* checkWhole(folder)).size).toBe((written + 1) * 2)
  }).pipe(Effect.scoped)
)

it.live("a full disk (ENOSPC): the same", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const prefix = ["strace", "-f", "-o", "/dev/null", "-P", `${folder}/log.db-wal`, "-e", "trace=pwrite64"]
    // The first writes go well, the next twenty find no space.
    const child = yield* start(folder, { prefix: [...prefix, "-e", "inject=pwrite64:error=ENOSPC:when=40..60"] })
    yield* promise(() => child.line("ready"))
    const answers: Array<string> = []
    while (answers.length < 200 && !(answers.at(-1) === "ok" && answers.some((answer) => answer !== "ok"))) {
      answers.push(yield* promise(() => ask(child, answers.length % 5 === 4 ? "check" : "one")))
    }
    const failed = answers.filter((answer) => answer !== "ok")
    expect(failed.length).toBeGreaterThan(0)
    for (const answer of failed) expect(answer).toMatch(/^EventLog\.Full - .*the disk is full/)
    expect(answers[0]).toBe("ok")
    expect(answers.at(-1)).toBe("ok")
    const appends = answers.filter((answer, index) => answer === "ok" && index % 5 !== 4).length
    child.kill()
    yield* promise(() => child.ended)
    expect((yield* checkWhole(folder)).size).toBe(appends * 2)
  }).pipe(Effect.scoped)
)

it.live("a file that may not be written is refused in words", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    yield* inLog(folder, (log) => log.append([note("x")]))
    fs.chmodSync(`${folder}/log.db.lock`, 0o666)
    fs.chmodSync(`${folder}/log.db`, 0o444)
    fs.chmodSync(folder, 0o555)
    const child = yield* start(folder, { env: { AS_NOBODY: "1" } })
    const line = yield* promise(() => child.line("failed"))
    fs.chmodSync(folder, 0o755)
    expect(line).toMatch(/^failed EventLog\.Unavailable .*(writ|read)/)
    expect(line).not.toMatch(/SQLITE|at .*\.ts/)
    fs.chmodSync(`${folder}/log.db`, 0o644)
    expect(yield* inLog(folder, (log) => log.read({}))).toHaveLength(1)
  }).pipe(Effect.scoped)
)

it.live("a second process is refused in words, and so is a second log in one process", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    yield* inLog(
      folder,
      Effect.fnUntraced(function* (log) {
        const second = yield* start(folder)
        const line = yield* promise(() => second.line("failed"))
        expect(line).toMatch(/^failed EventLog\.Unavailable Another process is using the log .*log\.db/)
        const here = yield* Effect.flip(inLog(folder, (other) => other.head))
        expect(here).toMatchObject({ _tag: "EventLog.Unavailable", reason: "locked" })
        yield* log.append([note("x")])
      }, Effect.scoped)
    )
    expect(yield* inLog(folder, (log) => log.head)).toBe(1)
  }).pipe(Effect.scoped)
)

it.live("a file that is no log, or whose beginning is damaged, is refused in words", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    fs.writeFileSync(`${folder}/log.db`, "not a database ".repeat(1000))
    expect(yield* Effect.flip(inLog(folder, (log) => log.head))).toMatchObject({
      _tag: "EventLog.Unavailable",
      reason: "corrupt",
      message: expect.stringMatching(/log\.db: the file is not a log.*Restore it/)
    })
  }).pipe(Effect.scoped)
)

it.live("a damaged page costs what is on it, and is told; the rest is read", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const text = "x".repeat(1000)
    yield* inLog(folder, (log) => log.append(Arr.range(1, 2000).map((n) => note(`${n} ${text}`))))
    const file = fs.openSync(`${folder}/log.db`, "r+")
    const page = 4096
    const pages = fs.fstatSync(file).size / page
    fs.writeSync(file, Buffer.alloc(page * 4, 0xa5), 0, page * 4, Math.floor(pages / 2) * page)
    fs.closeSync(file)
    yield* inLog(
      folder,
      Effect.fnUntraced(function* (log) {
        const error = yield* Effect.flip(Stream.runDrain(log.stream({})))
        expect(error).toMatchObject({ _tag: "EventLog.Unavailable", reason: "corrupt" })
        expect(error.message).toMatch(/damaged. Restore/)
        expect(yield* log.read({ limit: 100 })).toHaveLength(100)
        expect(yield* log.read({ limit: 100, order: "desc" })).toHaveLength(100)
      })
    )
  }).pipe(Effect.scoped)
)

it.live("a cut tail costs only appends that it cuts, each whole", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const child = yield* start(folder)
    yield* promise(() => child.line("ready"))
    for (let append = 0; append < 10; append++) yield* promise(() => ask(child, "one"))
    child.kill()
    yield* promise(() => child.ended)
    const wal = `${folder}/log.db-wal`
    fs.truncateSync(wal, fs.statSync(wal).size - 100)
    expect((yield* checkWhole(folder)).size).toBe(18)
    fs.appendFileSync(`${folder}/log.db-wal`, Buffer.alloc(5000, 7))
    yield* inLog(folder, (log) => log.append([note("a -"), note("b -")]))
    expect((yield* checkWhole(folder)).size).toBe(20)
  }).pipe(Effect.scoped)
)

it.live("a log of a later version is refused in words", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    yield* inLog(folder, (log) => log.head)
    const db = new Database(`${folder}/log.db`)
    db.exec("PRAGMA user_version = 99")
    db.close()
    const exit = yield* Effect.exit(inLog(folder, (log) => log.head))
    expect(Exit.isFailure(exit)).toBe(true)
    expect(yield* Effect.flip(inLog(folder, (log) => log.head))).toMatchObject({
      reason: "newer",
      message: expect.stringContaining("Update")
    })
  }).pipe(Effect.scoped)
)

it.live(
  "a log of 1,000,000 events: opening, its head, a page of a thread and of a type read little, wherever they are",
  () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* inLog(folder, (log) => log.append([note("first", { session_id: "s", thread_id: "t", run_id: "r" })]))
      const db = new Database(`${folder}/log.db`)
      // A million events of one type; ten of another, spread over them.
      db.exec(`
        PRAGMA synchronous = OFF;
        BEGIN;
        INSERT INTO names VALUES (1000001, 'doc.saved');
        WITH RECURSIVE n(seq) AS (SELECT 2 UNION ALL SELECT seq + 1 FROM n WHERE seq < 1000000)
        INSERT INTO events SELECT seq, printf('E%025d', seq), 1700000000000 + seq,
          CASE WHEN seq % 100000 = 0 THEN 1000001 ELSE event_type END, CASE WHEN seq % 100000 = 0 THEN 3 ELSE 1 END,
          actor_id, NULL, session_id, thread_id, NULL, NULL, NULL, '{"text":"some words, as a message has them"}'
          FROM n, (SELECT event_type, actor_id, session_id, thread_id FROM events WHERE seq = 1);
        INSERT INTO type_sizes VALUES (1000001, 10, 440);
        COMMIT;`)
      db.close()
      const readBytes = () => Number(/^rchar: (\d+)$/m.exec(fs.readFileSync("/proc/self/io", "utf8"))?.[1])
      const before = readBytes()
      yield* inLog(
        folder,
        Effect.fnUntraced(function* (log) {
          expect(yield* log.head).toBe(1_000_000)
          expect(readBytes() - before).toBeLessThan(500_000)
          expect(yield* log.read({ order: "desc", session_id: "s", thread_id: "t", limit: 50 })).toHaveLength(50)
          expect(yield* log.read({ types: ["doc.*"] })).toHaveLength(10)
          expect(yield* log.read({ types: ["doc.*", "note.*"], since_seq: 500_000, limit: 50 })).toHaveLength(50)
          expect(yield* log.read({ run_id: "r" })).toHaveLength(1)
          expect((yield* log.append([note("last")]))[0]?.seq).toBe(1_000_001)
          expect((yield* log.sizes).types).toHaveLength(2)
          expect(readBytes() - before).toBeLessThan(2_000_000)
        })
      )
    }).pipe(Effect.scoped),
  60_000
)

it.live("a file that was taken away under the log: nothing more is acknowledged, until it is back", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* inLog(folder, (log) =>
        Effect.gen(function* () {
          yield* log.append([note("before")])
          for (const name of ["log.db", "log.db-wal"]) {
            fs.renameSync(`${folder}/${name}`, `${folder}/away`)
            const lost = yield* Effect.flip(log.append([note("lost")]))
            expect(lost).toMatchObject({
              _tag: "EventLog.Unavailable",
              message: expect.stringContaining("no longer where it was")
            })
            expect(yield* Effect.exit(log.check)).toSatisfy(Exit.isFailure)
            fs.renameSync(`${folder}/away`, `${folder}/${name}`)
          }
          yield* log.append([note("after")])
          yield* log.check
        })
      )
      const events = yield* inLog(folder, (log) => log.read({}))
      expect(events.map(({ payload }) => Reflect.get(Object(payload), "text"))).toEqual(["before", "after"])
    })
  )
)
