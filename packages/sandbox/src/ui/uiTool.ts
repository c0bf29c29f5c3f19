/**
 * The tool by which an agent shows something to the user: a window, a file, a notice.
 *
 * Law: it opens and says, and nothing else: it moves, sizes and closes nothing, and what it opens runs nothing. While the
 * user acts, what it opens comes under what they look at.
 */
import { createHash } from "node:crypto"
import { posix } from "node:path"
import { type App, activeWindow, type DesktopCommand, NoticeLevel, type Props } from "@choiros/protocol"
import type { Tree } from "@choiros/supervision"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { mayReadPath } from "../approvals/membrane.ts"
import { commandDesktop, type DesktopOutcome, desktopInWords, getDesktop } from "../desktop/DesktopActor.ts"
import { type FileError, isMissing } from "../files/errors.ts"
import type { WorkspaceFiles } from "../files/WorkspaceFiles.ts"
import { acts, type Tool, type ToolContext, ToolFailure, tool } from "../tools/Tool.ts"
import { appOfFile } from "./appOfFile.ts"
import { makeRateLimit, type RateLimit } from "./rateLimit.ts"

/** The desktop that a person has unless they name another. */
const personsDesktop = "main"

const perMinute = { windows: 6, notices: 10 } as const

/** What is taken along beside what names the object; none of these makes an app do anything. */
const harmlessProps = ["line", "path", "step", "terminal_id", "view"]

const Scalar = Schema.Union([Schema.String.check(Schema.isMaxLength(4_096)), Schema.Finite, Schema.Boolean])

const Parameters = Schema.Struct({
  action: Schema.Literals(["open_window", "show_file", "notify"]).annotate({
    description: "open_window needs app; show_file needs path; notify needs title"
  }),
  app: Schema.optional(Schema.String.annotate({ description: "Id of the app, such as terminal, files, run or choir" })),
  props: Schema.optional(
    Schema.Record(Schema.String, Scalar).annotate({
      description: 'What the app shows, such as {"run_id": …} for run or {"path": …} for files'
    })
  ),
  path: Schema.optional(Schema.String.annotate({ description: "Path of a file in the workspace" })),
  line: Schema.optional(Schema.Int.check(Schema.isGreaterThan(0)).annotate({ description: "Line to show, from 1" })),
  title: Schema.optional(Schema.String.check(Schema.isMaxLength(200))),
  text: Schema.optional(Schema.String.check(Schema.isMaxLength(2_000)).annotate({ description: "Of a notice" })),
  level: Schema.optional(NoticeLevel.annotate({ description: "Of a notice; info unless you say" }))
})
type Arguments = typeof Parameters.Type

type Files = Pick<WorkspaceFiles["Service"], "root" | "stat" | "peek">

export const uiTool = (tree: Tree, files: Files): Tool => {
  const windows = makeRateLimit(perMinute.windows)
  const notices = makeRateLimit(perMinute.notices)

  const perform = Effect.fnUntraced(function* (args: Arguments, context: ToolContext) {
    const { agent, run_id } = context
    const command = { by: { agent: agent.name, run_id }, window_id: windowIdOf(context) }
    if (args.action === "notify") {
      const { level = "info", text = "", title = "" } = args
      if (title.trim() === "") return yield* failure("A notice needs a title")
      yield* takeOne(notices, run_id, `${perMinute.notices} notices`)
      yield* carryOut(tree, { _tag: "Notify", by: command.by, title, text, level })
      return { success: true, text: "The user was told." }
    }
    const shown = args.action === "show_file" ? yield* fileShown(files, args, context) : yield* appShown(args, context)
    const app = (yield* appsOf(tree)).find(({ id }) => id === shown.app)
    if (app === undefined) return yield* unknownApp(shown.app, yield* appsOf(tree))
    const props = yield* allowedProps(files, app, shown.props, context)
    yield* takeOne(windows, run_id, `${perMinute.windows} windows`)
    const title = shown.title ?? app.name
    const outcome = yield* carryOut(tree, { _tag: "Open", ...command, app_id: app.id, title, props })
    return { success: true, text: inWords(app, title, outcome) }
  })

  return tool({
    name: "ui",
    description:
      "Shows something on the user's desktop: opens a window of an app, shows a file (at a line), or gives a short notice. For what the user should see now; it is no way to answer. What is open already is not opened twice, and nothing is put in front of a user who is at work.",
    parameters: Parameters,
    effect: "read",
    prepare: (args, context) => acts(perform(args, context))
  })
}

interface Shown {
  readonly app: string
  readonly props: Props
  readonly title: string | undefined
}

const fileShown = Effect.fnUntraced(function* (
  files: Files,
  { line, path, title }: Arguments,
  context: ToolContext
): Effect.fn.Return<Shown, ToolFailure> {
  if (path === undefined) return yield* failure("Say which file: path")
  const real = yield* seenBy(files, path, context)
  const entry = yield* files.stat(real).pipe(Effect.mapError(fileInWords(path)))
  if (entry.kind === "directory") return { app: "files", props: { path: real }, title: title ?? posix.basename(real) }
  const { bytes } = yield* files.peek(real, { limit: 4_096 }).pipe(Effect.mapError(fileInWords(path)))
  const app = appOfFile(real, bytes, line ?? null)
  const at = line === undefined || app === "viewer" ? {} : { line }
  return { app, props: { path: real, ...at }, title: title ?? posix.basename(real) }
})

const appShown = Effect.fnUntraced(function* (
  { app, props = {}, title }: Arguments,
  { run_id }: ToolContext
): Effect.fn.Return<Shown, ToolFailure> {
  if (app === undefined) return yield* failure("Say which app: app")
  const own = (app === "run" || app === "trace") && props.run_id === undefined ? { run_id } : {}
  return { app, props: { ...own, ...props }, title }
})

/** What an app does with a prop is its matter; so an agent gives it only what names an object or a place in it. */
const allowedProps = Effect.fnUntraced(function* (
  files: Files,
  app: App,
  props: Props,
  context: ToolContext
): Effect.fn.Return<Props, ToolFailure> {
  const names = [...new Set([...(app.object ?? []), ...harmlessProps])].sort()
  const other = Object.keys(props).find((name) => !names.includes(name))
  if (other !== undefined)
    return yield* failure(`${app.name} takes no prop "${other}" here; it takes ${names.join(", ")}`)
  const { path } = props
  return typeof path === "string" ? { ...props, path: yield* seenBy(files, path, context) } : props
})

/** The real path, of what the agent may read: whether a file is there is not told to others. */
const seenBy = (files: Files, path: string, { agent }: ToolContext): Effect.Effect<string, ToolFailure> =>
  files.stat(posix.resolve(files.root, path)).pipe(
    Effect.mapError(fileInWords(path)),
    Effect.flatMap(({ path: real }) => {
      const name = real === files.root ? "." : posix.relative(files.root, real)
      const refusal = mayReadPath(agent, name.startsWith("../") ? real : name)
      return refusal === null ? Effect.succeed(real) : Effect.fail(failure(`refused: ${refusal.reason}`))
    })
  )

const fileInWords = (path: string) => (error: FileError) =>
  failure(isMissing(error) ? `There is no file ${path}` : `${path} can't be shown: ${error.message}`)

const appsOf = (tree: Tree): Effect.Effect<ReadonlyArray<App>, ToolFailure> =>
  getDesktop(tree, personsDesktop).pipe(
    Effect.map(({ state }) => state.apps),
    Effect.mapError((error) => failure(desktopInWords(error)))
  )

const unknownApp = (app: string, apps: ReadonlyArray<App>): ToolFailure =>
  failure(`There is no app "${app}". There is ${apps.map(({ id }) => id).join(", ")}`)

const carryOut = (tree: Tree, command: DesktopCommand): Effect.Effect<DesktopOutcome, ToolFailure> =>
  commandDesktop(tree, personsDesktop, command).pipe(
    Effect.mapError((error) => failure(error._tag === "Desktop.Refusal" ? error.message : desktopInWords(error)))
  )

const takeOne = Effect.fnUntraced(function* (limit: RateLimit, runId: string, what: string) {
  const wait = limit.take(runId, yield* Clock.currentTimeMillis)
  if (wait === null) return
  yield* failure(`That is too much for the user: at most ${what} a minute. There is room again in ${wait} s`)
})

/** The same for the same call: carried out again after a crash, it opens nothing twice. */
const windowIdOf = ({ call_id, run_id }: ToolContext): string =>
  `ui-${createHash("sha256").update(`${run_id}/${call_id}`).digest("hex").slice(0, 24)}`

const inWords = ({ name }: App, title: string, { events, state, window_id }: DesktopOutcome): string => {
  const what = title === name ? name : `${name} (${title})`
  const opened = events.some(({ event_type }) => event_type === "desktop.window_opened")
  const inFront = window_id !== null && activeWindow(state) === window_id
  if (opened) return inFront ? `Opened ${what}.` : `Opened ${what} under the window that the user is working in.`
  return events.length === 0
    ? `${what} is open already, and was left as it is.`
    : `${what} was open already, and is in front now.`
}

const failure = (message: string): ToolFailure => new ToolFailure({ message })
