export { type ActorDefinition, actor } from "./Actor.ts"
export type { ActorSpec, Handler, Self } from "./ActorProcess.ts"
export { ActorDead, type ActorRef, CallTimeout, type Down, MailboxFull, type Reply, SelfCall } from "./ActorRef.ts"
export type { Backoff } from "./Intensity.ts"
export type { Restart, Strategy } from "./StaticSupervisor.ts"
export type { EventListener, SupervisionEvent } from "./SupervisionEvent.ts"
export {
  type ChildOptions,
  type ChildSpec,
  child,
  type DynamicDefinition,
  dynamic,
  type SupervisorDefinition,
  supervisor
} from "./Supervisor.ts"
export { type StartOptions, start } from "./start.ts"
export { type ActorInfo, type ActorState, type DynamicCounters, GaveUp, StartFailed, Tree } from "./Tree.ts"
export { type WorkerDefinition, worker } from "./Worker.ts"
