/**
 * One user's computer, put together: the log, the jail, the models, the tree, and the server in front.
 *
 * Law: what starts last stops first. A stop closes the sockets, brings the runs to rest (they come back paused), ends the
 * jail, and writes `system.stopped`; nothing that was acknowledged is lost on the way.
 */
import * as Fs from "node:fs"
import { networkInterfaces } from "node:os"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { EventLog, lockFile } from "@choiros/event-log"
import { Jail } from "@choiros/jail"
import { catalog, defaultAgent, type NewEvent } from "@choiros/protocol"
import { start, Tree } from "@choiros/supervision"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { Agents } from "./agents/Agents.ts"
import { agentRoutes } from "./agents/routes.ts"
import { WorkspaceKnowledge } from "./agents/WorkspaceKnowledge.ts"
import { approvalRoutes } from "./approvals/approvalRoutes.ts"
import { oversight } from "./approvals/oversight.ts"
import { ruleRoutes } from "./approvals/ruleRoutes.ts"
import { budgetsFromSettings } from "./budgets/Budgets.ts"
import { budgetRoutes } from "./budgets/routes.ts"
import { type Config, prepareFolders, StartError } from "./Config.ts"
import { chatSockets } from "./chat/ChatSocket.ts"
import { chatRoutes } from "./chat/routes.ts"
import { Contexts } from "./context/Contexts.ts"
import { contextRoutes } from "./context/routes.ts"
import { desktopSockets } from "./desktop/DesktopSocket.ts"
import { desktopRoutes } from "./desktop/routes.ts"
import { fileRoutes } from "./files/fileRoutes.ts"
import { viewerRoutes } from "./files/viewerRoutes.ts"
import { WorkspaceFiles } from "./files/WorkspaceFiles.ts"
import { Models } from "./models/Models.ts"
import { outputRoutes } from "./runs/outputRoute.ts"
import { runs, runsPath } from "./runs/RunActor.ts"
import { recordSupervision } from "./runs/recordSupervision.ts"
import { StartMode } from "./runs/recovery.ts"
import { runRoutes } from "./runs/routes.ts"
import { taskRoutes } from "./runs/taskRoutes.ts"
import { searchRoutes } from "./search/routes.ts"
import { searchIndexOf } from "./search/searchIndex.ts"
import { accessToken } from "./server/access.ts"
import { eventRoutes } from "./server/eventRoutes.ts"
import { eventSockets } from "./server/eventSocket.ts"
import { makePage } from "./server/page.ts"
import { listen, portIsFree } from "./server/Server.ts"
import { systemRoutes } from "./server/systemRoutes.ts"
import { ModelChoice, modelsFromSettings } from "./settings/ModelChoice.ts"
import { preferenceRoutes } from "./settings/preferenceRoutes.ts"
import { makeRedactor, Redaction } from "./settings/Redactor.ts"
import { redactedConsole } from "./settings/redactedConsole.ts"
import { modelRoutes, settingsRoutes } from "./settings/routes.ts"
import { Secrets, secretsOfConfig } from "./settings/Secrets.ts"
import { Settings } from "./settings/Settings.ts"
import { application } from "./Tree.ts"
import { terminalRoutes } from "./terminal/routes.ts"
import { TerminalOptions } from "./terminal/TerminalOptions.ts"
import { builtinTools } from "./tools/builtinTools.ts"
import { fileViewRoutes } from "./ui/fileView.ts"
import { version } from "./version.ts"
import { PolicyFile } from "./watch/PolicyFile.ts"

/** Runs until it is interrupted, or until the tree gives up. */
export const computer = Effect.fnUntraced(
  function* (config: Config) {
    // Said before anything is made: a start that can't be leaves nothing behind.
    yield* portIsFree(config)
    yield* prepareFolders(config, installFolder())
    yield* lockFile(Path.join(config.home, ".lock"), `CHOIR_HOME ${config.home}`).pipe(Effect.mapError(inWords))
    const context = yield* Layer.build(services(config)).pipe(Effect.mapError(inWords))
    return yield* Effect.provideContext(serve(config), context)
  },
  (effect, config) => Effect.provide(effect, redactedLogger(config))
)

const serve = Effect.fnUntraced(function* (config: Config) {
  const log = yield* EventLog
  const jail = yield* Jail
  const models = yield* Models
  const model = yield* models.current
  // A model that is not there, or a real one without a jail, is said before anything starts.
  yield* models.resolve(model).pipe(Effect.mapError(inWords))
  const token = yield* accessToken(config)
  if (token !== null) (yield* Redaction).learn([["CHOIR_TOKEN", token]])

  const tree = yield* start(application, { onEvent: recordSupervision(log), flush: "500 millis" }).pipe(
    Effect.provideService(StartMode, { paused: config.paused }),
    Effect.mapError(inWords)
  )
  yield* log
    .append([
      systemEvent("system.started", {
        version,
        pid: process.pid,
        node: process.version,
        jail: jail.status.driver,
        model
      })
    ])
    .pipe(Effect.mapError(inWords))
  yield* Effect.addFinalizer(() =>
    Effect.andThen(
      suspendRuns(tree),
      Effect.ignore(log.append([systemEvent("system.stopped", { reason: "asked to" })]))
    )
  )

  const rooms = Effect.all([
    systemRoutes({
      // Why is for who started it: it is printed there, and may hold paths of this machine.
      jail: Effect.succeed(jail.status.active ? jail.status.driver : "none: what agents run is not confined")
    }),
    agentRoutes,
    approvalRoutes,
    ruleRoutes,
    budgetRoutes,
    chatRoutes,
    chatSockets,
    contextRoutes,
    desktopRoutes,
    desktopSockets,
    fileRoutes,
    fileViewRoutes,
    modelRoutes,
    preferenceRoutes,
    runRoutes,
    outputRoutes,
    settingsRoutes,
    taskRoutes,
    searchRoutes,
    terminalRoutes,
    viewerRoutes,
    eventRoutes,
    eventSockets
  ])
  const routes = (yield* Effect.provideService(rooms, Tree, tree)).flat()
  const port = yield* listen(routes, {
    port: config.port,
    host: config.host,
    hostNames: [config.host, ...config.hostNames],
    token,
    page: yield* makePage(fileURLToPath(new URL("./desktop", import.meta.url)))
  })
  announce(config, { port, token, model, jail: jail.status })
  // The first run need not wait for the agents' files to be read.
  yield* Effect.forkScoped(Effect.andThen(Effect.sleep("200 millis"), Effect.ignore((yield* Agents).get(defaultAgent))))
  return yield* tree.done.pipe(Effect.mapError((error) => new StartError({ message: error.message })))
})

const services = (config: Config) => {
  const log = Layer.unwrap(
    Effect.map(Redaction, ({ redact }) =>
      EventLog.layer({ path: config.database, blobs: Path.join(config.home, "blobs"), catalog, redact })
    )
  )
  const jail = Jail.layer({
    driver: config.jail,
    workspace: config.workspace,
    home: Path.join(config.home, "jail-home"),
    runtimeDir: runtimeFolder(config),
    node: process.execPath,
    hostBundle: fileURLToPath(new URL("./jail-host.mjs", import.meta.url))
  })
  const stored = Layer.mergeAll(Settings.layer(config), Secrets.layer(config))
  const models = Layer.mergeAll(modelsFromSettings(config), budgetsFromSettings(config)).pipe(
    Layer.provideMerge(Layer.mergeAll(stored, jail))
  )
  const choice = ModelChoice.layer.pipe(Layer.provideMerge(models))
  const files = WorkspaceFiles.layer({ workspace: config.workspace })
  const terminals = TerminalOptions.layer({ spoolFolder: Path.join(config.home, "outputs") })
  return Layer.mergeAll(
    choice,
    terminals,
    PolicyFile.layer(config),
    builtinTools.pipe(
      Layer.provideMerge(Contexts.layer),
      Layer.provideMerge(Layer.mergeAll(Agents.layer({ home: config.home }), WorkspaceKnowledge.layer)),
      Layer.provideMerge(oversight(config)),
      Layer.provideMerge(files),
      Layer.provideMerge(searchIndexOf(config.database)),
      Layer.provideMerge(Layer.mergeAll(log, jail))
    )
  )
}

/** Brings what works to rest, all at once: each records where it stands. */
const suspendRuns = Effect.fnUntraced(function* (tree: Tree) {
  const alive = (yield* tree.snapshot).filter((actor) => actor.path.startsWith(runsPath))
  yield* Effect.forEach(
    alive,
    (actor) => {
      const run = tree.find(runs, decodeURIComponent(actor.path.slice(runsPath.length)))
      if (run._tag === "None") return Effect.void
      return Effect.ignore(run.value.call<void>((reply) => ({ _tag: "Suspend", reply }), { timeout: "3 seconds" }))
    },
    { concurrency: "unbounded", discard: true }
  )
})

const systemEvent = <Type extends "system.started" | "system.stopped">(
  event_type: Type,
  payload: Extract<NewEvent, { readonly event_type: Type }>["payload"]
) => ({ actor_id: "system", event_type, payload })

const announce = (
  config: Config,
  is: {
    readonly port: number
    readonly token: string | null
    readonly model: string
    readonly jail: Jail["Service"]["status"]
  }
): void => {
  const everywhere = config.host === "0.0.0.0" || config.host === "::"
  const addressOf = (host: string) =>
    `http://${host.includes(":") ? `[${host}]` : host}:${is.port}/${is.token === null ? "" : `?token=${is.token}`}`
  const others = everywhere ? Object.values(networkInterfaces()).flatMap((all) => all ?? []) : []
  const lines = [
    `ChoirOS ${version} is at ${addressOf(everywhere || config.host === "127.0.0.1" ? "localhost" : config.host)}`,
    ...others
      .filter(({ address, internal }) => !internal && !address.startsWith("fe80:"))
      .map(({ address }) => `  also at    ${addressOf(address)}`),
    `  data       ${config.home}`,
    `  workspace  ${config.workspace}`,
    `  model      ${is.model}${is.model === "demo" ? " (built in; set CHOIR_MODEL for a real one)" : ""}`,
    `  jail       ${is.jail.active ? `active (${is.jail.driver})` : `NOT ACTIVE: ${is.jail.reason ?? "turned off"} What agents run is not confined.`}`
  ]
  console.log(lines.join("\n"))
}

/** What knows the secrets, and the server's own log behind it. */
const redactedLogger = (config: Config): Layer.Layer<never> => {
  const redactor = makeRedactor(secretsOfConfig(config))
  return Layer.mergeAll(
    logger(config),
    Layer.succeed(Redaction, redactor),
    Layer.succeed(Console.Console, redactedConsole(redactor.redact))
  )
}

/** The server's own log goes to standard error; what a person is told at the start goes to standard output. */
const logger = (config: Config): Layer.Layer<never> =>
  config.logFormat === "json"
    ? Logger.layer([Logger.withConsoleError(Logger.formatJson)])
    : Layer.merge(Logger.layer([Logger.consolePretty()]), Layer.succeed(Logger.LogToStderr, true))

/** Sockets have short names: below CHOIR_HOME they might be too long for the kernel. */
const runtimeFolder = (config: Config): string => {
  const folder = Path.join(config.home, "run")
  Fs.mkdirSync(folder, { recursive: true })
  Fs.chmodSync(folder, 0o711)
  return folder
}

/** Where ChoirOS itself is: the nearest folder above this module that holds the package `choiros`. */
const installFolder = (): string => {
  let folder = Path.dirname(fileURLToPath(import.meta.url))
  while (Path.dirname(folder) !== folder) {
    const manifest = Path.join(folder, "package.json")
    if (Fs.existsSync(manifest) && Fs.readFileSync(manifest, "utf8").includes('"name": "choiros"')) return folder
    folder = Path.dirname(folder)
  }
  return Path.dirname(fileURLToPath(import.meta.url))
}

const inWords = (error: { readonly message: string }): StartError => new StartError({ message: error.message })
