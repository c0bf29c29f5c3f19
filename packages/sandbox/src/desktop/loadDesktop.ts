/**
 * A desktop out of the log: its latest snapshot, and what happened since.
 *
 * Law: a snapshot is a shortcut and nothing else. One that another version of the fold wrote is not looked at, one that
 * can't be read is passed over, and the events alone give the same desktop.
 */
import { createHash } from "node:crypto"
import type { AppendError, EventLog, ReadError } from "@choiros/event-log"
import {
  App,
  type DesktopState,
  desktopEventTypes,
  evolveDesktop,
  initialDesktop,
  Props,
  Zone
} from "@choiros/protocol"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

export interface LoadedDesktop {
  readonly state: DesktopState
  /** `seq` of the last event that is folded in; 0 when nothing has happened. */
  readonly version: number
}

/** Counts up when the fold changes what it makes of an event; what it begins with tells itself. */
const foldVersion = `2-${createHash("sha256").update(JSON.stringify(initialDesktop)).digest("hex").slice(0, 12)}`

const snapshotKey = (desktopId: string): string => `desktop/${foldVersion}/${desktopId}`

const Saved: Schema.Codec<DesktopState, unknown> = Schema.Struct({
  windows: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      app_id: Schema.String,
      title: Schema.String,
      x: Schema.Finite,
      y: Schema.Finite,
      width: Schema.Finite,
      height: Schema.Finite,
      z_index: Schema.Int,
      hidden: Schema.Boolean,
      maximized: Schema.Boolean,
      zone: Schema.NullOr(Zone),
      props: Props
    })
  ),
  apps: Schema.Array(App)
})
const decodeSaved = Schema.decodeUnknownOption(Saved)

export const loadDesktop = Effect.fnUntraced(function* (
  log: EventLog["Service"],
  desktopId: string
): Effect.fn.Return<LoadedDesktop, ReadError> {
  const saved = yield* log.snapshot.load(snapshotKey(desktopId))
  const from = Option.flatMap(saved, ({ seq, state }) =>
    Option.map(decodeSaved(state), (decoded): LoadedDesktop => ({ state: decoded, version: seq }))
  ).pipe(Option.getOrElse((): LoadedDesktop => ({ state: initialDesktop, version: 0 })))
  return yield* log
    .stream({ actor_id: desktopId, types: desktopEventTypes, since_seq: from.version, payloads: "full" })
    .pipe(
      Stream.runFold(
        () => from,
        (desktop, event): LoadedDesktop => ({ state: evolveDesktop(desktop.state, event), version: event.seq })
      )
    )
})

export const saveDesktop = (
  log: EventLog["Service"],
  desktopId: string,
  { state, version }: LoadedDesktop
): Effect.Effect<void, AppendError> => log.snapshot.save(snapshotKey(desktopId), version, state)
