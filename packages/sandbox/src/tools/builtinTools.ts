/** The tools that the product has. */
import { EventLog, SearchIndex } from "@choiros/event-log"
import { Jail } from "@choiros/jail"
import type { Tree } from "@choiros/supervision"
import * as Effect from "effect/Effect"
import { Agents } from "../agents/Agents.ts"
import { WorkspaceKnowledge } from "../agents/WorkspaceKnowledge.ts"
import type { ThreadScope } from "../chat/scope.ts"
import { WorkspaceFiles } from "../files/WorkspaceFiles.ts"
import { tellRun } from "../runs/askRun.ts"
import { Redaction } from "../settings/Redactor.ts"
import { threadTerminal } from "../terminal/commands.ts"
import { WorkingDirectories } from "../terminal/workingDirectory.ts"
import { uiTool } from "../ui/uiTool.ts"
import { agentTools } from "./agents.ts"
import { bashTool } from "./bash.ts"
import { eventTools } from "./events.ts"
import { fileTools, hashOf } from "./files.ts"
import { jobOutputTool, jobStopTool } from "./jobs.ts"
import { readOutputTool } from "./readOutput.ts"
import { Tools } from "./Tools.ts"

export const builtinTools = Tools.layer(
  Effect.gen(function* () {
    const jail = yield* Jail
    const files = yield* WorkspaceFiles
    const log = yield* EventLog
    const index = yield* SearchIndex
    const redactor = yield* Redaction
    const agents = yield* Agents
    const knowledge = yield* WorkspaceKnowledge
    const folders = new WorkingDirectories(jail, files.root)
    return {
      tools: (tree: Tree) => [
        bashTool(tree, folders),
        jobOutputTool(tree, log),
        jobStopTool(tree, log),
        readOutputTool(log),
        ...fileTools(files, redactor),
        ...eventTools(log, index),
        uiTool(tree, files),
        ...agentTools({ agents, knowledge, tell: (run_id, told) => tellRun(tree, run_id, told) })
      ],
      hashOf: (path: string) => hashOf(files, path),
      cwdOf: (thread: ThreadScope) => folders.of(threadTerminal(thread))
    }
  })
)
