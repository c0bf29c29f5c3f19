/** Actors whose behaviour a test decides, message by message. */
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { actor, child, type Reply, type Self, type SupervisionEvent, start, supervisor } from "../src/index.ts"

export type ProbeMessage =
  | { readonly type: "note"; readonly text: string }
  | { readonly type: "die"; readonly reason: string }
  | { readonly type: "do"; readonly effect: Effect.Effect<void> }
  | { readonly type: "keep"; readonly reply: Reply<string, string> }
  | { readonly type: "echo"; readonly text: string; readonly reply: Reply<string> }
  | { readonly type: "self"; readonly reply: Reply<Self<ProbeMessage>> }
  | { readonly type: "stop" }

export class Refused extends Data.TaggedError("Refused")<{ readonly attempt: number }> {}

/** `log` gets one line for everything that happens to the probe. */
export const probe = (
  name: string,
  log: Array<string>,
  options: { failStarts?: Set<number>; mailbox?: number } = {}
) => {
  let starts = 0
  return actor({
    kind: "probe",
    ...(options.mailbox === undefined ? {} : { mailbox: options.mailbox }),
    start: Effect.fnUntraced(function* (self: Self<ProbeMessage>) {
      starts++
      if (options.failStarts?.has(starts) === true) {
        log.push(`${name} refuses`)
        return yield* new Refused({ attempt: starts })
      }
      log.push(`${name} starts`)
      yield* Effect.addFinalizer(() => Effect.sync(() => log.push(`${name} ends`)))
      return (message: ProbeMessage) => {
        switch (message.type) {
          case "note":
            log.push(`${name} ${message.text}`)
            return
          case "die":
            throw new Error(message.reason)
          case "do":
            return message.effect
          case "keep":
            return
          case "echo":
            return message.reply.succeed(message.text)
          case "self":
            return message.reply.succeed(self)
          case "stop":
            return self.stop
        }
      }
    })
  })
}

export const die = (reason = "boom"): ProbeMessage => ({ type: "die", reason })
export const note = (text: string): ProbeMessage => ({ type: "note", text })
export const act = (effect: Effect.Effect<void>): ProbeMessage => ({ type: "do", effect })
export const echo =
  (text: string) =>
  (reply: Reply<string>): ProbeMessage => ({ type: "echo", text, reply })
export const self = (reply: Reply<Self<ProbeMessage>>): ProbeMessage => ({ type: "self", reply })

/** A root with one probe under it. */
export const alone = Effect.fnUntraced(function* (log: Array<string> = [], options: { mailbox?: number } = {}) {
  const definition = probe("a", log, options)
  const events: Array<SupervisionEvent> = []
  const tree = yield* start(
    supervisor({
      name: "root",
      strategy: "one_for_one",
      intensity: 3,
      period: "1 minute",
      backoff: { initial: "1 second", factor: 2, max: "10 seconds" },
      children: [child("a", definition, { shutdown: "5 seconds" })]
    }),
    { onEvent: (event) => void events.push(event) }
  )
  return { tree, ref: tree.ref(definition), events }
})

/** An effect that waits until it is opened, and tells when someone waits. */
export const gate = () => {
  const reached = Deferred.makeUnsafe<void>()
  const opened = Deferred.makeUnsafe<void>()
  return {
    reached: Deferred.await(reached),
    pass: Effect.andThen(Deferred.succeed(reached, undefined), Deferred.await(opened)),
    open: Effect.asVoid(Deferred.succeed(opened, undefined))
  }
}

/** Lets everything that can run without the clock run. */
export const settle = Effect.repeat(Effect.yieldNow, { times: 20 })
