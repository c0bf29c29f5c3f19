import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { EventLog, Full } from "@choiros/event-log"
import { Jail } from "@choiros/jail"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Schema, type Scope, Stream } from "effect"
import { anyAgent } from "../../test/agent.ts"
import { jailIn } from "../../test/jail.ts"
import { logIn, type Reply, startServer, type TestServer, temporaryFolder } from "../../test/server.ts"
import { makeRedactor } from "../settings/Redactor.ts"
import { fileTools } from "../tools/files.ts"
import { fileRoutes } from "./fileRoutes.ts"
import { viewerRoutes } from "./viewerRoutes.ts"
import { WorkspaceFiles } from "./WorkspaceFiles.ts"

interface Place extends TestServer {
  readonly folder: string
  /** On this machine. */
  readonly workspace: string
  /** Inside the jail. */
  readonly root: string
  readonly uri: (name: string) => string
  readonly view: (uri: string) => Effect.Effect<Reply>
  readonly save: (uri: string, base_rev: number, content: string, more?: object) => Effect.Effect<Reply>
}

type Driver = "bubblewrap" | "none"
type Use = (place: Place) => Effect.Effect<void, unknown, EventLog | Jail | WorkspaceFiles | Scope.Scope>

/** A server over the files of a folder; started again on the same folder it finds what was there. */
const serving = (folder: string, driver: Driver, use: Use) => {
  const workspace = join(folder, "workspace")
  const services = WorkspaceFiles.layer({ workspace }).pipe(
    Layer.provideMerge(Layer.mergeAll(logIn(folder), jailIn(folder, driver)))
  )
  return Effect.gen(function* () {
    const routes = yield* Effect.all([fileRoutes, viewerRoutes])
    const server = yield* startServer(routes.flat())
    yield* use({
      ...server,
      folder,
      workspace,
      root: (yield* Jail).status.workspace,
      uri: (name) => pathToFileURL(join(workspace, name)).href,
      view: (uri) => server.request("GET", `/viewer/content?uri=${encodeURIComponent(uri)}`),
      save: (uri, base_rev, content, more = {}) =>
        server.request("PATCH", "/viewer/content", { uri, base_rev, content, ...more })
    })
  }).pipe(Effect.scoped, Effect.provide(services))
}

const onFiles = (use: Use, driver: Driver = "none") =>
  Effect.scoped(Effect.flatMap(temporaryFolder, (folder) => serving(folder, driver, use)))

const bothDrivers = ["none", "bubblewrap"] as const

const Revised = Schema.Struct({ revision: Schema.Struct({ rev: Schema.Int, updated_at: Schema.String }) })
const revOf = ({ body }: Reply) => Schema.decodeUnknownSync(Revised)(body).revision.rev
const told = ({ body, status }: Reply) => [status, body]
const failed = (status: number, error: string) => [status, { success: false, error }]
const recorded = (types: ReadonlyArray<string>) => Effect.flatMap(EventLog, (log) => log.read({ types }))

/** Where a tool's call comes from. */
const context = {
  actor_id: "agent",
  user_id: "me",
  session_id: "session",
  thread_id: "thread",
  run_id: "run-1",
  call_id: "call-1",
  correlation_id: "request",
  parent_run_id: null,
  agent: anyAgent
}

/** What a shell in the jail says. */
const shell = Effect.fnUntraced(function* (script: string) {
  const jail = yield* Jail
  const { output } = yield* jail.spawn({ argv: ["sh", "-c", script] })
  return yield* Stream.runFold(
    output,
    () => "",
    (said, item) => (item.kind === "exit" ? said : said + Buffer.from(item.data).toString())
  )
})

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64"
)

describe("the viewer", () => {
  it.live("shows text, saves it over what was seen, and writes the file on the disk", () =>
    onFiles((on) =>
      Effect.gen(function* () {
        const text = "\ufeffhéllo\r\n"
        writeFileSync(join(on.workspace, "a b.md"), text)
        const uri = on.uri("a b.md")
        const first = yield* on.view(uri)
        expect(told(first)).toEqual([
          200,
          {
            success: true,
            uri,
            mime: "text/markdown",
            content: text,
            revision: { rev: 1, updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) },
            readonly: false
          }
        ])
        const saved = yield* on.save(uri, 1, "second", { window_id: "w", user_id: "me" })
        expect(told(saved)).toEqual([200, { success: true, revision: { rev: 2, updated_at: expect.any(String) } }])
        expect(readFileSync(join(on.workspace, "a b.md"), "utf8")).toBe("second")
        expect((yield* on.view(uri)).body).toMatchObject({ content: "second", revision: { rev: 2 } })

        const stale = yield* on.save(uri, 1, "third", { window_id: "w" })
        expect(told(stale)).toEqual([
          409,
          {
            success: false,
            revision: null,
            error: "revision_conflict",
            latest: { content: "second", revision: { rev: 2, updated_at: expect.any(String) } }
          }
        ])
        expect(readFileSync(join(on.workspace, "a b.md"), "utf8")).toBe("second")

        const events = yield* recorded(["viewer.*"])
        expect(events.map(({ actor_id, event_type, user_id }) => [event_type, actor_id, user_id])).toEqual([
          ["viewer.content_saved", `viewer:${uri}`, "me"],
          ["viewer.content_conflict", `viewer:${uri}`, null]
        ])
        expect(events.map(({ payload }) => payload)).toMatchObject([
          { uri, rev: 2, bytes: 6, window_id: "w" },
          { uri, base_rev: 1, rev: 2, window_id: "w" }
        ])
      })
    )
  )

  it.live("of many racing saves exactly one wins, and the others are told what won", () =>
    onFiles((on) =>
      Effect.gen(function* () {
        writeFileSync(join(on.workspace, "raced.txt"), "base")
        const uri = on.uri("raced.txt")
        for (let base = revOf(yield* on.view(uri)); base < 6; base++) {
          const replies = yield* Effect.all(
            Array.from({ length: 12 }, (_, index) => on.save(uri, base, `${base} by ${index}`)),
            { concurrency: "unbounded" }
          )
          const winners = replies.filter((reply) => reply.status === 200)
          expect(winners.map(revOf)).toEqual([base + 1])
          const content = readFileSync(join(on.workspace, "raced.txt"), "utf8")
          expect(content).toBe(`${base} by ${replies.findIndex((reply) => reply.status === 200)}`)
          for (const reply of replies.filter((reply) => reply.status !== 200)) {
            expect(told(reply)).toMatchObject([409, { latest: { content, revision: { rev: base + 1 } } }])
          }
        }
      })
    )
  )

  it.live("a shell's change moves the revision: a save over what was seen before it is refused", () =>
    onFiles((on) =>
      Effect.gen(function* () {
        const file = join(on.workspace, "shell.txt")
        writeFileSync(file, "one")
        const uri = on.uri("shell.txt")
        expect(revOf(yield* on.view(uri))).toBe(1)
        writeFileSync(file, "two")
        expect(told(yield* on.save(uri, 1, "mine"))).toMatchObject([
          409,
          { latest: { content: "two", revision: { rev: 2 } } }
        ])
        expect(readFileSync(file, "utf8")).toBe("two")
        expect(revOf(yield* on.view(uri))).toBe(2)
        rmSync(file)
        expect(told(yield* on.save(uri, 2, "mine"))).toEqual(failed(404, "resource_not_found"))
        expect(existsSync(file)).toBe(false)
        writeFileSync(file, "three")
        expect(revOf(yield* on.view(uri))).toBe(3)
      })
    )
  )

  it.live("a revision that was told holds over a restart, also of what a shell wrote", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const file = join(folder, "workspace", "kept.txt")
        yield* serving(folder, "none", (on) =>
          Effect.gen(function* () {
            for (const [index, content] of ["one", "two", "three"].entries()) {
              writeFileSync(file, content)
              expect(revOf(yield* on.view(on.uri("kept.txt")))).toBe(index + 1)
            }
          })
        )
        yield* serving(folder, "none", (on) =>
          Effect.gen(function* () {
            expect(revOf(yield* on.view(on.uri("kept.txt")))).toBe(3)
            writeFileSync(file, "four")
            expect((yield* on.save(on.uri("kept.txt"), 3, "mine")).status).toBe(409)
            expect(revOf(yield* on.save(on.uri("kept.txt"), 4, "mine"))).toBe(5)
          })
        )
      })
    )
  )

  it.live("an image is a data: URI and read-only, and so is what is not text", () =>
    onFiles((on) =>
      Effect.gen(function* () {
        writeFileSync(join(on.workspace, "p.png"), png)
        writeFileSync(join(on.workspace, "v.SVG"), "<svg/>")
        writeFileSync(join(on.workspace, "bin"), Buffer.from([1, 0, 255]))
        writeFileSync(join(on.workspace, "latin1.txt"), Buffer.from([0xe9]))
        symlinkSync("p.png", join(on.workspace, "linked.txt"))
        const shown = {
          "p.png": ["image/png", `data:image/png;base64,${png.toString("base64")}`],
          "v.SVG": ["image/svg+xml", "data:image/svg+xml;base64,PHN2Zy8+"],
          bin: ["application/octet-stream", "data:application/octet-stream;base64,AQD/"],
          "latin1.txt": ["application/octet-stream", "data:application/octet-stream;base64,6Q=="],
          "linked.txt": ["image/png", `data:image/png;base64,${png.toString("base64")}`]
        }
        for (const [name, [mime, content]] of Object.entries(shown)) {
          expect((yield* on.view(on.uri(name))).body).toMatchObject({ mime, content, readonly: true })
          expect(told(yield* on.save(on.uri(name), 1, "text"))).toEqual(failed(400, "readonly_resource"))
        }
        expect(readFileSync(join(on.workspace, "p.png")).equals(png)).toBe(true)
        expect(yield* recorded(["viewer.*"])).toEqual([])
      })
    )
  )

  for (const driver of bothDrivers) {
    it.live(`looks nowhere but in the workspace, by either of its names (${driver})`, () =>
      onFiles(
        (on) =>
          Effect.gen(function* () {
            mkdirSync(join(on.workspace, "sub"))
            writeFileSync(join(on.workspace, "sub", "in.txt"), "inside")
            writeFileSync(join(on.folder, "secret.txt"), "secret")
            symlinkSync(join(on.folder, "secret.txt"), join(on.workspace, "to-secret"))
            symlinkSync("../../../../../../etc/passwd", join(on.workspace, "to-passwd"))
            symlinkSync(on.folder, join(on.workspace, "to-folder"))
            symlinkSync("sub/in.txt", join(on.workspace, "to-inside"))
            symlinkSync("to-loop", join(on.workspace, "to-loop"))
            symlinkSync(on.workspace, join(on.folder, "alias"))

            const inJail = `file://${on.root}/sub/in.txt`
            for (const uri of [
              on.uri("sub/in.txt"),
              inJail,
              on.uri("to-inside"),
              `file://localhost${on.root}/sub/in.txt`
            ]) {
              expect(told(yield* on.view(uri))).toMatchObject([200, { uri, content: "inside", revision: { rev: 1 } }])
            }
            const outside = [
              "file:///etc/passwd",
              pathToFileURL(join(on.folder, "secret.txt")).href,
              `${on.uri("sub")}/../../secret.txt`,
              `${on.uri("sub")}/..%2f..%2fsecret.txt`,
              `${on.uri("sub")}/%2e%2e/%2e%2e/secret.txt`,
              on.uri("to-secret"),
              on.uri("to-passwd"),
              on.uri("to-folder/secret.txt"),
              on.uri("to-folder/new.txt"),
              `${on.uri("")}-beside/x`,
              "file://elsewhere/etc/passwd",
              "https://example.com/x",
              "data:text/plain,x",
              "/etc/passwd",
              "file:///%00",
              "file:///%zz",
              ""
            ]
            for (const uri of outside) {
              expect([uri, (yield* on.view(uri)).status]).toEqual([uri, 403])
              expect([uri, (yield* on.save(uri, 1, "stolen")).status]).toEqual([uri, 403])
            }
            expect(readFileSync(join(on.folder, "secret.txt"), "utf8")).toBe("secret")
            expect(existsSync(join(on.folder, "new.txt"))).toBe(false)

            for (const name of ["gone.txt", "sub/gone/x", "%C3%A9"]) {
              expect(told(yield* on.view(on.uri(name)))).toEqual(failed(404, "resource_not_found"))
              expect(told(yield* on.save(on.uri(name), 0, "new"))).toEqual(failed(404, "resource_not_found"))
            }
            expect((yield* on.view(on.uri("sub"))).status).toBe(400)
            expect((yield* on.request("GET", "/viewer/content")).status).toBe(422)
            expect(
              (yield* on.request("PATCH", "/viewer/content", "{", { "content-type": "application/json" })).status
            ).toBe(400)
            expect(
              (yield* on.request("PATCH", "/viewer/content", { uri: inJail, base_rev: "1", content: "" })).status
            ).toBe(422)
          }),
        driver
      )
    )
  }

  it.live("a workspace that is named through a link is found by that name as well", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const real = join(realpathSync(folder), "real")
        mkdirSync(real)
        symlinkSync(real, join(folder, "workspace"))
        yield* serving(folder, "none", (on) =>
          Effect.gen(function* () {
            writeFileSync(join(real, "f"), "x")
            expect((yield* on.view(`file://${join(folder, "workspace/f")}`)).body).toMatchObject({ content: "x" })
            expect((yield* on.view(`file://${join(real, "f")}`)).body).toMatchObject({
              content: "x",
              revision: { rev: 1 }
            })
          })
        )
      })
    )
  )
})

describe("/files", () => {
  for (const driver of bothDrivers) {
    it.live(`writes, reads, lists, makes folders and moves (${driver})`, () =>
      onFiles(
        ({ request, root, workspace }) =>
          Effect.gen(function* () {
            const write = (path: string, content: string, more = {}) =>
              request("PUT", "/files/content", { path, content, ...more })
            expect(told(yield* write("deep/a.txt", "one", { base_rev: 0 }))).toEqual([
              200,
              {
                success: true,
                path: `${root}/deep/a.txt`,
                bytes: 3,
                revision: { rev: 1, updated_at: expect.any(String) }
              }
            ])
            expect(told(yield* write("deep/a.txt", "two", { base_rev: 0 }))).toMatchObject([
              409,
              { error: "revision_conflict", latest: { content: "one", encoding: "utf8", revision: { rev: 1 } } }
            ])
            expect(revOf(yield* write(`${root}/deep/a.txt`, "two", { base_rev: 1 }))).toBe(2)
            expect(revOf(yield* write("deep/../deep/a.txt", "three"))).toBe(3)
            expect(told(yield* write("gone.txt", "x", { base_rev: 4 }))).toMatchObject([409, { latest: null }])
            expect(revOf(yield* write("bin", "AP8=", { encoding: "base64" }))).toBe(1)
            expect(readFileSync(join(workspace, "bin")).equals(Buffer.from([0, 255]))).toBe(true)
            expect((yield* write("bin", "no base64!", { encoding: "base64" })).status).toBe(422)

            expect((yield* request("GET", "/files/content?path=deep/a.txt")).body).toMatchObject({
              path: `${root}/deep/a.txt`,
              mime: "text/plain",
              encoding: "utf8",
              content: "three",
              bytes: 5,
              revision: { rev: 3 }
            })
            expect((yield* request("GET", "/files/content?path=bin")).body).toMatchObject({
              encoding: "base64",
              content: "AP8="
            })
            expect((yield* request("GET", "/files/content?path=deep")).status).toBe(400)

            expect(told(yield* request("POST", "/files/folders", { path: "f/g" }))).toEqual([
              200,
              { success: true, path: `${root}/f/g` }
            ])
            expect((yield* request("POST", "/files/folders", { path: "f" })).status).toBe(409)
            expect(told(yield* request("POST", "/files/move", { from: "deep/a.txt", to: "f/b.txt" }))).toEqual([
              200,
              { success: true, path: `${root}/f/b.txt` }
            ])
            yield* write("other", "other")
            expect(told(yield* request("POST", "/files/move", { from: "other", to: "f/b.txt" }))).toEqual(
              failed(409, "There is already something at f/b.txt")
            )
            expect(
              (yield* request("POST", "/files/move", { from: "other", to: "f/b.txt", overwrite: true })).status
            ).toBe(200)
            expect((yield* request("GET", "/files/content?path=f/b.txt")).body).toMatchObject({ content: "other" })
            expect(told(yield* request("POST", "/files/move", { from: "nothing", to: "x" }))).toEqual(
              failed(404, "File not found: nothing")
            )

            writeFileSync(join(workspace, ".hidden"), "")
            const names = (reply: Reply) =>
              Schema.decodeUnknownSync(
                Schema.Struct({ entries: Schema.Array(Schema.Struct({ name: Schema.String, kind: Schema.String })) })
              )(reply.body).entries.map(({ kind, name }) => `${kind} ${name}`)
            expect(names(yield* request("GET", "/files"))).toEqual(["file bin", "folder deep", "folder f"])
            expect(names(yield* request("GET", "/files?path=.&hidden=true"))).toContain("file .hidden")
            expect(names(yield* request("GET", "/files?path=f"))).toEqual(["file b.txt", "folder g"])

            for (const path of ["../x", "/etc/passwd", `${root}/../x`]) {
              expect((yield* request("GET", `/files?path=${encodeURIComponent(path)}`)).status).toBe(403)
              expect((yield* write(path, "x")).status).toBe(403)
              expect((yield* request("DELETE", `/files?path=${encodeURIComponent(path)}`)).status).toBe(403)
              expect((yield* request("POST", "/files/move", { from: "f/b.txt", to: path })).status).toBe(403)
            }
            expect((yield* request("DELETE", "/files?path=.")).status).toBe(403)
            const events = yield* recorded(["file.*"])
            expect(events.map((event) => event.event_type)).toEqual([
              ...Array.from({ length: 4 }, () => "file.written"),
              "file.moved",
              "file.written",
              "file.moved"
            ])
            expect(events[1]?.payload).toMatchObject({ path: `${root}/deep/a.txt`, bytes: 3, by: "user" })
          }),
        driver
      )
    )
  }

  it.live("viewer, files and tools have one revision, by whatever name", () =>
    onFiles((on) =>
      Effect.gen(function* () {
        writeFileSync(join(on.workspace, "a.txt"), "one")
        symlinkSync("a.txt", join(on.workspace, "b.txt"))
        expect(revOf(yield* on.view(on.uri("b.txt")))).toBe(1)
        expect(revOf(yield* on.request("PUT", "/files/content", { path: "a.txt", content: "two" }))).toBe(2)
        expect((yield* on.save(on.uri("b.txt"), 1, "three")).status).toBe(409)
        expect(revOf(yield* on.save(on.uri("b.txt"), 2, "three"))).toBe(3)
        expect(revOf(yield* on.request("GET", "/files/content?path=a.txt"))).toBe(3)
        expect(revOf(yield* on.request("PUT", "/files/content", { path: "a.txt", content: "three" }))).toBe(3)

        const tools = new Map(fileTools(yield* WorkspaceFiles, makeRedactor()).map((tool) => [tool.name, tool]))
        const call = Effect.fnUntraced(function* (name: string, args: object) {
          const prepared = yield* tools.get(name)?.prepare(args, context) ?? Effect.die(`no tool ${name}`)
          return yield* prepared.act
        })
        yield* call("edit_file", { path: "b.txt", old_text: "three", new_text: "four" })
        expect((yield* on.view(on.uri("a.txt"))).body).toMatchObject({ content: "four", revision: { rev: 4 } })
        expect((yield* on.save(on.uri("a.txt"), 3, "late")).status).toBe(409)
        const [last] = yield* Effect.map(recorded(["file.written"]), (events) => events.slice(-1))
        expect(last).toMatchObject({
          actor_id: "agent",
          run_id: "run-1",
          thread_id: "thread",
          payload: { path: `${on.root}/a.txt`, by: "run:run-1", call_id: "call-1", bytes: 4 }
        })

        // Between the moment in which a tool looks and the one in which it acts, someone else saves.
        const prepared = yield* tools.get("write_file")?.prepare({ path: "a.txt", content: "tool" }, context) ??
          Effect.die("no tool")
        expect(revOf(yield* on.save(on.uri("a.txt"), 4, "user"))).toBe(5)
        expect((yield* Effect.flip(prepared.act)).message).toBe(
          "a.txt was changed by someone else meanwhile; read it again"
        )
        expect(readFileSync(join(on.workspace, "a.txt"), "utf8")).toBe("user")
      })
    )
  )

  it.live("uploads, downloads as an attachment of no type, and searches", () =>
    onFiles(({ request, root }) =>
      Effect.gen(function* () {
        const bytes = Buffer.alloc(9 * 1024 * 1024, "0123456789abcdef")
        const name = "sub/na\"me ü'(1).html"
        const path = encodeURIComponent(name)
        const uploaded = yield* request("POST", `/files/upload?path=${path}`, bytes)
        expect(told(uploaded)).toMatchObject([
          200,
          { path: `${root}/${name}`, bytes: bytes.length, revision: { rev: 1 } }
        ])
        expect(told(yield* request("POST", `/files/upload?path=${path}`, Buffer.from("x")))).toEqual(
          failed(409, `There is already something at ${name}`)
        )
        const download = yield* request("GET", `/files/download?path=${path}`)
        expect(Buffer.from(download.bytes).equals(bytes)).toBe(true)
        expect(Object.fromEntries(download.headers)).toMatchObject({
          "content-type": "application/octet-stream",
          "content-disposition": "attachment; filename*=UTF-8''na%22me%20%C3%BC%27%281%29.html",
          "x-content-type-options": "nosniff",
          "content-length": String(bytes.length)
        })
        expect(
          (yield* request("POST", `/files/upload?path=${path}&overwrite=true`, Buffer.from("<b>Needle"))).status
        ).toBe(200)
        const tooMuch = yield* request("POST", "/files/upload?path=big", Buffer.alloc(16 * 1024 * 1024 + 1))
        expect(tooMuch.status).toBe(413)

        expect((yield* request("GET", "/files/search?query=n.edle&ignore_case=true")).body).toEqual({
          success: true,
          matches: [{ path: `${root}/${name}`, line: 1, text: "<b>Needle" }],
          truncated: false
        })
        expect((yield* request("GET", "/files/search?query=n.edle&literal=true&glob=*.html")).body).toMatchObject({
          matches: []
        })
        expect((yield* request("GET", "/files/search?query=(")).status).toBe(422)
        expect((yield* request("GET", "/files/search?in=names&query=(")).body).toMatchObject({ matches: [{ line: 0 }] })
        expect((yield* request("GET", "/files/search")).status).toBe(422)
      })
    )
  )

  it.live("finds names at any depth, and not where nobody looks", () =>
    onFiles(({ request, root }) =>
      Effect.gen(function* () {
        yield* shell(
          "mkdir -p src/deep node_modules/a .git; touch src/Needle.ts src/deep/needle-2 node_modules/a/needle .git/needle"
        )
        yield* shell("mkdir src/needles; echo needle > src/other")
        const found = (query: string) =>
          Effect.map(request("GET", `/files/search?in=names&${query}`), ({ body }) => body)
        expect(yield* found("query=needle&ignore_case=true")).toEqual({
          success: true,
          matches: [
            { path: `${root}/src/Needle.ts`, line: 0, text: "Needle.ts", kind: "file" },
            { path: `${root}/src/deep/needle-2`, line: 0, text: "needle-2", kind: "file" },
            { path: `${root}/src/needles`, line: 0, text: "needles", kind: "folder" }
          ],
          truncated: false
        })
        expect(yield* found("query=needle&path=src/deep")).toMatchObject({ matches: [{ text: "needle-2" }] })
        expect(yield* found("query=needle&limit=1")).toMatchObject({ matches: [{ text: "needle-2" }], truncated: true })
      })
    )
  )

  it.live("a file that is made by several names at once has one row of revisions", () =>
    onFiles((on) =>
      Effect.gen(function* () {
        yield* shell("mkdir real; ln -s real alias")
        for (let round = 0; round < 5; round++) {
          const replies = yield* Effect.forEach(
            ["real/f", "alias/f", "real/../alias/f", `${on.root}/real/f`],
            (name, index) =>
              on.request("PUT", "/files/content", { path: name.replace(/f$/, `f${round}`), content: `by ${index}` }),
            { concurrency: "unbounded" }
          )
          expect(replies.map(revOf).sort()).toEqual([1, 2, 3, 4])
          const last = replies.findIndex((reply) => revOf(reply) === 4)
          expect((yield* on.view(on.uri(`alias/f${round}`))).body).toMatchObject({
            content: `by ${last}`,
            revision: { rev: 4 }
          })
        }
      })
    )
  )

  it.live("a download of a file that changes meanwhile breaks off", () =>
    onFiles(({ root, workspace }) =>
      Effect.gen(function* () {
        const file = join(workspace, "changing")
        writeFileSync(file, Buffer.alloc(9 * 1024 * 1024, 1))
        const files = yield* WorkspaceFiles
        const changing = {
          ...files,
          peek: (path: string, range?: { readonly offset?: number; readonly limit?: number }) =>
            Effect.suspend(() => {
              if (range?.offset !== undefined) writeFileSync(file, Buffer.alloc(9 * 1024 * 1024, 2))
              return files.peek(path, range)
            })
        }
        const routes = yield* Effect.provideService(fileRoutes, WorkspaceFiles, changing)
        const { request } = yield* startServer(routes)
        const exit = yield* Effect.exit(
          request("GET", `/files/download?path=${encodeURIComponent(`${root}/changing`)}`)
        )
        expect(exit._tag).toBe("Failure")
      })
    )
  )

  it.live("a file that is too long to be shown is downloaded", () =>
    onFiles(({ request, uri, view, workspace }) =>
      Effect.gen(function* () {
        const size = 17 * 1024 * 1024
        writeFileSync(join(workspace, "long"), "")
        truncateSync(join(workspace, "long"), size)
        expect((yield* view(uri("long"))).status).toBe(413)
        expect((yield* request("GET", "/files/content?path=long")).status).toBe(413)
        expect((yield* request("GET", "/files/download?path=long")).bytes.length).toBe(size)
        writeFileSync(join(workspace, "empty"), "")
        expect((yield* request("GET", "/files/download?path=empty")).bytes.length).toBe(0)
      })
    )
  )
})

describe("when something goes wrong in the middle of a save", () => {
  /** The same workspace, with a log and a jail that are changed by the test. */
  const withFiles = <A, E>(
    on: Place,
    change: {
      readonly log?: (log: EventLog["Service"]) => EventLog["Service"]
      readonly jail?: (jail: Jail["Service"]) => Jail["Service"]
    },
    use: (server: TestServer) => Effect.Effect<A, E, EventLog | Scope.Scope>
  ) =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const jail = yield* Jail
      const services = WorkspaceFiles.layer({ workspace: on.workspace }).pipe(
        Layer.provideMerge(
          Layer.mergeAll(
            Layer.succeed(EventLog, change.log?.(log) ?? log),
            Layer.succeed(Jail, change.jail?.(jail) ?? jail)
          )
        )
      )
      const routes = Effect.all([fileRoutes, viewerRoutes])
      return yield* Effect.provide(
        Effect.flatMap(routes, (rooms) => Effect.flatMap(startServer(rooms.flat()), use)),
        services
      )
    })

  it.live("a shell that writes between the look and the write keeps what it wrote", () =>
    onFiles((on) =>
      Effect.gen(function* () {
        const file = join(on.workspace, "contended")
        writeFileSync(file, "base")
        let meanwhile = true
        const jail = (real: Jail["Service"]): Jail["Service"] => ({
          ...real,
          files: {
            ...real.files,
            write: (path, bytes, options) =>
              Effect.suspend(() => {
                if (meanwhile) writeFileSync(file, "shell")
                meanwhile = false
                return real.files.write(path, bytes, options)
              })
          }
        })
        yield* withFiles(on, { jail }, ({ request }) =>
          Effect.gen(function* () {
            const save = (base_rev: number) =>
              request("PATCH", "/viewer/content", { uri: on.uri("contended"), base_rev, content: "mine" })
            expect(told(yield* save(1))).toMatchObject([409, { latest: { content: "shell", revision: { rev: 2 } } }])
            expect(readFileSync(file, "utf8")).toBe("shell")
            expect(revOf(yield* save(2))).toBe(3)
            expect(readFileSync(file, "utf8")).toBe("mine")
          })
        )
      })
    )
  )

  it.live("a save that the log can't record says so, and its revision has moved all the same", () =>
    onFiles((on) =>
      Effect.gen(function* () {
        const file = join(on.workspace, "unrecorded")
        writeFileSync(file, "base")
        let full = false
        const noSpace = new Full({ message: "There is no space left" })
        const log = (real: EventLog["Service"]): EventLog["Service"] => ({
          ...real,
          append: (events, options) => (full ? Effect.fail(noSpace) : real.append(events, options)),
          snapshot: {
            ...real.snapshot,
            save: (key, seq, state) => (full ? Effect.fail(noSpace) : real.snapshot.save(key, seq, state))
          }
        })
        yield* withFiles(on, { log }, ({ request }) =>
          Effect.gen(function* () {
            const uri = on.uri("unrecorded")
            const view = request("GET", `/viewer/content?uri=${encodeURIComponent(uri)}`)
            const save = (base_rev: number, content: string) =>
              request("PATCH", "/viewer/content", { uri, base_rev, content })
            expect(revOf(yield* view)).toBe(1)
            full = true
            expect(told(yield* save(1, "unheard"))).toEqual(
              failed(503, `${on.root}/unrecorded was changed, but the log could not record it: There is no space left`)
            )
            expect((yield* view).body).toMatchObject({ content: "unheard", revision: { rev: 2 } })
            yield* request("DELETE", "/files?path=unrecorded")
            expect(readFileSync(file, "utf8")).toBe("unheard")
            full = false
            expect((yield* save(1, "stale")).status).toBe(409)
            expect(revOf(yield* save(2, "again"))).toBe(3)
          })
        )
        // What could not be written down at first was, later: another process goes on from there.
        expect(revOf(yield* on.view(on.uri("unrecorded")))).toBe(3)
      })
    )
  )
})

describe("the trash", () => {
  for (const driver of bothDrivers) {
    it.live(`takes a folder whole and gives it back, and no listing, search or git shows it (${driver})`, () =>
      onFiles(
        ({ request, root, workspace }) =>
          Effect.gen(function* () {
            const project = join(workspace, "project")
            yield* shell(
              "mkdir -p project/bin; printf '#!/bin/sh\\necho needle\\n' > project/bin/run; chmod +x project/bin/run"
            )
            yield* shell("ln -s bin/run project/start; git init -q .")
            const put = yield* request("DELETE", "/files?path=project")
            const { trash_id } = Schema.decodeUnknownSync(Schema.Struct({ trash_id: Schema.String }))(put.body)
            expect(told(put)).toEqual([200, { success: true, path: `${root}/project`, trash_id }])
            expect(existsSync(project)).toBe(false)
            expect((yield* request("GET", "/files?hidden=true")).body).toMatchObject({ entries: [{ name: ".git" }] })
            expect((yield* request("GET", "/files/search?query=needle")).body).toMatchObject({ matches: [] })
            expect(yield* shell("git status --porcelain")).toBe("")
            expect((yield* request("GET", "/files/trash")).body).toEqual({
              success: true,
              entries: [
                {
                  trash_id,
                  path: `${root}/project`,
                  kind: "folder",
                  bytes: expect.any(Number),
                  trashed_at: expect.any(String),
                  lost: false
                }
              ]
            })
            expect((yield* request("DELETE", `/files?path=.choir-trash/${trash_id}`)).status).toBe(403)

            yield* shell("mkdir project")
            expect((yield* request("POST", "/files/restore", { trash_id })).status).toBe(409)
            expect(told(yield* request("POST", "/files/restore", { trash_id, to: "new/place" }))).toEqual([
              200,
              { success: true, path: `${root}/new/place` }
            ])
            expect(yield* shell("new/place/start")).toBe("needle\n")
            expect((yield* request("GET", "/files/trash")).body).toEqual({ success: true, entries: [] })
            expect(told(yield* request("POST", "/files/restore", { trash_id }))).toEqual(
              failed(404, `Not in the trash: ${trash_id}`)
            )
            expect((yield* recorded(["file.*"])).map((event) => event.event_type)).toEqual([
              "file.trashed",
              "file.restored"
            ])
            expect(readdirSync(join(workspace, ".choir-trash")).sort()).toEqual([".gitignore", ".ignore"])
          }),
        driver
      )
    )
  }

  it.live("what something else has taken out of it is missed, also after a restart", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        let trash_id = ""
        yield* serving(folder, "none", ({ request, workspace }) =>
          Effect.gen(function* () {
            writeFileSync(join(workspace, "one"), "1")
            const put = yield* request("DELETE", "/files?path=one")
            trash_id = Schema.decodeUnknownSync(Schema.Struct({ trash_id: Schema.String }))(put.body).trash_id
            rmSync(join(workspace, ".choir-trash"), { recursive: true })
          })
        )
        yield* serving(folder, "none", ({ request }) =>
          Effect.gen(function* () {
            expect((yield* request("GET", "/files/trash")).body).toMatchObject({ entries: [{ trash_id, lost: true }] })
            const restored = yield* request("POST", "/files/restore", { trash_id })
            expect(told(restored)).toEqual(
              failed(410, `It is no longer in the trash, since something in the workspace has removed it: ${trash_id}`)
            )
          })
        )
      })
    )
  )
})
