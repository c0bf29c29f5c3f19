/** Reading a log: a replay of 100,000 events, and the opening of one with 1,000,000. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import Database from "libsql"
import { Calibration } from "../support/calibration.ts"
import { contest, elapsed, median, rate, setting } from "../support/measure.ts"
import { temporaryFolder } from "../support/processes.ts"
import { milliseconds, percent, report, thousands, times } from "../support/report.ts"
import { message, openEmmett, openOurs } from "./setup.ts"

const pairs = setting("PAIRS", 21)
const openingsEach = setting("OPENINGS", 5)
const count = 100_000
const emmettCount = 10_000

const folder = temporaryFolder()
const ours = await openOurs(`${folder}/ours`)
for (let at = 0; at < count; at += 1000) {
  await ours.run(ours.log.append(Array.from({ length: 1000 }, (_, index) => message(at + index))))
}
const emmett = await openEmmett(folder, true)
for (let at = 0; at < emmettCount; at += 1000) {
  await emmett.append(
    "all",
    Array.from({ length: 1000 }, (_, index) => message(at + index))
  )
}
const raw = new Database(`${folder}/ours/log.db`)
const select = raw.prepare<Array<number>>("SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT 500").raw(true)

const calibration = new Calibration()
const replay = await contest(
  pairs,
  [
    () =>
      rate(count, () =>
        ours.run(
          Stream.runFold(
            ours.log.stream({}),
            () => 0,
            (seen, event) => seen + (event.seq > 0 ? 1 : 0)
          )
        )
      ),
    () =>
      rate(count, async () => {
        for (let after = 0; after < count; after += 500) select.all(after)
      }),
    () => rate(emmettCount, () => emmett.read("all"))
  ],
  calibration.sample
)
raw.close()
await ours.close()
emmett.close()
const [own = 0, rows = 0, peer = 0] = replay.medians

const openings: Array<readonly [size: number, time: number]> = []
for (const size of [1000, 100_000, 1_000_000]) {
  const home = `${folder}/open-${size}`
  const first = await openOurs(home)
  await first.run(first.log.append([message(0)]))
  await first.close()
  const db = new Database(`${home}/log.db`)
  db.exec(`PRAGMA synchronous = OFF; BEGIN;
    WITH RECURSIVE n(seq) AS (SELECT 2 UNION ALL SELECT seq + 1 FROM n WHERE seq < ${size})
    INSERT INTO events SELECT n.seq, printf('E%025d', n.seq), timestamp + n.seq, event_type, version, actor_id, user_id,
      session_id, thread_id, run_id, correlation_id, causation_id, payload FROM n, (SELECT * FROM events WHERE seq = 1);
    COMMIT`)
  db.close()
  const samples: Array<number> = []
  for (let opening = 0; opening < openingsEach; opening++) {
    let log: Awaited<ReturnType<typeof openOurs>> | undefined
    samples.push(
      await elapsed(async () => {
        log = await openOurs(home)
        await log.run(Effect.all([log.log.head, log.log.read({ order: "desc", limit: 100 })]))
      })
    )
    await log?.close()
    calibration.sample()
  }
  openings.push([size, median(samples)])
}

report(
  `Reading a log, ${pairs} pairs`,
  [
    {
      measure: `replay of ${thousands(count)} events`,
      measured: `${thousands(own)} /s`,
      peer: `libsql, not decoded: ${thousands(rows)} /s`,
      ratio: percent(replay.ratios[1] ?? 0)
    },
    {
      measure: `replay of ${thousands(count)} events`,
      measured: `${thousands(own)} /s`,
      peer: `emmett: ${thousands(peer)} /s`,
      ratio: times(replay.ratios[2] ?? 0)
    },
    ...openings.map(([size, time]) => ({
      measure: `opening a log of ${thousands(size)} events`,
      measured: milliseconds(time),
      ...(size === 1_000_000 ? { limits: [["1 s", time < 1000] as const] } : {})
    }))
  ],
  calibration
)
