export { type EgressPolicy, openPolicy } from "./egress/policy.ts"
export type { EgressDecision } from "./egress/proxy.ts"
export {
  FileConflict,
  FileFailure,
  JailLost,
  JailUnavailable,
  SpawnFailure,
  TerminalFailure
} from "./errors.ts"
export { Jail, type JailOptions, type JailStatus } from "./Jail.ts"
export type { FileContent, FileEntry, FileMatch, FileWritten, JailFiles } from "./JailFiles.ts"
export type { Process, ProcessOutput, Spawn, SpawnOptions } from "./JailProcesses.ts"
export type { Attachment, JailTerminals, TerminalInfo, TerminalOutput } from "./JailTerminals.ts"
