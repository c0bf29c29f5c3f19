import { child, start, supervisor, Tree } from "@choiros/supervision"
import { it } from "@effect/vitest"
import { Effect } from "effect"
import { logIn, startServer, temporaryFolder } from "../../test/server.ts"
import { desktops } from "./DesktopActor.ts"
import { desktopSockets } from "./DesktopSocket.ts"
import { desktopRoutes } from "./routes.ts"
const root = supervisor({ name: "root", strategy: "one_for_one", intensity: 5, period: "1 minute", children: [child("/session/desktops", desktops)] })
it.live("x", () => Effect.gen(function* () {
  const folder = yield* temporaryFolder
  yield* Effect.gen(function* () {
    const tree = yield* start(root)
    const routes = yield* Effect.provideService(Effect.all([desktopRoutes, desktopSockets]), Tree, tree)
    const server = yield* startServer(routes.flat())
    const s = yield* server.socket("/ws")
    console.log("open")
    if (process.env.SUB) yield* s.send({ type: "subscribe", desktop_id: "d" })
    if (process.env.SUB) console.log((yield* s.next).type)
    if (process.env.SUB) console.log((yield* s.next).type)
    yield* server.request("GET", "/desktop/d")
    console.log("got")
  }).pipe(Effect.scoped, Effect.provide(logIn(folder)))
  console.log("closed")
}), 5000)
process.env.X
