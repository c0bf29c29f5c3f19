export {
  evolveMessages,
  foldMessages,
  initialMessages,
  Message,
  type MessagesState,
  messageEventTypes,
  type ThreadMessage,
  toMessage
} from "./chat/messages.ts"
export { defaultScope, type Scope, scopePair } from "./chat/scope.ts"
export {
  defaultAgent,
  evolveThreads,
  findThread,
  initialThreads,
  Thread,
  type ThreadsState,
  threadEventTypes,
  threadsFromSnapshot,
  threadsOf,
  threadsToSnapshot
} from "./chat/threads.ts"
export {
  activeWindow,
  type DesktopState,
  desktopEventTypes,
  evolveDesktop,
  findWindow,
  initialDesktop,
  type WindowState
} from "./desktop/DesktopState.ts"
export { type DesktopChange, type DesktopCommand, decideDesktop, minimumSize } from "./desktop/decide.ts"
export { Desktop, desktopToWire, Window, windowToWire } from "./desktop/wire.ts"
export { type Catalog, define, Event, type EventDefinition } from "./Event.ts"
export { App, Props, Zone } from "./events/desktop.ts"
export { Theme } from "./events/user.ts"
export {
  type Change,
  catalog,
  type EventContext,
  type EventOf,
  type EventPayloads,
  type EventType,
  isEvent,
  type NewEvent
} from "./events.ts"
export { ChatClientFrame, ChatServerFrame, ResponseContent } from "./frames/chat.ts"
export {
  DesktopChangeFrame,
  DesktopClientFrame,
  DesktopServerFrame,
  desktopChangeFrame,
  desktopDragTopic,
  WindowDraggedFrame
} from "./frames/desktop.ts"
export { EventsClientFrame, EventsServerFrame, protocolVersion, TopicPattern } from "./frames/events.ts"
export { TerminalClientFrame, TerminalServerFrame } from "./frames/terminal.ts"
export { openApi } from "./http/api.ts"
export {
  ChatSendBody,
  ChatSendReply,
  chatSentences,
  isBlank,
  MessagesReply,
  ScopeQuery,
  ThreadCreateBody,
  ThreadPatchBody,
  ThreadReply,
  ThreadsQuery,
  ThreadsReply
} from "./http/chat.ts"
export { BareFailure, Done, Failure, failure } from "./http/common.ts"
export {
  AppsReply,
  DesktopReply,
  desktopSentences,
  OpBody,
  PositionBody,
  RegisterAppBody,
  SizeBody,
  SnapBody,
  WindowOpenBody,
  WindowOpenReply,
  WindowReply,
  WindowRestoreReply,
  WindowsReply
} from "./http/desktop.ts"
export { EventsExportQuery, EventsQuery, EventsReply, eventsDefaultLimit } from "./http/events.ts"
export {
  FileChangedReply,
  FileConflict,
  FileEntry,
  FileMoveBody,
  FilePath,
  FileQuery,
  FileReadReply,
  FileRestoreBody,
  FileSearchQuery,
  FileSearchReply,
  FilesQuery,
  FilesReply,
  FileTrashedReply,
  FileUploadQuery,
  FileWriteBody,
  FileWriteReply,
  FolderBody,
  fileSentences,
  TrashEntry,
  TrashReply
} from "./http/files.ts"
export { Model, ModelChoiceBody, ModelChoiceReply, ModelsReply } from "./http/models.ts"
export {
  defaultSettings,
  Secret,
  SecretBody,
  SecretName,
  SecretReply,
  SecretsReply,
  SettingKey,
  SettingSource,
  Settings,
  SettingsPatch,
  SettingsReply
} from "./http/settings.ts"
export { ActorNode, HealthReply, SupervisionReply, serviceName } from "./http/system.ts"
export {
  initialTerminalSize,
  TerminalCreatedReply,
  TerminalInfoReply,
  TerminalSocketQuery,
  TerminalStoppedReply,
  TerminalsReply,
  terminalSentences
} from "./http/terminals.ts"
export {
  PreferencesBody,
  PreferencesReply,
  Revision,
  themeSentence,
  ViewerConflict,
  ViewerQuery,
  ViewerReply,
  ViewerSaveBody,
  ViewerSaveReply,
  viewerErrors
} from "./http/viewer.ts"
export { ClientId, makeUlidFactory, Ulid, ulid } from "./Id.ts"
export { decide as decideRun, excerpt, type Owed, owed, type RunCommand, type RunEvent } from "./run/decide.ts"
export {
  evolve as evolveRun,
  initial as initialRun,
  type RunMessage,
  type RunState,
  type RunStatus,
  type RunTool,
  type TranscriptItem
} from "./run/RunState.ts"
export { matcher } from "./Topic.ts"
