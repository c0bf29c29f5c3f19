/**
 * The jail that an earlier server left, when that server was killed.
 *
 * Law: no jail starts, and no folder of a jail is touched, before the one before it is gone.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import * as path from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { JailUnavailable } from "./errors.ts"
import { membersOfMark, signalQuietly } from "./host/processTable.ts"

/** A process, told apart from a later one with the same number by when it started. */
const Member = Schema.Struct({ pid: Schema.Int, started: Schema.String })
const Left = Schema.fromJsonString(Schema.Struct({ members: Schema.Array(Member), mark: Schema.NullOr(Schema.String) }))
const decode = Schema.decodeUnknownExit(Left)

/** The variable that every process of a jail without a process namespace carries. */
export const markName = "CHOIR_JAIL_MARK"

const stepMs = 25
/** An orderly end takes less. */
const patienceMs = 1000
const limitMs = 6000

const recordIn = (runtimeDir: string) => path.join(runtimeDir, "jail.json")
/** Where bubblewrap says which process is the first of the jail. */
export const statusFileIn = (runtimeDir: string) => path.join(runtimeDir, "status.json")

export const recordJail = (runtimeDir: string, pid: number, mark: string | null): void => {
  const first = /"child-pid":\s*(\d+)/.exec(readIfThere(statusFileIn(runtimeDir)))?.[1]
  const members = (first === undefined ? [pid] : [pid, Number(first)]).flatMap((each) => {
    const started = startedAt(each)
    return started === undefined ? [] : [{ pid: each, started }]
  })
  writeFileSync(recordIn(runtimeDir), JSON.stringify({ members, mark }), { mode: 0o600 })
}

export const forgetJail = (runtimeDir: string): void => rmSync(recordIn(runtimeDir), { force: true })

export const killMarked = (mark: string | null): void => {
  if (mark !== null) for (const pid of membersOfMark(mark)) signalQuietly(pid, "SIGKILL")
}

export const endPredecessor = (
  driver: "bubblewrap" | "none",
  runtimeDir: string
): Effect.Effect<void, JailUnavailable> =>
  Effect.gen(function* () {
    const record = decode(readIfThere(recordIn(runtimeDir)))
    if (Exit.isFailure(record)) return
    const { members, mark } = record.value
    const left = () => members.filter(({ pid, started }) => startedAt(pid) === started)
    for (let waited = 0; waited < limitMs && left().length > 0; waited += stepMs) {
      if (waited >= patienceMs) for (const { pid } of left()) signalQuietly(pid, "SIGKILL")
      yield* Effect.promise(() => delay(stepMs))
    }
    killMarked(mark)
    const [stuck] = left()
    if (stuck !== undefined) {
      return yield* new JailUnavailable({
        driver,
        reason: `The jail of an earlier server still runs as process ${stuck.pid}.`
      })
    }
    forgetJail(runtimeDir)
  })

const startedAt = (pid: number): string | undefined => {
  const stat = readIfThere(`/proc/${pid}/stat`)
  const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return state === "Z" ? undefined : rest[18]
}

const readIfThere = (file: string): string => {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return ""
  }
}
