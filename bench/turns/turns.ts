/**
 * Turns with a model that answers at once: what is measured is the server around it.
 *
 * A turn begins when the client sends the message and ends when it has the answer: ours over the chat socket, opencode's
 * over its HTTP API with its stream of events open. Each round opens a new conversation on both and takes the median of
 * its turns. The model refuses to go on when a tool did not bring back what it must. Our tools act in the jail, opencode's on the machine itself.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Calibration } from "../support/calibration.ts"
import { contest, elapsed, median, rate, setting } from "../support/measure.ts"
import { answer, printed, says, startModel, toolAnswer } from "../support/model.ts"
import { opencodeVersion, startOpencode } from "../support/opencode.ts"
import { temporaryFolder } from "../support/processes.ts"
import { openChat, startProduct } from "../support/product.ts"
import { type Line, milliseconds, report, times } from "../support/report.ts"

const pairs = setting("PAIRS", 21)
const turnsInARow = setting("TURNS", 5)
const together = setting("TOGETHER", 50)

const workspace = temporaryFolder()
writeFileSync(join(workspace, "note.txt"), `${printed}\n`)
const model = await startModel(join(workspace, "note.txt"))
const home = join(temporaryFolder(), "home")
const ours = await startProduct(model.said, { home })
const peer = await startOpencode(model.said, workspace)

const check = (got: string, wanted: string) => {
  if (!got.includes(wanted)) throw new Error(`Instead of "${wanted}" came "${got}"`)
}

let threads = 0
const ourTurns = (text: string, wanted: string) => async (): Promise<number> => {
  const chat = await openChat(ours.url, `t${threads++}`)
  const samples: Array<number> = []
  for (let turn = 0; turn < turnsInARow; turn++) {
    samples.push(await elapsed(async () => check(await chat.turn(text), wanted)))
  }
  await chat.close()
  return median(samples)
}

const peerTurns = (text: string, wanted: string) => async (): Promise<number> => {
  const session = await peer.createSession()
  const samples: Array<number> = []
  for (let turn = 0; turn < turnsInARow; turn++) {
    samples.push(await elapsed(async () => check(await peer.turn(session, text), wanted)))
  }
  return median(samples)
}

/** A turn in each of many conversations, all at once. */
const ourTogether = async (): Promise<number> => {
  const chats = await Promise.all(Array.from({ length: together }, () => openChat(ours.url, `t${threads++}`)))
  const result = await rate(together, () =>
    Promise.all(chats.map(async (chat) => check(await chat.turn(says.text), answer)))
  )
  await Promise.all(chats.map((chat) => chat.close()))
  return result
}

const peerTogether = async (): Promise<number> => {
  const sessions = await Promise.all(Array.from({ length: together }, () => peer.createSession()))
  return rate(together, () =>
    Promise.all(sessions.map(async (session) => check(await peer.turn(session, says.text), answer)))
  )
}

const calibration = new Calibration()
const lines: Array<Line> = []

const latency = async (measure: string, limit: number, our: [string, string], their: [string, string]) => {
  const { medians, ratios } = await contest(pairs, [peerTurns(...their), ourTurns(...our)], calibration.sample)
  const [theirMedian = 0, ourMedian = 0] = medians
  const ahead = ratios[1] ?? 0
  lines.push({
    measure,
    measured: milliseconds(ourMedian),
    peer: milliseconds(theirMedian),
    ratio: `${times(ahead)} ahead`,
    limits: [
      [`${limit} ms`, ourMedian <= limit],
      ["4 x ahead", ahead >= 4]
    ]
  })
}

mkdirSync(join(home, "workspace"), { recursive: true })
writeFileSync(join(home, "workspace", "note.txt"), `${printed}\n`)
await latency("text turn", 20, [says.text, answer], [says.text, answer])
await latency("tool turn, a command", 60, [says.bash, toolAnswer], [says.bash, toolAnswer])
await latency("tool turn, a file", 60, [says.ourFile, toolAnswer], [says.peerFile, toolAnswer])
const crowd = await contest(pairs, [ourTogether, peerTogether], calibration.sample)
lines.push({
  measure: `${together} concurrent turns`,
  measured: `${(crowd.medians[0] ?? 0).toFixed(0)} /s`,
  peer: `${(crowd.medians[1] ?? 0).toFixed(0)} /s`,
  ratio: `${times(crowd.ratios[1] ?? 0)} the rate`,
  limits: [["5 x the rate", (crowd.ratios[1] ?? 0) >= 5]]
})

report(`Turns with an instant model: ChoirOS beside opencode ${opencodeVersion}, ${pairs} pairs`, lines, calibration)
await Promise.all([ours.stop(), peer.stop()])
await model.stop()
