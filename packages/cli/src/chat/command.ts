/** `choir chat`. */
import * as Effect from "effect/Effect"
import { noPositionals, type parse } from "../commandLine.ts"
import { chat as spec } from "../commands.ts"
import { exitCode } from "../exit.ts"
import { locate } from "../server/Server.ts"
import { hasColour } from "../terminal/colour.ts"
import { interactive } from "./Interactive.ts"
import { lines } from "./Lines.ts"
import { defaultActor, findThread } from "./thread.ts"

export const chat = ({ positionals, values }: ReturnType<typeof parse<typeof spec>>): Promise<number> => {
  noPositionals(spec, positionals)
  const server = locate(values, process.env)
  const { stderr: error, stdin: input, stdout: output } = process
  const colour = hasColour(output, process.env)
  // A terminal that can't move its cursor gets lines.
  const isTerminal = input.isTTY === true && output.isTTY === true && process.env.TERM !== "dumb"
  return exitCode(
    Effect.flatMap(findThread(server, values.actor ?? defaultActor, values.thread), (thread) =>
      isTerminal
        ? interactive(server, thread, { input, output, colour })
        : lines(server, thread, { input, output, error, colour })
    )
  )
}
