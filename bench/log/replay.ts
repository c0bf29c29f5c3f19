/** Reading a log: a replay of 100,000 events, and the opening of one with 1,000,000. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import Database from "libsql"
import { contest, median, rate, table, thousands } from "./measure.ts"
import { message, openEmmett, openOurs, temporaryFolder } from "./setup.ts"

const rounds = Number(process.env.ROUNDS ?? 5)
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

const replay = await contest(rounds, [
  [
    "event-log",
    () =>
      rate(count, () =>
        ours.run(
          Stream.runFold(
            ours.log.stream({}),
            () => 0,
            (seen, event) => seen + (event.seq > 0 ? 1 : 0)
          )
        )
      )
  ],
  [
    "libsql rows, not decoded",
    () =>
      rate(count, async () => {
        for (let after = 0; after < count; after += 500) select.all(after)
      })
  ],
  ["emmett", () => rate(emmettCount, () => emmett.read("all"))]
])
raw.close()
await ours.close()
emmett.close()
table(
  "Replay, events a second (medians)",
  ["", "events/s", "event-log is"],
  ["event-log", "libsql rows, not decoded", "emmett"].map((name, index) => [
    name,
    thousands(replay.rates[index] ?? 0),
    `${(replay.ratios[index] ?? 0).toFixed(2)} x`
  ])
)

const openings: Array<ReadonlyArray<string>> = []
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
  const times: Array<number> = []
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now()
    const log = await openOurs(home)
    await log.run(Effect.all([log.log.head, log.log.read({ order: "desc", limit: 100 })]))
    times.push(performance.now() - begin)
    await log.close()
  }
  openings.push([thousands(size), `${median(times).toFixed(1)} ms`])
}
table("Opening, with the newest 100 events read (median)", ["events", "time"], openings)
