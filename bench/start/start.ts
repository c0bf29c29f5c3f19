/**
 * From the command to a healthy server, and the memory that it takes; `opencode serve` beside it, on its second start too.
 *
 * The command is `npm start` with everything installed and built, on a home that it has run on before. Healthy is the
 * first good answer to `GET /health`. Memory is what the server's process has in RAM; what runs in the jail is told apart.
 */
import { join } from "node:path"
import { Calibration } from "../support/calibration.ts"
import { contest, elapsed, median, setting } from "../support/measure.ts"
import { answer, says, startModel, toolAnswer } from "../support/model.ts"
import { opencodeVersion, startOpencode } from "../support/opencode.ts"
import { descendantsOf, residentMemory, type Started, temporaryFolder } from "../support/processes.ts"
import { npmStart, openChat, startProduct, startServer } from "../support/product.ts"
import { type Line, megabytes, milliseconds, report, times } from "../support/report.ts"

const pairs = setting("PAIRS", 21)
/** Turns after which "the first turns" are over. */
const firstTurns = setting("FIRST_TURNS", 20)
const memoryRounds = setting("MEMORY_ROUNDS", 5)

const model = await startModel("note.txt")
const home = join(temporaryFolder(), "home")
const [peerHome, workspace] = [temporaryFolder(), temporaryFolder()]

/** Milliseconds until it answers well; then it is ended. */
const startOf =
  (start: () => Promise<Started & { readonly url: string }>, healthy: string) => async (): Promise<number> => {
    let server: (Started & { readonly url: string }) | undefined
    const took = await elapsed(async () => {
      server = await start()
      const response = await fetch(`${server.url}${healthy}`)
      if (!response.ok) throw new Error(`${healthy} answered ${response.status}`)
      await response.arrayBuffer()
    })
    await server?.stop()
    return took
  }

const calibration = new Calibration()
const starts = await contest(
  pairs,
  [
    startOf(() => startOpencode(model.said, workspace, peerHome), "/global/health"),
    startOf(() => npmStart(home, model.said), "/health"),
    startOf(() => startServer(model.said, home), "/health")
  ],
  calibration.sample
)
const [peerStart = 0, command = 0, alone = 0] = starts.medians
const lines: Array<Line> = [
  {
    measure: "command to healthy, second start",
    measured: milliseconds(command),
    peer: milliseconds(peerStart),
    ratio: `${times(starts.ratios[1] ?? 0)} ahead`,
    limits: [["1500 ms", command <= 1500]]
  },
  {
    measure: "process alone to healthy",
    measured: milliseconds(alone),
    peer: milliseconds(peerStart),
    ratio: `${times(starts.ratios[2] ?? 0)} ahead`,
    limits: [["300 ms", alone <= 300]]
  }
]

/** Memory settles when what start left behind is done. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 3_000))

interface Reading {
  readonly fresh: number
  readonly used: number
  /** Of the processes beside the server: the jail and what is in it. */
  readonly beside: number
}

/** Starts a server, lets it be, has some turns with it, lets it be. */
const readingOf = async (
  server: Started,
  converse: () => Promise<(text: string) => Promise<string>>
): Promise<Reading> => {
  await settle()
  const fresh = residentMemory(server.pid)
  const turn = await converse()
  for (let count = 0; count < firstTurns; count++) {
    const [text, wanted] = count % 2 === 0 ? [says.text, answer] : [says.bash, toolAnswer]
    const got = await turn(text)
    if (got !== wanted) throw new Error(`Instead of "${wanted}" came "${got}"`)
  }
  await settle()
  const used = residentMemory(server.pid)
  const beside = descendantsOf(server.pid).reduce((sum, pid) => sum + residentMemory(pid), 0)
  await server.stop()
  return { fresh, used, beside }
}

const ours: Array<Reading> = []
const peers: Array<Reading> = []
for (let round = 0; round < memoryRounds; round++) {
  const server = await startProduct(model.said, { home: join(temporaryFolder(), "home") })
  ours.push(await readingOf(server, async () => (await openChat(server.url, "memory")).turn))
  const peer = await startOpencode(model.said, workspace)
  peers.push(
    await readingOf(peer, async () => {
      const session = await peer.createSession()
      return (text) => peer.turn(session, text)
    })
  )
  calibration.sample()
}

const memory = (measure: string, of: (reading: Reading) => number, limit?: number): Line => {
  const own = median(ours.map(of))
  return {
    measure,
    measured: megabytes(own),
    peer: megabytes(median(peers.map(of))),
    ratio: `${times(median(ours.map((reading, index) => of(peers[index] ?? reading) / of(reading))))} less`,
    ...(limit === undefined ? {} : { limits: [[`${limit} MB`, own <= limit * 1e6]] })
  }
}
lines.push(
  memory("resident after start", ({ fresh }) => fresh, 100),
  memory(`resident after ${firstTurns} turns`, ({ used }) => used, 130),
  memory("with the processes beside it", ({ beside, used }) => used + beside)
)

report(
  `Start and memory: ChoirOS beside opencode ${opencodeVersion}, ${pairs} pairs, ${memoryRounds} for memory`,
  lines,
  calibration
)
await model.stop()
