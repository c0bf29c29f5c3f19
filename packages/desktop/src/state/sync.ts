/**
 * The page's state and the stream of events: every store is seeded over HTTP once, and folds each event after that.
 *
 * Law: the stream begins before the seeds are read, and each seed says up to where it is folded; so nothing is missed, and
 * nothing is counted twice.
 */
import {
  ApprovalsReply,
  DesktopReply,
  desktopFromWire,
  type Event,
  QuestionsReply,
  RunsReply,
  ThreadsReply
} from "@choiros/protocol"
import { get, path } from "../client/api.ts"
import { connectionStore, onLive } from "../client/Connection.ts"
import { EventClient } from "../client/EventClient.ts"
import { keepCacheOnLeave, readCache, writeCache } from "./cache.ts"
import { evolveChoirStore, seedChoirStore } from "./choir.ts"
import { deltaTopic, forgetAllDeltas, forgetDeltas, keepDelta } from "./deltas.ts"
import { desktopStore, evolveDesktopStore, resendCommands, seedDesktop, showCachedDesktop } from "./desktop.ts"
import { tellEphemeral, tellEvents, tellStream } from "./listeners.ts"
import { evolvePreferences, readPreferences } from "./preferences.ts"
import { desktopId, me } from "./session.ts"
import { evolveThreadsStore, seedThreads } from "./threads.ts"
import { readUsage, usageMayHaveChanged } from "./usage.ts"
import { evolveWaitingStore, seedWaiting } from "./waiting.ts"

const recentRuns = 200
const openRuns = 500

const seed = async (): Promise<void> => {
  const [open, recent, approvals, questions, threads, desktop] = await Promise.all([
    get("/runs", RunsReply, { status: "open", limit: openRuns }),
    get("/runs", RunsReply, { limit: recentRuns }),
    get("/approvals", ApprovalsReply, { status: "all" }),
    get("/questions", QuestionsReply),
    get(path`chat/${me}/threads`, ThreadsReply),
    get(path`desktop/${desktopId}`, DesktopReply),
    // The sum and the look stand as they are where they can't be read; the rest is not kept from anyone for that.
    readUsage().catch(() => undefined),
    readPreferences().catch(() => undefined)
  ])
  seedChoirStore([...recent.runs, ...open.runs])
  seedWaiting({ approvals: approvals.approvals, questions: questions.questions, runs: open.runs })
  seedThreads(threads.threads)
  seedDesktop(desktopFromWire(desktop.desktop), desktop.seq)
  tellStream()
  resendCommands()
}

const evolve = (events: ReadonlyArray<Event>): void => {
  evolveDesktopStore(events)
  evolveChoirStore(events)
  evolveWaitingStore(events)
  evolveThreadsStore(events)
  usageMayHaveChanged(events)
  evolvePreferences(events)
  forgetDeltas(events)
  tellEvents(events)
}

const client = new EventClient({
  events: evolve,
  ephemeral: (topic, payload) => {
    if (topic === deltaTopic) keepDelta(payload)
    tellEphemeral(topic, payload)
  },
  reset: seed
})

/** Shows what was there last time, then connects. */
export const startSync = (): void => {
  const cached = readCache()
  if (cached !== null) showCachedDesktop(cached)
  desktopStore.subscribe(({ known, truth }) => {
    if (known) writeCache(truth)
  })
  keepCacheOnLeave()
  connectionStore.subscribe(({ status }) => {
    document.documentElement.dataset.connection = status
    if (status === "offline") forgetAllDeltas()
  })
  onLive(resendCommands)
  client.open()
}

export const reconnectNow = (): void => client.retryNow()

/** Without a connection another attempt is made, which brings `read` (see `onLive`); with one, it is read at once. */
export const tryNow = (read: () => void): void =>
  connectionStore.getState().status === "offline" ? reconnectNow() : read()
