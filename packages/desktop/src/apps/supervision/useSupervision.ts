/**
 * The live tree and what crashed in it.
 *
 * Law: it is read every two seconds while someone looks, and at once when a supervisor says something; one request at a
 * time, and none while the page or the window is hidden or the computer away.
 */
import { type ActorNode, type Event, EventsReply, HealthReply, SupervisionReply } from "@choiros/protocol"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { useEffect, useState } from "react"
import { useStore } from "zustand"
import { createStore } from "zustand/vanilla"
import { ApiError, get, inWords } from "../../client/api.ts"
import { connectionStore, onLive } from "../../client/Connection.ts"
import { onEvents, onStream } from "../../state/listeners.ts"
import { type Crash, crashTypes, withCrashes } from "./crashes.ts"

export interface Supervision {
  readonly status: "loading" | "ready" | "failed"
  readonly error: string | null
  readonly actors: ReadonlyArray<ActorNode>
  readonly crashes: ReadonlyArray<Crash>
  /** How the computer says it is; null before it did. */
  readonly health: HealthReply | null
}

const every = 2_000
/** Supervisors may say much at once. */
const soonest = 200
/** The checks ask the database itself. */
const healthEvery = 10_000

const decodeHealth = Schema.decodeUnknownOption(HealthReply)

/** Degraded comes as a refusal whose body is the reply. */
const readHealth = async (signal: AbortSignal): Promise<HealthReply | null> => {
  try {
    return await get("/health", HealthReply, {}, signal)
  } catch (error) {
    return error instanceof ApiError ? Option.getOrNull(decodeHealth(error.body)) : null
  }
}

const makeSupervision = () => {
  const store = createStore<Supervision>(() => ({
    status: "loading",
    error: null,
    actors: [],
    crashes: [],
    health: null
  }))
  let timer: ReturnType<typeof setTimeout> | null = null
  let abort: AbortController | null = null
  let looked = false
  let again = false
  let healthAt = Number.NEGATIVE_INFINITY

  const mayRead = () =>
    looked && document.visibilityState === "visible" && connectionStore.getState().status !== "offline"
  const plan = (ms: number) => {
    if (timer !== null) clearTimeout(timer)
    timer = mayRead() ? setTimeout(() => void read(), ms) : null
  }
  const read = async (): Promise<void> => {
    if (abort !== null) {
      again = true
      return
    }
    const own = new AbortController()
    abort = own
    again = false
    try {
      const { actors } = await get("/supervision", SupervisionReply, {}, own.signal)
      store.setState({ status: "ready", error: null, actors })
      if (performance.now() - healthAt > healthEvery) {
        const health = await readHealth(own.signal)
        if (health !== null) {
          healthAt = performance.now()
          store.setState({ health })
        }
      }
    } catch (error) {
      if (!own.signal.aborted)
        store.setState(({ actors }) => ({ status: actors.length === 0 ? "failed" : "ready", error: inWords(error) }))
    }
    if (abort !== own) return
    abort = null
    plan(again ? soonest : every)
  }
  const stop = () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    abort?.abort()
    abort = null
  }
  const look = () => {
    if (!mayRead()) stop()
    else if (timer === null && abort === null) void read()
  }

  /** `heard` is what comes while it is read. */
  const readCrashes = async (signal: AbortSignal, heard: ReadonlyArray<Event>): Promise<void> => {
    const params = new URLSearchParams({ order: "desc", limit: "300" })
    for (const type of crashTypes) params.append("type", type)
    const { events } = await get(`/events?${params}`, EventsReply, {}, signal)
    if (signal.aborted) return
    const newest = events[0]?.seq ?? 0
    const later = heard.filter(({ seq }) => seq > newest)
    store.setState({ crashes: withCrashes([], [...events.toReversed(), ...later]) })
  }

  const enter = () => {
    let reading = new AbortController()
    let heard: Array<Event> = []
    let hasCrashes = false
    // Without them the tree is whole all the same; the next connection asks again.
    const lookBack = () => {
      reading.abort()
      const own = new AbortController()
      reading = own
      heard = []
      hasCrashes = false
      readCrashes(own.signal, heard).then(
        () => {
          if (!own.signal.aborted) hasCrashes = true
        },
        () => undefined
      )
    }
    const stops = [
      onStream(() => {
        lookBack()
        look()
      }),
      onLive(() => {
        if (!hasCrashes) lookBack()
      }),
      onEvents((batch) => {
        const ours = batch.filter(({ event_type }) => event_type.startsWith("supervisor."))
        if (ours.length === 0) return
        healthAt = Number.NEGATIVE_INFINITY
        if (!hasCrashes) heard.push(...ours)
        store.setState(({ crashes }) => ({ crashes: withCrashes(crashes, ours) }))
        if (abort !== null) again = true
        else plan(soonest)
      }),
      connectionStore.subscribe(({ status }, before) => {
        if (status !== before.status) look()
      })
    ]
    document.addEventListener("visibilitychange", look)
    return () => {
      for (const off of stops) off()
      document.removeEventListener("visibilitychange", look)
      reading.abort()
      looked = false
      stop()
    }
  }
  return {
    store,
    enter,
    setLooked: (now: boolean) => {
      looked = now
      look()
    },
    retry: () => {
      stop()
      look()
    }
  }
}

export const useSupervision = (visible: boolean): Supervision & { readonly retry: () => void } => {
  const [supervision] = useState(makeSupervision)
  useEffect(() => supervision.enter(), [supervision])
  useEffect(() => supervision.setLooked(visible), [supervision, visible])
  const state = useStore(supervision.store)
  return { ...state, retry: supervision.retry }
}
