/** Durable appends by 1, 10, 100 and 1,000 writers, each waiting for its event before it writes the next. */
import * as Effect from "effect/Effect"
import { contest, rate, table, thousands } from "./measure.ts"
import { message, openEmmett, openOurs, openRaw, temporaryFolder } from "./setup.ts"

const rounds = Number(process.env.ROUNDS ?? 5)

const folder = temporaryFolder()
const ours = await openOurs(`${folder}/ours`)
const raw = await openRaw(`${folder}/raw`)
const emmett = await openEmmett(folder, false)
const emmettKept = await openEmmett(folder, true)
let next = 0

/** As many appends as writers, or more, in a closed loop. */
const appendOurs = (writers: number, count: number) =>
  rate(count, () =>
    ours.run(
      Effect.forEach(
        Array.from({ length: writers }),
        () =>
          Effect.forEach(Array.from({ length: count / writers }), () => ours.log.append([message(next++)]), {
            discard: true
          }),
        { concurrency: "unbounded", discard: true }
      )
    )
  )

const writeRaw = (batch: number, count: number) => {
  const batches = Array.from({ length: count / batch }, () => raw.rowsOf(batch))
  return rate(count, async () => {
    for (const rows of batches) raw.write(rows)
  })
}

/** One after the other: concurrent appends on its connection join one transaction, and return before that is committed. */
const appendEmmett = (store: typeof emmett, count: number) =>
  rate(count, async () => {
    for (let each = 0; each < count; each++) {
      const event = message(next++)
      await store.append(event.actor_id, [event])
    }
  })

const rows: Array<ReadonlyArray<string>> = []
for (const writers of [1, 10, 100, 1000]) {
  const count = writers === 1 ? 300 : writers === 10 ? 2000 : 10_000
  const { rates, ratios } = await contest(rounds, [
    ["ours", () => appendOurs(writers, count)],
    ["libsql, batches of 100", () => writeRaw(100, 10_000)],
    ["libsql, batch a writer", () => writeRaw(Math.min(writers, 500), count)],
    ["emmett", () => appendEmmett(emmett, 50)],
    ["emmett, one connection", () => appendEmmett(emmettKept, 200)]
  ])
  const [own = 0, hundred = 0, same = 0, peer = 0, kept = 0] = rates
  rows.push([
    thousands(writers),
    thousands(own),
    thousands(hundred),
    `${Math.round((ratios[1] ?? 0) * 100)} %`,
    thousands(same),
    `${Math.round((ratios[2] ?? 0) * 100)} %`,
    thousands(peer),
    `${(ratios[3] ?? 0).toFixed(1)} x`,
    thousands(kept),
    `${(ratios[4] ?? 0).toFixed(1)} x`
  ])
}
await ours.close()
raw.close()
emmett.close()
emmettKept.close()

table(
  "Durable appends a second (medians; synchronous = FULL for all)",
  [
    "writers",
    "event-log",
    "libsql by 100",
    "of it",
    "libsql by writers",
    "of it",
    "emmett",
    "ahead",
    "emmett, one connection",
    "ahead"
  ],
  rows
)
