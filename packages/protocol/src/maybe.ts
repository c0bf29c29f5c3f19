import * as Schema from "effect/Schema"

/** Optional on the way in: `null` and an absent key mean the same. */
export const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optional(Schema.NullOr(schema))
