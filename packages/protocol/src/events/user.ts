/** What a user prefers. */
import * as Schema from "effect/Schema"
import { define } from "../Event.ts"

export const Theme = Schema.Literals(["dark", "light"])
export type Theme = typeof Theme.Type

export const userEvents = [define("user.theme_preference", Schema.Struct({ theme: Theme }))] as const
