/**
 * What an agent can do: a tool has a name, a schema for its arguments, an effect, and an act.
 *
 * Law: a tool's failure is a result that the model is told, never a failure of the run.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** Where a call comes from, and whom its events are about. */
export interface ToolContext {
  readonly run_id: string
  readonly call_id: string
  readonly actor_id: string
  readonly user_id: string | null
  readonly session_id: string
  readonly thread_id: string
  readonly correlation_id: string
}

/** What came of a call. `text` is the whole output, unless `blob` holds it and `text` is its excerpt. */
export interface ToolOutcome {
  readonly success: boolean
  readonly text: string
  readonly blob?: { readonly hash: string; readonly bytes: number }
}

/** What a write is about to do, known before it acts: a crash in between is decided by these hashes. */
export interface Intent {
  readonly path: string
  /** SHA-256 in hex; null for a file that is not there. */
  readonly before_hash: string | null
  readonly after_hash: string | null
}

/** The call can't be done, in words that help the model to do better. */
export class ToolFailure extends Schema.TaggedError<ToolFailure>()("Tool.Failure", { message: Schema.String }) {}

/**
 * - `read`: changes nothing, so it is run again after a crash and beside other reads.
 * - `write`: changes one file, as its intent says.
 * - `other`: anything; after a crash its outcome is unknown.
 */
export type ToolEffect = "read" | "write" | "other"

/** A call whose arguments are decoded, ready to act. */
export interface PreparedCall {
  readonly intent: Intent | null
  readonly act: Effect.Effect<ToolOutcome, ToolFailure>
}

export interface Tool {
  readonly name: string
  readonly description: string
  /** A JSON schema of type `object`. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly effect: ToolEffect
  /** Decodes the arguments and finds out what the call would do. Changes nothing. */
  readonly prepare: (args: unknown, context: ToolContext) => Effect.Effect<PreparedCall, ToolFailure>
}

/** Defines a tool from a schema of its arguments. */
export const tool = <A>(spec: {
  readonly name: string
  readonly description: string
  readonly parameters: Schema.Codec<A, unknown>
  readonly effect: ToolEffect
  readonly prepare: (args: A, context: ToolContext) => Effect.Effect<PreparedCall, ToolFailure>
}): Tool => {
  const decode = Schema.decodeUnknownEffect(spec.parameters)
  return {
    name: spec.name,
    description: spec.description,
    parameters: toJsonSchema(spec.parameters),
    effect: spec.effect,
    prepare: (args, context) =>
      decode(args).pipe(
        Effect.mapError(
          (error) => new ToolFailure({ message: `Invalid arguments for ${spec.name}: ${error.message}` })
        ),
        Effect.flatMap((decoded) => spec.prepare(decoded, context))
      )
  }
}

/** For a tool that has nothing to find out before it acts. */
export const acts = (act: Effect.Effect<ToolOutcome, ToolFailure>): Effect.Effect<PreparedCall> =>
  Effect.succeed({ intent: null, act })

const toJsonSchema = (schema: Schema.Codec<unknown, unknown>): Readonly<Record<string, unknown>> => {
  const document = Schema.toJsonSchemaDocument(schema)
  const definitions = Object.keys(document.definitions).length === 0 ? {} : { $defs: document.definitions }
  return { ...document.schema, ...definitions }
}
