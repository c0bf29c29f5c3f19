/**
 * How long nothing was heard of a run that is at work.
 *
 * Law: silence is told and asked about, and never taken for an end.
 */
import type { RunPhase } from "@choiros/protocol"
import { useEffect, useRef, useState } from "react"
import { useStore } from "zustand"
import { connectionStore } from "../client/Connection.ts"
import { present } from "../ui/present.ts"
import { useNow } from "../ui/useNow.ts"

/** Milliseconds without a sign of life: after these the last one is told, and a person is asked whether to go on. */
export const silenceIs = { told: 10_000, quiet: 30_000 } as const

/** What *Nudge* asks the run. */
export const nudgeWords = "Are you still working on this? Say where you are."

const moving: ReadonlySet<RunPhase> = new Set(["planning", "working", "stopping"])

interface Heard {
  readonly phase: RunPhase
  /** RFC 3339, of its last event. */
  readonly last_at: string
  /** Another value with each sign of life. */
  readonly sign: unknown
}

/** Milliseconds; 0 where silence says nothing: it waits, it has ended, or the computer can't be heard. */
export const useSilence = ({ last_at, phase, sign }: Heard): number => {
  const offline = useStore(connectionStore, ({ status }) => status === "offline")
  const now = useNow(1000)
  const first = useRef(sign)
  const [changed, setChanged] = useState(0)
  useEffect(() => {
    if (sign !== first.current) setChanged(present())
  }, [sign])
  return offline || !moving.has(phase) ? 0 : Math.max(0, now - Math.max(changed, Date.parse(last_at)))
}
