/** The tools that the product has. */
import { EventLog } from "@choiros/event-log"
import type { Tree } from "@choiros/supervision"
import * as Effect from "effect/Effect"
import { WorkspaceFiles } from "../files/WorkspaceFiles.ts"
import { bashTool } from "./bash.ts"
import { fileTools, hashOf } from "./files.ts"
import { jobOutputTool, jobStopTool } from "./jobs.ts"
import { readOutputTool } from "./readOutput.ts"
import { Tools } from "./Tools.ts"

export const builtinTools = Tools.layer(
  Effect.gen(function* () {
    const files = yield* WorkspaceFiles
    const log = yield* EventLog
    return {
      tools: (tree: Tree) => [
        bashTool(tree),
        jobOutputTool(tree, log),
        jobStopTool(tree, log),
        readOutputTool(log),
        ...fileTools(files)
      ],
      hashOf: (path: string) => hashOf(files, path)
    }
  })
)
