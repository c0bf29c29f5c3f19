/**
 * Which actors have mail, and whose turn it is.
 *
 * Law: an idle actor costs no fiber and no timer. Turns are fair: an actor handles a bounded number of messages, then
 * goes to the end of the queue; after a bounded number in all, I/O gets its turn.
 */
import type { SchedulerDispatcher } from "effect/Scheduler"

/** Messages of one actor before the next actor's turn. */
export const turnBudget = 64
/** Messages of all actors before I/O's turn: about a millisecond of small handlers. */
const pumpBudget = 1024
/** Handlers, and answered callers, on one JavaScript stack: a long chain of calls must not overflow it, down or up. */
const maxNesting = 16

export interface Runnable {
  /** Handles at most `budget` messages; returns how many it did. It enqueues itself again when it has more. */
  runTurn(budget: number): number
}

export class RunQueue {
  private readonly dispatcher: SchedulerDispatcher
  private waiting: Array<Runnable> = []
  private pumpScheduled = false
  private nesting = 0
  private answered: Array<() => void> = []
  private answering = 0

  constructor(dispatcher: SchedulerDispatcher) {
    this.dispatcher = dispatcher
  }

  push(runnable: Runnable): void {
    this.waiting.push(runnable)
    this.schedulePump()
  }

  get mayNest(): boolean {
    return this.nesting < maxNesting
  }

  get isHandling(): boolean {
    return this.nesting > 0
  }

  enter(): void {
    this.nesting++
  }

  leave(): void {
    this.nesting--
  }

  /** Lets an answered caller go on: now, or in the pump when many stand on the stack already. */
  answer(goOn: () => void): void {
    if (this.answering < maxNesting) {
      this.answering++
      goOn()
      this.answering--
      return
    }
    this.answered.push(goOn)
    this.schedulePump()
  }

  private schedulePump(): void {
    if (this.pumpScheduled) return
    this.pumpScheduled = true
    this.dispatcher.scheduleTask(this.pump, 0)
  }

  private readonly pump = (): void => {
    this.pumpScheduled = false
    const answered = this.answered
    this.answered = []
    for (const goOn of answered) this.answer(goOn)
    let budget = pumpBudget
    while (this.waiting.length > 0) {
      const round = this.waiting
      this.waiting = []
      for (let index = 0; index < round.length; index++) {
        if (budget <= 0) {
          this.waiting = round.slice(index).concat(this.waiting)
          this.schedulePump()
          return
        }
        budget -= round[index]?.runTurn(turnBudget) ?? 0
      }
    }
  }
}
