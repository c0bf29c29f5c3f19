/**
 * What server and host say to each other: requests with one reply each, and channels of bytes with credit.
 *
 * Law: both sides decode every header with these schemas; what doesn't fit ends the channel.
 * A channel's number is chosen by the server, grows, and is used once.
 */
import * as Schema from "effect/Schema"

const Natural = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Path = Schema.String.check(Schema.isMaxLength(8192))
const Id = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(1024))
const Sha256 = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/))
const Size = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65535 }))
const Environment = Schema.Record(Schema.String, Schema.String)
const Argv = Schema.Array(Schema.String).check(Schema.isMinLength(1), Schema.isMaxLength(4096))
const Nothing = Schema.Struct({})

const FileKind = Schema.Literals(["file", "directory", "link", "other"])

const FileEntry = Schema.Struct({
  /** Absolute, inside the jail. */
  path: Path,
  kind: FileKind,
  size: Natural,
  modified_ms: Schema.Finite,
  mode: Natural
})

const Exited = Schema.Struct({
  code: Schema.NullOr(Schema.Int),
  signal: Schema.NullOr(Schema.String.check(Schema.isMaxLength(32)))
})

const TerminalInfo = Schema.Struct({
  id: Id,
  pid: Schema.NullOr(Natural),
  cols: Size,
  rows: Size,
  running: Schema.Boolean,
  exit: Schema.NullOr(Exited),
  /** Bytes shown so far. */
  offset: Natural,
  /** As told by the shell (OSC 7). */
  cwd: Schema.NullOr(Path),
  title: Schema.NullOr(Schema.String.check(Schema.isMaxLength(1024)))
})

const SearchMatch = Schema.Struct({
  path: Path,
  line: Natural,
  /** 1 is the first character. */
  column: Natural,
  text: Schema.String
})

export const operations = {
  start: {
    args: Schema.Struct({
      workspace: Path,
      pty: Path,
      env: Environment,
      /** Present when the jail has a network view of its own: where the forwarder listens and what it leads to. */
      egress: Schema.NullOr(Schema.Struct({ port: Natural, socket: Path })),
      /** Marks every process of this jail in its environment, for a driver without a process namespace. */
      mark: Schema.NullOr(Schema.String)
    }),
    value: Schema.Struct({ pid: Natural, ripgrep: Schema.Boolean })
  },
  "files.stat": { args: Schema.Struct({ path: Path }), value: FileEntry },
  "files.list": {
    args: Schema.Struct({ path: Path, recursive: Schema.Boolean, limit: Natural, skip: Schema.Array(Schema.String) }),
    value: Schema.Struct({ path: Path, entries: Schema.Array(FileEntry), truncated: Schema.Boolean })
  },
  "files.read": {
    args: Schema.Struct({ path: Path, offset: Natural, limit: Natural }),
    value: Schema.Struct({ path: Path, size: Natural, hash: Sha256, modified_ms: Schema.Finite, mode: Natural })
  },
  "files.write": {
    args: Schema.Struct({
      path: Path,
      expected: Schema.Union([
        Schema.Struct({ kind: Schema.Literal("any") }),
        Schema.Struct({ kind: Schema.Literal("absent") }),
        Schema.Struct({ kind: Schema.Literal("hash"), hash: Sha256 })
      ]),
      mkdirs: Schema.Boolean
    }),
    value: Schema.Struct({
      path: Path,
      size: Natural,
      hash: Sha256,
      /** Hash of what was there before. */
      replaced: Schema.NullOr(Sha256),
      modified_ms: Schema.Finite
    })
  },
  "files.mkdir": {
    args: Schema.Struct({ path: Path, recursive: Schema.Boolean }),
    value: Schema.Struct({ path: Path })
  },
  "files.move": {
    args: Schema.Struct({ from: Path, to: Path, overwrite: Schema.Boolean }),
    value: Schema.Struct({ from: Path, to: Path })
  },
  "files.remove": {
    args: Schema.Struct({ path: Path, recursive: Schema.Boolean }),
    value: Schema.Struct({ path: Path })
  },
  "files.search": {
    args: Schema.Struct({
      pattern: Schema.String.check(Schema.isMaxLength(4096)),
      path: Path,
      glob: Schema.NullOr(Schema.String.check(Schema.isMaxLength(1024))),
      literal: Schema.Boolean,
      ignore_case: Schema.Boolean,
      limit: Natural,
      timeout_ms: Natural
    }),
    value: Schema.Struct({ matches: Schema.Array(SearchMatch), truncated: Schema.Boolean })
  },
  "process.spawn": {
    args: Schema.Struct({ channel: Natural, argv: Argv, cwd: Path, env: Environment }),
    value: Schema.Struct({ pid: Natural })
  },
  "process.kill": {
    args: Schema.Struct({
      channel: Natural,
      /** Null: SIGTERM, then SIGKILL after the grace. */
      signal: Schema.NullOr(Schema.String),
      grace_ms: Natural
    }),
    value: Nothing
  },
  "process.alive": { args: Schema.Struct({ channel: Natural }), value: Schema.Struct({ alive: Schema.Boolean }) },
  "pty.open": {
    args: Schema.Struct({ id: Id, argv: Argv, cwd: Path, env: Environment, cols: Size, rows: Size }),
    value: Schema.Struct({ pid: Natural, created: Schema.Boolean })
  },
  /** The screen is the payload; it covers the bytes before `offset`, and the channel's first chunk starts there. */
  "pty.attach": { args: Schema.Struct({ id: Id, channel: Natural }), value: TerminalInfo },
  "pty.feed": { args: Schema.Struct({ id: Id }), value: Schema.Struct({ offset: Natural }) },
  "pty.write": { args: Schema.Struct({ id: Id }), value: Nothing },
  "pty.resize": {
    args: Schema.Struct({ id: Id, cols: Size, rows: Size }),
    value: Schema.Struct({ cols: Size, rows: Size })
  },
  "pty.kill": { args: Schema.Struct({ id: Id, grace_ms: Natural }), value: Schema.NullOr(Exited) },
  "pty.close": { args: Schema.Struct({ id: Id, grace_ms: Natural }), value: Nothing },
  "pty.info": { args: Schema.Struct({ id: Id }), value: Schema.NullOr(TerminalInfo) },
  "pty.list": { args: Nothing, value: Schema.Struct({ terminals: Schema.Array(TerminalInfo) }) }
} as const

export type Operation = keyof typeof operations
export type Args<K extends Operation> = (typeof operations)[K]["args"]["Type"]
export type Value<K extends Operation> = (typeof operations)[K]["value"]["Type"]

export const FailureCode = Schema.Literals([
  "not_found",
  "outside",
  "exists",
  "is_directory",
  "not_directory",
  "not_file",
  "not_empty",
  "denied",
  "too_large",
  "no_space",
  "invalid",
  "timeout",
  "conflict",
  "spawn",
  "no_terminal",
  "not_running",
  "io"
])
export type FailureCode = typeof FailureCode.Type

/** For `conflict` the payload is what is there now, when `latest` is not null. */
export const Failure = Schema.Struct({
  code: FailureCode,
  message: Schema.String,
  latest: Schema.optionalKey(
    Schema.NullOr(Schema.Struct({ hash: Sha256, size: Natural, modified_ms: Schema.Finite, complete: Schema.Boolean }))
  )
})
export type Failure = typeof Failure.Type

export const FromServer = Schema.Union([
  Schema.Struct({
    type: Schema.Literal("request"),
    id: Natural,
    op: Schema.String,
    args: Schema.Unknown
  }),
  Schema.Struct({ type: Schema.Literal("credit"), channel: Natural, bytes: Natural }),
  Schema.Struct({ type: Schema.Literal("release"), channel: Natural })
])
export type FromServer = typeof FromServer.Type

export const FromHost = Schema.Union([
  Schema.Struct({ type: Schema.Literal("reply"), id: Natural, ok: Schema.Literal(true), value: Schema.Unknown }),
  Schema.Struct({ type: Schema.Literal("reply"), id: Natural, ok: Schema.Literal(false), error: Failure }),
  Schema.Struct({
    type: Schema.Literal("chunk"),
    channel: Natural,
    source: Schema.Literals(["pty", "stdout", "stderr"]),
    /** Of the first byte, within the channel's source. */
    offset: Natural
  }),
  /** A viewer fell behind: it forgets what it has and shows the payload. */
  Schema.Struct({ type: Schema.Literal("screen"), channel: Natural, offset: Natural, cols: Size, rows: Size }),
  Schema.Struct({ type: Schema.Literal("resized"), channel: Natural, cols: Size, rows: Size }),
  Schema.Struct({ type: Schema.Literal("exited"), channel: Natural, exit: Exited }),
  Schema.Struct({ type: Schema.Literal("closed"), channel: Natural }),
  Schema.Struct({ type: Schema.Literal("terminal_exited"), id: Id, pid: Natural, exit: Exited })
])
export type FromHost = typeof FromHost.Type

/** Bytes that a sender may have under way on one channel before the receiver has taken them. */
export const channelWindow = 1024 * 1024
/** Bytes of the largest serialized screen. */
export const maxScreenBytes = 4 * 1024 * 1024
