/**
 * A supervisor whose children are started by key, once however many ask at once.
 *
 * Law: children have nothing to do with one another. Each has its own count of restarts: one that crashes too often is
 * given up alone, and stays so until someone resets it. All of them end side by side, each with its own grace.
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type { ActorRef } from "./ActorRef.ts"
import type { Place } from "./Definition.ts"
import { Intensity, type Limits } from "./Intensity.ts"
import { crashed, type Ending, type Node, type Overseer, shutdown, startFailed, type Up, words } from "./Node.ts"
import type { Located } from "./Runtime.ts"
import { isRestarted, type Restart } from "./StaticSupervisor.ts"
import type { SupervisionEvent } from "./SupervisionEvent.ts"
import { type ActorInfo, type ActorState, type Children, GaveUp, StartFailed } from "./Tree.ts"

interface DynamicSpec<in M> {
  readonly restart: Restart
  readonly limits: Limits
  readonly max: number
  readonly spawn: (key: string, path: string, overseer: Overseer) => Node & ActorRef<M>
}

type Asked<M> = Effect.Effect<ActorRef<M>, StartFailed | GaveUp>

export class DynamicSupervisor<M> implements Node, Located, Children<M> {
  readonly kind = "dynamic"
  restarts = 0
  state: ActorState = "stopped"
  readonly entries = new Map<string, Entry<M>>()
  readonly place: Place
  readonly spec: DynamicSpec<M>
  started = 0
  stopped = 0
  crashes = 0
  restarted = 0
  givenUp = 0
  private bornAt = 0
  private ending: Ending | undefined = undefined
  private gone: Array<() => void> | undefined = undefined

  constructor(spec: DynamicSpec<M>, place: Place) {
    this.spec = spec
    this.place = place
  }

  get path(): string {
    return this.place.path
  }

  readonly getOrStart = (key: string): Asked<M> =>
    Effect.suspend((): Asked<M> => {
      const known = this.entries.get(key)
      if (known !== undefined) return known.wait()
      if (this.state !== "running") return this.refuse(key, `${this.path} is not running`)
      if (this.entries.size >= this.spec.max) return this.refuse(key, `${this.path} has ${this.spec.max} children`)
      const entry = new Entry(key, this)
      this.entries.set(key, entry)
      return entry.start()
    })

  readonly find = (key: string): Option.Option<ActorRef<M>> => {
    const entry = this.entries.get(key)
    return entry === undefined || entry.gaveUp !== undefined ? Option.none() : Option.some(entry.process)
  }

  readonly stopChild = (key: string): Effect.Effect<void> =>
    Effect.callback((resume) => {
      const entry = this.entries.get(key)
      if (entry === undefined) return resume(Effect.void)
      entry.stop(() => resume(Effect.void))
    })

  readonly reset = (key: string): Effect.Effect<void> =>
    Effect.sync(() => {
      if (this.entries.get(key)?.gaveUp !== undefined) this.entries.delete(key)
    })

  locate(segment: string): Node | undefined {
    try {
      return this.entries.get(decodeURIComponent(segment))?.process
    } catch {
      // Not a percent-encoded key, so nobody's path.
      return undefined
    }
  }

  begin(up: Up): void {
    this.state = "running"
    this.ending = undefined
    this.bornAt = this.place.runtime.now()
    up(Exit.void)
  }

  end(gone: () => void): void {
    if (this.state !== "running" && this.state !== "stopping") {
      gone()
      return
    }
    this.gone ??= []
    this.gone.push(gone)
    this.shut(shutdown)
  }

  kill(): void {
    this.shut(shutdown)
    for (const entry of this.entries.values()) entry.process.kill()
  }

  crash(cause: Cause.Cause<unknown>): boolean {
    if (this.state !== "running") return false
    this.place.overseer.crashed(this, cause)
    this.shut(crashed(cause))
    return true
  }

  mark(state: "restarting" | "stopped" | "given_up"): void {
    if (this.state !== "running" && this.state !== "stopping") this.state = state
  }

  info(): ActorInfo {
    return {
      path: this.path,
      parent: this.place.parent,
      kind: this.kind,
      state: this.state,
      restarts: this.restarts,
      mailbox: 0,
      ageMs: this.state === "running" ? this.place.runtime.now() - this.bornAt : 0,
      children: {
        live: this.entries.size - this.given,
        started: this.started,
        stopped: this.stopped,
        crashed: this.crashes,
        restarted: this.restarted,
        givenUp: this.givenUp
      }
    }
  }

  visit(see: (info: ActorInfo) => void): void {
    see(this.info())
    for (const entry of this.entries.values()) entry.process.visit(see)
  }

  forget(entry: Entry<M>): void {
    if (this.entries.get(entry.key) === entry) this.entries.delete(entry.key)
    if (this.state === "stopping" && this.entries.size === 0) this.finish()
  }

  tell(type: SupervisionEvent["type"], node: Node, cause?: Cause.Cause<unknown>): void {
    this.place.runtime.emit({
      type,
      path: node.path,
      kind: node.kind,
      cause: cause === undefined ? "" : words(cause),
      restarts: node.restarts,
      ...(cause === undefined ? {} : { failure: cause })
    })
  }

  private get given(): number {
    let count = 0
    for (const entry of this.entries.values()) if (entry.gaveUp !== undefined) count++
    return count
  }

  private refuse(key: string, cause: string): Effect.Effect<never, StartFailed> {
    return Effect.fail(new StartFailed({ path: `${this.path}/${encodeURIComponent(key)}`, cause }))
  }

  private shut(ending: Ending): void {
    if (this.state !== "running") return
    this.ending = ending
    this.state = "stopping"
    if (this.entries.size === 0) {
      this.finish()
      return
    }
    // The last one that goes calls `finish`.
    for (const entry of [...this.entries.values()].reverse()) entry.stop(() => {})
  }

  private finish(): void {
    const { ending, gone } = this
    if (ending === undefined) return
    this.state = "stopped"
    this.ending = undefined
    this.gone = undefined
    for (const told of gone ?? []) told()
    if (gone === undefined) this.place.overseer.ended(this, ending)
  }
}

/** One key: its process, and what its supervisor knows about it. */
class Entry<M> implements Overseer {
  readonly key: string
  readonly process: Node & ActorRef<M>
  gaveUp: GaveUp | undefined = undefined
  private readonly supervisor: DynamicSupervisor<M>
  private intensity: Intensity | undefined = undefined
  private leaving = false
  private timer: Fiber.Fiber<void> | undefined = undefined
  private asking: Array<(answer: Asked<M>) => void> | undefined = undefined

  constructor(key: string, supervisor: DynamicSupervisor<M>) {
    this.key = key
    this.supervisor = supervisor
    this.process = supervisor.spec.spawn(key, `${supervisor.path}/${encodeURIComponent(key)}`, this)
  }

  start(): Asked<M> {
    let answer: Asked<M> | undefined
    this.process.begin((exit) => {
      if (Exit.isSuccess(exit)) {
        this.supervisor.started++
        answer = Effect.succeed(this.process)
      } else {
        this.supervisor.forget(this)
        answer = Effect.fail(startFailed(this.process.path, exit.cause))
      }
      this.answer(answer)
    })
    return answer ?? this.wait()
  }

  wait(): Asked<M> {
    if (this.process.state === "running") return Effect.succeed(this.process)
    if (this.gaveUp !== undefined) return Effect.fail(this.gaveUp)
    return Effect.callback((resume) => {
      this.asking ??= []
      this.asking.push(resume)
    })
  }

  stop(gone: () => void): void {
    if (this.timer !== undefined || this.gaveUp !== undefined) {
      this.timer?.interruptUnsafe()
      this.timer = undefined
      this.process.mark("stopped")
      this.leave()
      gone()
      return
    }
    const counts = !this.leaving && this.process.state === "running"
    this.leaving = true
    this.process.end(() => {
      if (counts) this.supervisor.stopped++
      this.leave()
      gone()
    })
  }

  crashed(node: Node, cause: Cause.Cause<unknown>): void {
    this.supervisor.crashes++
    this.supervisor.tell("child_crashed", node, cause)
  }

  ended(_node: Node, ending: Ending): void {
    if (!isRestarted(this.supervisor.spec.restart, ending) || this.supervisor.state !== "running") {
      this.supervisor.stopped++
      this.leave()
      return
    }
    this.recover(ending)
  }

  private recover(ending: Ending): void {
    const { runtime } = this.supervisor.place
    this.intensity ??= new Intensity()
    const delay = this.intensity.hit(this.supervisor.spec.limits, runtime.now())
    if (delay === undefined) {
      this.giveUp(ending)
      return
    }
    this.process.mark("restarting")
    this.timer = runtime.after(delay, () => {
      this.timer = undefined
      this.process.begin((exit) => {
        if (Exit.isFailure(exit)) {
          if (this.leaving) return this.answer(Effect.fail(startFailed(this.process.path, exit.cause)))
          this.crashed(this.process, exit.cause)
          return this.recover(crashed(exit.cause))
        }
        this.process.restarts++
        this.supervisor.restarted++
        this.supervisor.tell("child_restarted", this.process)
        this.answer(Effect.succeed(this.process))
      })
    })
  }

  private giveUp(ending: Ending): void {
    const { path, restarts } = this.process
    const failure = ending._tag === "crashed" ? ending.cause : undefined
    const cause = failure === undefined ? "it ended, though permanent" : words(failure)
    this.gaveUp = new GaveUp({ path, cause, restarts })
    this.process.mark("given_up")
    this.supervisor.givenUp++
    this.supervisor.tell("gave_up", this.process, failure)
    this.answer(Effect.fail(this.gaveUp))
  }

  /** Whoever still asks for this key starts it anew, or hears that the supervisor is not running. */
  private leave(): void {
    this.supervisor.forget(this)
    this.answer(this.supervisor.getOrStart(this.key))
  }

  private answer(answer: Asked<M>): void {
    const asking = this.asking
    this.asking = undefined
    for (const resume of asking ?? []) resume(answer)
  }
}
