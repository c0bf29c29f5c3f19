/**
 * What a browser gets at `/` and at the desktop's own addresses: its files when they are built, else a page that says how
 * to get them.
 *
 * Law: a file is found in the folder's listing, never by what a request says.
 */
import * as Fs from "node:fs/promises"
import * as Path from "node:path"
import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { type HotFile, makeHotFiles } from "./hotFiles.ts"
import { desktopHeaders, workerHeaders } from "./policies.ts"
import { targetOf } from "./Route.ts"
import type { ServerOptions } from "./Server.ts"

const mediaTypes: Readonly<Record<string, string>> = {
  ".bcmap": "application/octet-stream",
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".icc": "application/vnd.iccprofile",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".pfb": "application/octet-stream",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff": "font/woff",
  ".woff2": "font/woff2"
}

/** What the build has packed already, the smallest first. */
const packings = [
  { extension: ".br", encoding: "br" },
  { extension: ".gz", encoding: "gzip" }
] as const

/** A thread, a run (or its step), a file, a window, an app: the desktop shows what they name. */
const deepLink = /^\/[trfwa]\/./

const worker = /^\/assets\/[^/]*worker[^/]*\.m?js$/

/** Serves the files of one folder of ours. */
export const makePage = Effect.fnUntraced(function* (folder: string): Effect.fn.Return<ServerOptions["page"]> {
  const names = yield* Effect.promise(() =>
    Fs.readdir(folder, { recursive: true, withFileTypes: true }).then(
      (entries) => entries.filter((entry) => entry.isFile()).map((entry) => Path.join(entry.parentPath, entry.name)),
      () => []
    )
  )
  const files = new Map(names.map((file) => [`/${Path.relative(folder, file).split(Path.sep).join("/")}`, file]))
  const hot = makeHotFiles()

  const serve = Effect.fnUntraced(function* (
    request: HttpServerRequest.HttpServerRequest,
    name: string,
    plain: string
  ) {
    const packings = packedFor(request.headers["accept-encoding"] ?? "").flatMap(({ encoding, extension }) => {
      const file = files.get(`${name}${extension}`)
      return file === undefined ? [] : [{ file, encoding }]
    })
    for (const { encoding, file } of [...packings, { file: plain, encoding: null }]) {
      const read = yield* Effect.promise(() => hot.read(file))
      if (read !== undefined) return answer(request, name, read, encoding)
    }
    return undefined
  })

  return (request) => {
    const { path } = targetOf(request)
    if (path === "/page.css")
      return Effect.succeed(HttpServerResponse.text(pageStyle, { contentType: "text/css; charset=utf-8" }))
    const name = files.has(path) ? path : path === "/" || deepLink.test(path) ? "/index.html" : null
    const plain = name === null ? undefined : files.get(name)
    if (name !== null && plain !== undefined) return serve(request, name, plain)
    return Effect.succeed(path === "/" ? HttpServerResponse.html(withoutDesktop) : undefined)
  }
})

const packedFor = (accepted: string) => {
  const wanted = new Set(
    accepted
      .toLowerCase()
      .split(",")
      .map((one) => one.trim().split(/\s*;\s*/))
      .filter(([, weight]) => weight === undefined || !/^q=0(\.0*)?$/.test(weight))
      .map(([coding]) => coding)
  )
  return packings.filter(({ encoding }) => wanted.has(encoding))
}

const answer = (
  request: HttpServerRequest.HttpServerRequest,
  name: string,
  { bytes, etag }: HotFile,
  encoding: string | null
): HttpServerResponse.HttpServerResponse => {
  const headers = {
    ...(worker.test(name) ? workerHeaders : desktopHeaders),
    "cache-control": name.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
    etag,
    vary: "accept-encoding",
    ...(encoding === null ? {} : { "content-encoding": encoding })
  }
  if (isKnown(request.headers["if-none-match"] ?? "", etag)) return HttpServerResponse.empty({ status: 304, headers })
  const contentType = mediaTypes[Path.posix.extname(name)] ?? "application/octet-stream"
  return HttpServerResponse.uint8Array(bytes, { contentType, headers })
}

const isKnown = (known: string, etag: string): boolean =>
  known.split(",").some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === etag)

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
