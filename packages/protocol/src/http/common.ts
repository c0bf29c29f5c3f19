/** What the routes have in common: how a failure looks, and the parts of queries. */
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"

/** A failure, in words. */
export const Failure = Schema.Struct({ success: Schema.Literal(false), error: Schema.String }).annotate({
  identifier: "Failure",
  description: "What is wrong, in words."
})
export type Failure = typeof Failure.Type

export const failure = (error: string): Failure => ({ success: false, error })

/** Terminal routes answer with `error` alone. */
export const BareFailure = Schema.Struct({ error: Schema.String }).annotate({ identifier: "BareFailure" })
export type BareFailure = typeof BareFailure.Type

export const Success = Schema.Literal(true)

/** A success that says no more than what was done. */
export const Done = Schema.Struct({ success: Success, message: Schema.String }).annotate({ identifier: "Done" })
export type Done = typeof Done.Type

/** A whole number in a query: digits and nothing else. */
export const WholeFromQuery = Schema.String.check(Schema.isPattern(/^\d{1,15}$/)).pipe(
  Schema.decodeTo(Schema.Int, {
    decode: SchemaGetter.transform(Number),
    encode: SchemaGetter.transform(String)
  })
)

export const FlagFromQuery = Schema.Literals(["true", "false"]).pipe(
  Schema.decodeTo(Schema.Boolean, {
    decode: SchemaGetter.transform((text) => text === "true"),
    encode: SchemaGetter.transform((flag) => (flag ? "true" : "false"))
  })
)

/** How many rows a page has at most. */
export const limitFromQuery = (maximum: number) => WholeFromQuery.check(Schema.isBetween({ minimum: 1, maximum }))
