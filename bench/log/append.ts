/** Durable appends by 1, 10, 100 and 1,000 writers, each waiting for its event before it writes the next. */
import * as Effect from "effect/Effect"
import { Calibration } from "../support/calibration.ts"
import { contest, rate, setting } from "../support/measure.ts"
import { temporaryFolder } from "../support/processes.ts"
import { type Line, percent, report, table, thousands, times } from "../support/report.ts"
import { message, openEmmett, openOurs, openRaw } from "./setup.ts"

const pairs = setting("PAIRS", 21)

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

const calibration = new Calibration()
const rows: Array<ReadonlyArray<string>> = []
const lines: Array<Line> = []
for (const writers of [1, 10, 100, 1000]) {
  const count = writers === 1 ? 300 : writers === 10 ? 2000 : 10_000
  const { medians, ratios } = await contest(
    pairs,
    [
      () => appendOurs(writers, count),
      () => writeRaw(100, 10_000),
      () => writeRaw(Math.min(writers, 500), count),
      () => appendEmmett(emmett, 50),
      () => appendEmmett(emmettKept, 200)
    ],
    calibration.sample
  )
  const [own = 0, hundred = 0, same = 0, peer = 0, kept = 0] = medians
  const [, ofHundred = 0, ofSame = 0, ahead = 0, aheadOfKept = 0] = ratios
  rows.push([
    thousands(writers),
    thousands(own),
    thousands(hundred),
    percent(ofHundred),
    thousands(same),
    percent(ofSame),
    thousands(peer),
    times(ahead),
    thousands(kept),
    times(aheadOfKept)
  ])
  const limited = writers === 100
  lines.push(
    {
      measure: `append, ${thousands(writers)} writers`,
      measured: `${thousands(own)} /s`,
      peer: `libsql by 100: ${thousands(hundred)} /s`,
      ratio: percent(ofHundred),
      ...(limited ? { limits: [["60 %", ofHundred >= 0.6]] } : {})
    },
    {
      measure: `append, ${thousands(writers)} writers`,
      measured: `${thousands(own)} /s`,
      peer: `emmett: ${thousands(peer)} /s`,
      ratio: times(ahead),
      ...(limited ? { limits: [["20 x", ahead >= 20]] } : {})
    },
    {
      measure: `append, ${thousands(writers)} writers`,
      measured: `${thousands(own)} /s`,
      peer: `emmett, one connection: ${thousands(kept)} /s`,
      ratio: times(aheadOfKept)
    }
  )
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
// One that failed would have ended the run.
lines.push({ measure: "1,000 concurrent appends", measured: "all succeeded", limits: [["all succeed", true]] })
report(`Durable append, ${pairs} pairs`, lines, calibration)
