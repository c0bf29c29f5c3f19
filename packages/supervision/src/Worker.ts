/**
 * A long-running effect as a child: supervised like an actor, but nobody sends it messages.
 *
 * Law: it is up as soon as it runs. When it succeeds it has ended normally; when it fails or dies it has crashed.
 * Asked to end, it is interrupted at once: the grace is for its finalizers.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { defaultShutdownMs } from "./Actor.ts"
import type { Definition, Site } from "./Definition.ts"
import { crashed, type Node, normal, shutdown } from "./Node.ts"
import { Process } from "./Process.ts"
import type { Tree } from "./Tree.ts"

interface WorkerSpec<out E, out R> {
  readonly kind: string
  readonly run: Effect.Effect<unknown, E, R | Scope.Scope | Tree>
}

export interface WorkerDefinition<out E = never, out R = never> extends Definition<R> {
  readonly spec: WorkerSpec<E, R>
}

export const worker = <E = never, R = never>(spec: WorkerSpec<E, R>): WorkerDefinition<E, R> => ({
  spec,
  kind: spec.kind,
  shutdownMs: defaultShutdownMs,
  build: (site: Site<R>): Node => new WorkerProcess(spec, site)
})

class WorkerProcess<E, R> extends Process {
  readonly kind: string
  private readonly work: Effect.Effect<unknown, E, R | Scope.Scope | Tree>
  private readonly context: Context.Context<R | Scope.Scope | Tree>

  constructor(spec: WorkerSpec<E, R>, site: Site<R>) {
    super(site)
    this.kind = spec.kind
    this.work = spec.run
    this.context = site.context
  }

  protected launch(scope: Scope.Closeable): void {
    const run = Effect.runForkWith(Context.add(this.context, Scope.Scope, scope))
    const incarnation = this.incarnation
    // A turn of the scheduler first, so that it is up before it can end.
    const fiber = run(Effect.andThen(Effect.yieldNow, this.work))
    this.fiber = fiber
    fiber.addObserver((exit) => {
      if (incarnation !== this.incarnation || this.ending !== undefined) return
      this.fiber = undefined
      this.terminate(Exit.isSuccess(exit) ? normal : crashed(exit.cause))
    })
    this.isUp()
  }

  protected close(): void {}

  protected drain(): void {
    this.terminate(shutdown)
  }

  protected mailboxDepth(): number {
    return 0
  }
}
