/** What a browser gets at `/`: the desktop's files when they are built, else a page that says how to get them. */
import * as Fs from "node:fs/promises"
import * as Path from "node:path"
import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { targetOf } from "./Route.ts"
import type { ServerOptions } from "./Server.ts"

const mediaTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2"
}

/** Serves the files of one folder of ours; names come from its listing, never from the request. */
export const makePage = Effect.fnUntraced(function* (folder: string): Effect.fn.Return<ServerOptions["page"]> {
  const names = yield* Effect.promise(() =>
    Fs.readdir(folder, { recursive: true, withFileTypes: true }).then(
      (entries) => entries.filter((entry) => entry.isFile()).map((entry) => Path.join(entry.parentPath, entry.name)),
      () => []
    )
  )
  const files = new Map(names.map((file) => [`/${Path.relative(folder, file).split(Path.sep).join("/")}`, file]))
  const index = files.get("/index.html")
  return (request: HttpServerRequest.HttpServerRequest) => {
    const { path } = targetOf(request)
    if (path === "/page.css")
      return Effect.succeed(HttpServerResponse.text(pageStyle, { contentType: "text/css; charset=utf-8" }))
    const file = files.get(path) ?? (path === "/" ? index : undefined)
    if (file !== undefined) return serveFile(file, path.startsWith("/assets/"))
    return Effect.succeed(path === "/" ? HttpServerResponse.html(withoutDesktop) : undefined)
  }
})

const serveFile = (file: string, immutable: boolean) =>
  Effect.promise(() => Fs.readFile(file).catch(() => undefined)).pipe(
    Effect.map((bytes) =>
      bytes === undefined
        ? undefined
        : HttpServerResponse.uint8Array(bytes, {
            contentType: mediaTypes[Path.extname(file)] ?? "application/octet-stream",
            headers: { "cache-control": immutable ? "public, max-age=31536000, immutable" : "no-cache" }
          })
    )
  )

const withoutDesktop = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>ChoirOS</title>
<link rel="stylesheet" href="/page.css"></head>
<body><main>
<h1>ChoirOS is running</h1>
<p>This computer has no web desktop yet. Talk with it from a terminal:</p>
<pre>npx choir chat</pre>
<p>Or over HTTP: <a href="/docs">the interface</a>, <a href="/health">health</a>, <a href="/supervision">the live tree</a>,
<a href="/events">the log</a>.</p>
</main></body>
</html>
`

const pageStyle = `:root { color-scheme: light dark; font: 15px/1.55 system-ui, sans-serif }
body { margin: 0 } main { max-width: 52rem; margin: 3rem auto; padding: 0 1.25rem }
h1 { font-size: 1.6rem; letter-spacing: -0.01em } h1 small { font-weight: 400; opacity: 0.6 }
h2 { font-size: 1rem; margin: 0 } section { border-top: 1px solid #8883; padding: 1rem 0 } .method { opacity: 0.6 }
pre, code { font: 13px/1.5 ui-monospace, monospace } pre { background: #8881; border-radius: 10px; padding: 0.8rem 1rem; overflow: auto }
`
