export {
  ConversationFold,
  type ConversationItem,
  type NoteItem,
  type UserItem
} from "./chat/conversation.ts"
export type { Live } from "./chat/live.ts"
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
export type { TurnItem } from "./chat/turn.ts"
export {
  byAttention,
  type ChoirState,
  evolveChoir,
  evolveChoirAll,
  initialChoir,
  seedChoir
} from "./choir/Choir.ts"
export {
  beginCard as beginChoirCard,
  type ChoirCard,
  choirTopics,
  evolveCard as evolveChoirCard,
  summaryOf as runSummaryOf
} from "./choir/card.ts"
export { builtInApps } from "./desktop/apps.ts"
export {
  activeWindow,
  type DesktopState,
  desktopEventTypes,
  evolveDesktop,
  findWindow,
  initialDesktop,
  sameWindow,
  type WindowState
} from "./desktop/DesktopState.ts"
export {
  courtesy,
  type DesktopChange,
  type DesktopCommand,
  decideDesktop,
  minimumSize,
  type UserPresence,
  windowNotFound
} from "./desktop/decide.ts"
export { Desktop, desktopFromWire, desktopToWire, Window, windowToWire } from "./desktop/wire.ts"
export { type Catalog, define, Event, type EventDefinition } from "./Event.ts"
export { App, DesktopAgent, NoticeLevel, Props, Zone } from "./events/desktop.ts"
export { Tier } from "./events/oversight.ts"
export { Budget, Evidence, PlanPart } from "./events/run.ts"
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
export {
  Agent,
  AgentDoing,
  AgentFrontMatter,
  AgentLast,
  AgentLimits,
  AgentPermissions,
  AgentProblem,
  AgentRegisterBody,
  AgentReply,
  AgentsQuery,
  AgentsReply,
  AgentTrustBody
} from "./http/agents.ts"
export { openApi } from "./http/api.ts"
export {
  AnswerBody,
  Approval,
  ApprovalReply,
  ApprovalsQuery,
  ApprovalsReply,
  DecideBody,
  DecideReply,
  Question,
  QuestionsReply
} from "./http/approvals.ts"
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
export { ContextPart, contextSentences, RunContextReply } from "./http/context.ts"
export {
  AppsReply,
  DesktopReply,
  desktopSentences,
  OpBody,
  PositionBody,
  RegisterAppBody,
  RestoreBody,
  SizeBody,
  SnapBody,
  WindowOpenBody,
  WindowOpenReply,
  WindowReply,
  WindowRestoreReply,
  WindowsReply,
  WindowUpdateBody
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
  fileLimits,
  fileSentences,
  TrashEntry,
  TrashReply
} from "./http/files.ts"
export { Model, ModelChoiceBody, ModelChoiceReply, ModelsReply } from "./http/models.ts"
export {
  maximumRules,
  Rule,
  RuleBody,
  RulePreset,
  RuleReply,
  RulesBody,
  RulesReply,
  RuleTryBody,
  RuleTryReply
} from "./http/rules.ts"
export {
  OutputQuery,
  OutputReply,
  PlanBody,
  RaiseBody,
  ReasonBody,
  RunBegunReply,
  RunDetail,
  RunReply,
  RunRetryBody,
  RunStartBody,
  RunStartReply,
  RunSteerBody,
  RunSummary,
  RunsQuery,
  RunsReply,
  runSentences,
  StoppedReply,
  Task,
  TaskBody,
  TasksQuery
} from "./http/runs.ts"
export { SearchHit, SearchQuery, SearchReply } from "./http/search.ts"
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
  TerminalLeftReply,
  TerminalSocketQuery,
  TerminalStoppedReply,
  TerminalsReply,
  terminalSentences
} from "./http/terminals.ts"
export {
  BudgetsReply,
  CapRaiseBody,
  CapRaiseReply,
  Caps,
  UsageGroup,
  UsageLine,
  UsageQuery,
  UsageReply
} from "./http/usage.ts"
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
export {
  evolveWaiting,
  findApproval,
  initialWaiting,
  type WaitingState,
  waitingEventTypes,
  waitingFromSnapshot,
  waitingToSnapshot
} from "./oversight/Waiting.ts"
export {
  type Check,
  decide as decideRun,
  endsWithTurn,
  excerpt,
  type Owed,
  owed,
  type RunCommand,
  type RunEvent,
  type TaskEnd,
  taskEnd,
  taskEnded
} from "./run/decide.ts"
export { ownObjective } from "./run/objective.ts"
export { phaseOf, RunPhase } from "./run/phase.ts"
export { partStatus, planConflict, planProblem, taskOf } from "./run/plan.ts"
export {
  budgetField,
  evolve as evolveRun,
  initial as initialRun,
  isWaiting,
  type Plan,
  type RunMessage,
  type RunState,
  type RunStatus,
  type RunTask,
  type RunTool,
  type TranscriptItem,
  withoutMarks
} from "./run/RunState.ts"
export {
  foldTimeline,
  type Timeline,
  type TimelineCall,
  TimelineFold,
  type TimelineStep,
  type TimelineTool,
  type TimelineWork
} from "./run/timeline.ts"
export { matcher } from "./Topic.ts"
export {
  addTally,
  bookingOf,
  dayOf,
  emptyTally,
  isUnbilled,
  oneStep,
  type Reserved,
  roundUsd,
  Tally
} from "./usage/tally.ts"
export {
  blankLine as blankUsageLine,
  evolveUsage,
  initialUsage,
  totalUsage,
  type UsageState,
  usageBy,
  usageEventTypes,
  usageOfRun,
  usageUnder
} from "./usage/UsageState.ts"
