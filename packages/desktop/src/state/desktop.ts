/**
 * The windows: what the log says, and over it what this browser has asked for and not heard back.
 *
 * Law: `truth` is a fold over the log's events and nothing else. A command shows at once, is dropped when its event comes
 * (known by `op_id`), and eases back with a notice when it is refused. Without the computer, commands wait in their order.
 */
import {
  activeWindow,
  type DesktopCommand,
  type DesktopState,
  decideDesktop,
  type Event,
  evolveDesktop,
  initialDesktop,
  ulid,
  windowNotFound
} from "@choiros/protocol"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { createStore } from "zustand/vanilla"
import { ApiError, path, request } from "../client/api.ts"
import { connectionStore } from "../client/Connection.ts"
import { notify } from "./notices.ts"
import { desktopId } from "./session.ts"

/** What a person asks for. Notices are agents', and apps are registered by other clients. */
type Asked = Exclude<DesktopCommand, { readonly _tag: "Notify" | "RegisterApp" }>

interface Pending {
  readonly op_id: string
  readonly command: Asked
}

/** Ops whose echo may be behind a seed already: their answer ends them. */
const covered = new Set<string>()
/** Ops that were answered, and whose echo is on its way. */
const answered = new Set<string>()

export interface DesktopStore {
  /** As the log has it, up to `seq`. */
  readonly truth: DesktopState
  readonly seq: number
  readonly pending: ReadonlyArray<Pending>
  /** What is shown: `truth` with the pending commands applied. */
  readonly state: DesktopState
  readonly active: string | null
  /** False until the log was heard; a cached desktop may be shown before that. */
  readonly known: boolean
}

export const desktopStore = createStore<DesktopStore>(() => ({
  truth: initialDesktop,
  seq: 0,
  pending: [],
  state: initialDesktop,
  active: null,
  known: false
}))

const show = (truth: DesktopState, seq: number, pending: ReadonlyArray<Pending>): Partial<DesktopStore> => {
  const state = pending.reduce((shown, { command }) => applied(command, shown), truth)
  return { truth, seq, pending, state, active: activeWindow(state) }
}

/** The command's own events, folded as if they were in the log already. */
const applied = (command: DesktopCommand, state: DesktopState): DesktopState =>
  Result.match(decideDesktop(command, state), {
    onFailure: () => state,
    onSuccess: (changes) =>
      changes.reduce((current, change) => evolveDesktop(current, { ...envelope, ...change }), state)
  })

const envelope: Omit<Event, "event_type" | "payload"> = {
  // Above all that the log has: what is asked for last is on top.
  seq: Number.MAX_SAFE_INTEGER,
  event_id: "",
  timestamp: "",
  version: 1,
  actor_id: desktopId,
  user_id: null,
  session_id: null,
  thread_id: null,
  run_id: null,
  correlation_id: null,
  causation_id: null
}

/** Windows of which something was refused a moment ago: they ease back to where they were. */
export const refusedStore = createStore<{ readonly windows: ReadonlySet<string> }>(() => ({ windows: new Set() }))

/** Milliseconds; a little longer than the motion takes. */
const easesFor = 300

const easeBack = (window_id: string): void => {
  refusedStore.setState(({ windows }) => ({ windows: new Set(windows).add(window_id) }))
  setTimeout(
    () => refusedStore.setState(({ windows }) => ({ windows: new Set([...windows].filter((id) => id !== window_id)) })),
    easesFor
  )
}

export const seedDesktop = (truth: DesktopState, seq: number): void => {
  const pending = desktopStore.getState().pending.filter(({ op_id }) => !answered.has(op_id))
  answered.clear()
  for (const { op_id } of pending) covered.add(op_id)
  desktopStore.setState({ ...show(truth, seq, pending), known: true })
}

/** What was there last time, until the computer says what is. */
export const showCachedDesktop = (truth: DesktopState): void => desktopStore.setState(show(truth, 0, []))

export const evolveDesktopStore = (events: ReadonlyArray<Event>): void => {
  const before = desktopStore.getState()
  let { truth, seq, pending } = before
  for (const event of events) {
    if (event.actor_id !== desktopId || !event.event_type.startsWith("desktop.") || event.seq <= seq) continue
    truth = evolveDesktop(truth, event)
    seq = event.seq
    const op = opOf(event.payload)
    // Commands go one at a time: what was asked before it was carried out before it.
    pending = pending.slice(pending.findIndex(({ op_id }) => op_id === op) + 1)
    pending = withoutSilent(pending, truth)
  }
  if (seq !== before.seq) desktopStore.setState(show(truth, seq, pending))
}

/**
 * What was answered and has no echo, since it changed nothing there: another screen had done the same. The log comes through
 * the state in which that was so.
 */
const withoutSilent = (pending: ReadonlyArray<Pending>, truth: DesktopState): ReadonlyArray<Pending> => {
  for (const op of answered) if (!pending.some(({ op_id }) => op_id === op)) answered.delete(op)
  if (answered.size === 0) return pending
  return pending.filter((one) => !answered.has(one.op_id) || !isSilent(one, truth))
}

const isOfOp = Schema.is(Schema.Struct({ op_id: Schema.String }))

const opOf = (payload: unknown): string | null => (isOfOp(payload) ? payload.op_id : null)

/** Commands go one at a time, so that they are carried out in the order in which they were asked. */
let last: Promise<void> = Promise.resolve()
let waiting: Array<() => void> = []

/** The front as the person's own last command on this screen has left it. */
let meant: string | null = null

/** Whether a window came to the front by the person, here: an agent, or another screen, never takes the keyboard. */
export const isMeant = (window_id: string): boolean => meant === window_id

/** Shown at once; the promise ends when the computer has taken it, or with false when it did not. */
export const command = (asked: Asked): Promise<boolean> => {
  const op_id = ulid()
  const one: Pending = { op_id, command: { ...asked, op_id } }
  const { pending, seq, truth } = desktopStore.getState()
  desktopStore.setState(show(truth, seq, [...pending, one]))
  meant = desktopStore.getState().active
  const done = last.then(() => carryOut(one))
  last = done.then(
    () => undefined,
    () => undefined
  )
  return done
}

/** Milliseconds until a command that did not get through is sent again over a connection that lives. */
const again = 1_000

/** What waits for the computer is asked again. */
export const resendCommands = (): void => {
  const woken = waiting
  waiting = []
  for (const wake of woken) wake()
}

const carryOut = async (one: Pending): Promise<boolean> => {
  for (;;) {
    try {
      await send(one)
      // The echo drops it. A command that changed nothing has none.
      if (covered.delete(one.op_id) || isSilent(one, desktopStore.getState().truth)) forget(one)
      else if (isPending(one)) answered.add(one.op_id)
      return true
    } catch (error) {
      if (error instanceof ApiError && error.status === 0) {
        await new Promise<void>((resolve) => {
          waiting.push(resolve)
          if (connectionStore.getState().status === "live") setTimeout(resolve, again)
        })
        // It was carried out, and only the answer was lost: to say it again would do it again.
        if (!isPending(one)) return true
        continue
      }
      easeBack(one.command.window_id)
      forget(one)
      // Closed by another, or from another screen: there is nothing left that it was meant for.
      if (error instanceof ApiError && error.message === windowNotFound(one.command.window_id)) return false
      notify("The desktop did not take that", {
        level: "warning",
        text: error instanceof Error ? error.message : String(error)
      })
      return false
    }
  }
}

const isPending = ({ op_id }: Pending): boolean =>
  desktopStore.getState().pending.some((other) => other.op_id === op_id)

const isSilent = ({ command, op_id }: Pending, truth: DesktopState): boolean =>
  Result.match(decideDesktop({ ...command, op_id }, truth), {
    onFailure: () => false,
    onSuccess: (changes) => changes.length === 0
  })

const forget = ({ op_id }: Pending): void => {
  const { pending, seq, truth } = desktopStore.getState()
  desktopStore.setState(
    show(
      truth,
      seq,
      pending.filter((other) => other.op_id !== op_id)
    )
  )
}

const Taken = Schema.Struct({ success: Schema.Literal(true) })

const send = ({ command, op_id }: Pending): Promise<unknown> => {
  const windows = path`desktop/${desktopId}/windows`
  const { _tag, window_id, ...rest } = command
  const at = path`desktop/${desktopId}/windows/${window_id}`
  const body = { ...rest, op_id }
  const outlives = true
  switch (_tag) {
    case "Open":
      return request("POST", windows, Taken, { body: { ...body, window_id }, outlives })
    case "Update":
      return request("PATCH", at, Taken, { body, outlives })
    case "Close":
      return request("DELETE", at, Taken, { body, outlives })
    case "Move":
      return request("PATCH", `${at}/position`, Taken, { body, outlives })
    case "Resize":
      return request("PATCH", `${at}/size`, Taken, { body, outlives })
    case "Snap":
      return request("PATCH", `${at}/snap`, Taken, { body, outlives })
    case "Focus":
    case "Minimize":
    case "Maximize":
    case "Restore":
      return request("POST", `${at}/${_tag.toLowerCase()}`, Taken, { body, outlives })
  }
}
