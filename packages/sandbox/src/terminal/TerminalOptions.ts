/** What the terminals of one computer have in common: where they keep things, and for how long. */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Redaction, type Redactor } from "../settings/Redactor.ts"
import { IdleScreens } from "./IdleScreens.ts"
import { removeLeftSpools } from "./Spool.ts"
import { Viewers } from "./Viewers.ts"

export class TerminalOptions extends Context.Service<
  TerminalOptions,
  {
    /** A folder outside of the jail for outputs that are too long for memory. */
    readonly spoolFolder: string
    /** How long a terminal in which nothing runs, and that nobody watches, keeps its actor. */
    readonly idleAfter: Duration.Input
    readonly screens: IdleScreens
    readonly viewers: Viewers
    /** What agents' commands print goes through it. */
    readonly redactor: Redactor
  }
>()("choiros/sandbox/terminal/TerminalOptions") {
  /** Built once a server: what an earlier one has left in the folder is removed. */
  static readonly layer = (options: {
    readonly spoolFolder: string
    readonly idleAfter?: Duration.Input
    readonly keptScreens?: number
  }): Layer.Layer<TerminalOptions> =>
    Layer.effect(
      TerminalOptions,
      Effect.zipWith(
        Redaction,
        Effect.promise(() => removeLeftSpools(options.spoolFolder)),
        (redactor) => ({
          redactor,
          spoolFolder: options.spoolFolder,
          idleAfter: options.idleAfter ?? "15 seconds",
          screens: new IdleScreens(options.keptScreens ?? 32),
          viewers: new Viewers()
        })
      )
    )
}
