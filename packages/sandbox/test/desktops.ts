/** Desktops over HTTP and their socket, as a server has them. */
import type { EventLog } from "@choiros/event-log"
import { child, start, supervisor, Tree } from "@choiros/supervision"
import { Effect, Schema, type Scope } from "effect"
import { desktops } from "../src/desktop/DesktopActor.ts"
import { desktopSockets } from "../src/desktop/DesktopSocket.ts"
import { desktopRoutes } from "../src/desktop/routes.ts"
import { logIn, type Reply, startServer, type TestServer, temporaryFolder } from "./server.ts"

const root = supervisor({
  name: "root",
  strategy: "one_for_one",
  intensity: 5,
  period: "1 minute",
  children: [child("/session/desktops", desktops)]
})

type Run = Effect.Effect<void, unknown, Scope.Scope | EventLog>

/** A server with desktops on the log of a folder; what it used is gone when `use` is done. */
export const serving = (folder: string, use: (server: TestServer, tree: Tree) => Run): Effect.Effect<void, unknown> =>
  Effect.gen(function* () {
    const tree = yield* start(root)
    const routes = yield* Effect.provideService(Effect.all([desktopRoutes, desktopSockets]), Tree, tree)
    yield* use(yield* startServer(routes.flat()), tree)
  }).pipe(Effect.scoped, Effect.provide(logIn(folder)))

export const onServer = (use: (server: TestServer, tree: Tree) => Run) =>
  Effect.scoped(Effect.flatMap(temporaryFolder, (folder) => serving(folder, use)))

const Opened = Schema.Struct({ window: Schema.Struct({ id: Schema.String, z_index: Schema.Int }) })
export const openedOf = ({ body }: Reply) => Schema.decodeUnknownSync(Opened)(body).window

export const open = (server: TestServer, desktop = "d", more = {}) =>
  Effect.map(
    server.request("POST", `/desktop/${desktop}/windows`, { app_id: "chat", title: "Chat", ...more }),
    openedOf
  )
