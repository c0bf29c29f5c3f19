/**
 * A file of CHOIR_HOME with one JSON object, which a person may edit by hand.
 *
 * Law: what can't be understood is said and never written over. What another version put there stays.
 */
import * as Path from "node:path"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import { readPrivate, writePrivate } from "./privateFile.ts"

/** `broken`: it is not what it should be. `unwritable`: the disk does not take it. */
export class JsonFileFailure extends Schema.TaggedError<JsonFileFailure>()("JsonFile.Failure", {
  reason: Schema.Literals(["broken", "unwritable"]),
  message: Schema.String
}) {}

export interface JsonFile<A> {
  /** The object as the file has it; empty when there is no file. */
  readonly read: Effect.Effect<A, JsonFileFailure>
  /** Reads it again, changes keys (undefined: away with it), and gives what it is then. One at a time. */
  readonly update: (change: (current: A) => Readonly<Record<string, unknown>>) => Effect.Effect<A, JsonFileFailure>
}

const JsonObject = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown))

export const jsonFile = <A>(file: string, schema: Schema.Codec<A, unknown>): JsonFile<A> => {
  const name = Path.basename(file)
  const lock = Semaphore.makeUnsafe(1)
  const decode = Schema.decodeUnknownEffect(schema)
  const broken = (message: string) => new JsonFileFailure({ reason: "broken", message })

  const raw = Effect.gen(function* () {
    const text = yield* Effect.tryPromise({
      try: () => readPrivate(file),
      catch: () => broken(`${name} in CHOIR_HOME can't be read. Look at its permissions.`)
    })
    // The words of a parser would show what is in the file.
    return yield* Schema.decodeUnknownEffect(JsonObject)(text ?? "{}").pipe(
      Effect.mapError(() =>
        broken(`${name} in CHOIR_HOME is not a JSON object. Correct it or remove it; until then it is left as it is.`)
      )
    )
  })

  const understood = (object: Readonly<Record<string, unknown>>) =>
    decode(object).pipe(
      Effect.mapError(() => {
        const wrong = Object.keys(object).filter(
          (key) => Schema.decodeUnknownExit(schema)({ [key]: object[key] })._tag === "Failure"
        )
        return broken(
          `${name} in CHOIR_HOME has a wrong value for ${wrong.join(", ")}. Correct it; until then it is left as it is.`
        )
      })
    )

  return {
    read: Effect.flatMap(raw, understood),
    update: (change) =>
      lock.withPermits(1)(
        Effect.uninterruptible(
          Effect.gen(function* () {
            const object = yield* raw
            const changes = { ...object, ...change(yield* understood(object)) }
            const changed = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
            const result = yield* understood(changed)
            yield* Effect.tryPromise({
              try: () => writePrivate(file, `${JSON.stringify(changed, null, 2)}\n`),
              catch: () =>
                new JsonFileFailure({
                  reason: "unwritable",
                  message: `${name} can't be written in CHOIR_HOME. Look at its permissions and at the space on the disk.`
                })
            })
            return result
          })
        )
      )
  }
}
