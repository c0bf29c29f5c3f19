/** What can go wrong, in types. */
import * as Schema from "effect/Schema"
import { FailureCode } from "./messages.ts"

/** The jail can't be started; `reason` says what is missing and how to get it. */
export class JailUnavailable extends Schema.TaggedError<JailUnavailable>()("Jail.Unavailable", {
  driver: Schema.Literals(["bubblewrap", "none"]),
  reason: Schema.String
}) {
  override get message(): string {
    return this.reason
  }
}

/** The host ended or broke the rules of the channel; everything inside is gone. The next use starts a new one. */
export class JailLost extends Schema.TaggedError<JailLost>()("Jail.Lost", { reason: Schema.String }) {
  override get message(): string {
    return `The jail ended: ${this.reason}`
  }
}

export class FileFailure extends Schema.TaggedError<FileFailure>()("Jail.FileFailure", {
  reason: FailureCode,
  path: Schema.String,
  detail: Schema.String
}) {
  override get message(): string {
    return this.detail
  }
}

/** A conditional write found something else. `latest` is null when there is no such file now. */
export class FileConflict extends Schema.TaggedError<FileConflict>()("Jail.FileConflict", {
  path: Schema.String,
  latest: Schema.NullOr(
    Schema.Struct({
      hash: Schema.String,
      size: Schema.Number,
      modifiedMs: Schema.Number,
      /** Null when the file is too large to be told in one piece. */
      bytes: Schema.NullOr(Schema.Uint8Array)
    })
  )
}) {
  override get message(): string {
    return this.latest === null ? `The file is gone: ${this.path}` : `The file has changed: ${this.path}`
  }
}

export class SpawnFailure extends Schema.TaggedError<SpawnFailure>()("Jail.SpawnFailure", {
  command: Schema.String,
  detail: Schema.String
}) {
  override get message(): string {
    return this.detail
  }
}

export class TerminalFailure extends Schema.TaggedError<TerminalFailure>()("Jail.TerminalFailure", {
  id: Schema.String,
  reason: FailureCode,
  detail: Schema.String
}) {
  override get message(): string {
    return this.detail
  }
}
