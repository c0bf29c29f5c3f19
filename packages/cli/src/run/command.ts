/**
 * `choir run`: one objective, one answer, an exit code.
 *
 * Law: stdout has the answer alone (or one JSON object); a turn that is interrupted or takes too long is stopped on the
 * server, too.
 */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import { openChat } from "../chat/ChatLink.ts"
import type { Happening } from "../chat/Happening.ts"
import { Transcript } from "../chat/Transcript.ts"
import { cliUser, defaultActor, findThread, newThread } from "../chat/thread.ts"
import { type parse, UsageError, wholeNumber } from "../commandLine.ts"
import type { run as spec } from "../commands.ts"
import { exitCode } from "../exit.ts"
import { locate, type Server, type ServerError, Unreachable } from "../server/Server.ts"
import { hasColour } from "../terminal/colour.ts"
import { paint } from "../text/Span.ts"
import { sanitize } from "../text/sanitize.ts"

type Args = ReturnType<typeof parse<typeof spec>>

export const run = async ({ positionals, values }: Args): Promise<number> => {
  const timeout = wholeNumber("timeout", values.timeout, 1)
  const objective = await readObjective(positionals)
  const server = locate(values, process.env)
  return exitCode(program(server, objective, values, timeout))
}

const readObjective = async (positionals: ReadonlyArray<string>): Promise<string> => {
  const [first, second] = positionals
  if (first === undefined)
    throw new UsageError('What is the objective? `choir run "list the files"`, or `choir run -` to read it from stdin.')
  if (second !== undefined) throw new UsageError("choir run takes one objective: put it in quotes.")
  if (first !== "-") return notBlank(first)
  const pieces: Array<Buffer> = []
  for await (const piece of process.stdin) pieces.push(Buffer.from(piece))
  return notBlank(Buffer.concat(pieces).toString("utf8"))
}

const notBlank = (text: string): string => {
  if (text.trim() === "") throw new UsageError("The objective is empty.")
  return text
}

/** Longest wait for a server that went away in mid-turn, in milliseconds. */
const patience = 60_000
/** Longest wait for the end of a turn that was stopped. */
const stopPatience = 5_000

/** What is told on stderr: the end is told by the exit. */
const onTheWay: ReadonlySet<Happening["_tag"]> = new Set(["Thought", "Called", "Returned", "Worked"])

type Signal = "interrupted" | "timeout" | "gone" | "given up" | Happening

const program = (
  server: Server,
  objective: string,
  values: Args["values"],
  timeout: number | undefined
): Effect.Effect<number, ServerError, Scope.Scope> =>
  Effect.gen(function* () {
    const actor = values.actor ?? defaultActor
    const thread = values.thread === undefined ? newThread(actor) : yield* findThread(server, actor, values.thread)
    const signals = yield* Queue.unbounded<Signal>()
    const signal = (one: Signal) => Queue.offerUnsafe(signals, one)
    const progress = makeProgress(values.quiet === true)
    const after = yield* timers(signal)

    const link = yield* openChat(server, thread, cliUser, {
      onUp: ({ first }) => {
        after("gone", null)
        if (!first) progress.notice("The server is back.")
      },
      onDown: () => {
        progress.notice("The connection to the server is lost; trying again.")
        after("gone", patience)
      },
      onHappening: (happening) => {
        if (onTheWay.has(happening._tag)) progress.tell(happening)
        signal(happening)
      }
    })
    const interrupt = () => signal("interrupted")
    yield* Effect.acquireRelease(
      Effect.sync(() => process.on("SIGINT", interrupt).on("SIGTERM", interrupt)),
      () => Effect.sync(() => process.off("SIGINT", interrupt).off("SIGTERM", interrupt))
    )

    const began = Date.now()
    const id = link.say(objective, "queue")
    if (timeout !== undefined) after("timeout", timeout * 1_000)
    let stoppedFor: "interrupted" | "timeout" | null = null
    for (;;) {
      const next = yield* Queue.take(signals)
      if (next === "gone")
        return yield* new Unreachable({
          message: "The server did not come back. The turn is in its log, and goes on when it starts."
        })
      if (next === "given up")
        return finish(
          values,
          { code: stoppedFor === "interrupted" ? 130 : 1, thread: thread.thread_id, error: "Stopped" },
          began
        )
      if (next === "interrupted" || next === "timeout") {
        if (stoppedFor !== null) return 130
        stoppedFor = next
        progress.notice(next === "interrupted" ? "Stopping …" : `There is no answer within ${timeout} s; stopping …`)
        link.stop()
        after("given up", stopPatience)
        continue
      }
      if (typeof next === "string") continue
      if (next._tag === "Paused") {
        // Nobody is here to answer. The turn stays as it is, for whoever goes on with it.
        const error = `Paused: ${next.reason} (go on with \`npx choir chat --thread ${thread.thread_id}\`)`
        return finish(values, { code: 1, thread: thread.thread_id, error }, began)
      }
      if (next._tag !== "Answered" && next._tag !== "Failed") continue
      if (next.client_message_id !== id) continue
      const end = { thread: thread.thread_id, run: next.run_id }
      if (next._tag === "Answered")
        return finish(values, { ...end, code: 0, text: next.text, model: next.model }, began)
      const error = stoppedFor === "timeout" ? `No answer within ${timeout} s` : next.message
      return finish(values, { ...end, code: stoppedFor === "interrupted" ? 130 : 1, error }, began)
    }
  })

interface Ending {
  readonly code: number
  readonly thread: string
  readonly run?: string | null
  readonly text?: string
  readonly model?: string
  readonly error?: string
}

const finish = (values: Args["values"], ending: Ending, began: number): number => {
  const { code, error, model, run: run_id = null, text, thread: thread_id } = ending
  if (values.json === true) {
    const outcome = error === undefined ? { text, model_used: model } : { error }
    const line = { success: code === 0, ...outcome, run_id, thread_id, duration_ms: Date.now() - began }
    process.stdout.write(`${JSON.stringify(line)}\n`)
  } else if (text !== undefined) process.stdout.write(`${sanitize(text).trimEnd()}\n`)
  else process.stderr.write(`${sanitize(error ?? "It failed")}\n`)
  return code
}

/** What is said on the way, on stderr. */
const makeProgress = (isQuiet: boolean): Pick<Transcript, "tell" | "notice"> => {
  const { stderr } = process
  const colour = hasColour(stderr, process.env)
  return new Transcript({
    width: () => (stderr.isTTY === true ? Math.max(20, stderr.columns - 1) : Number.POSITIVE_INFINITY),
    styled: false,
    settle: (rows) => {
      const full = rows.filter((row) => row.length > 0)
      if (!isQuiet) stderr.write(full.map((row) => `${paint(row, colour)}\n`).join(""))
    }
  })
}

/** Signals that come after a while unless they are taken back. */
const timers = (signal: (one: Signal) => void) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => new Map<string, NodeJS.Timeout>()),
      (running) =>
        Effect.sync(() => {
          for (const timer of running.values()) clearTimeout(timer)
        })
    ),
    (running) => (name: "gone" | "timeout" | "given up", ms: number | null) => {
      clearTimeout(running.get(name))
      if (ms !== null)
        running.set(
          name,
          setTimeout(() => signal(name), ms)
        )
    }
  )
