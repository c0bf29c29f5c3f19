/** The desktop's files over a real server: what a browser gets for them, packed, kept, and at the desktop's addresses. */
import { mkdirSync, utimesSync, writeFileSync } from "node:fs"
import { request } from "node:http"
import { dirname, join } from "node:path"
import { brotliCompressSync, gzipSync } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { temporaryFolder } from "../../test/server.ts"
import { makePage } from "./page.ts"
import { listen } from "./Server.ts"

const script = "console.log(1)\n".repeat(100)
const files: Readonly<Record<string, string | Uint8Array>> = {
  "index.html": "<!doctype html><title>ChoirOS</title>",
  "sw.js": "self",
  "manifest.webmanifest": "{}",
  "assets/main-1a2b.js": script,
  "assets/main-1a2b.js.br": brotliCompressSync(script),
  "assets/main-1a2b.js.gz": gzipSync(script),
  "assets/pdf.worker-9z.mjs": "self",
  "assets/openjpeg.wasm": new Uint8Array([0, 97, 115, 109]),
  "assets/Inter.woff2": "font",
  "icons/choir.svg": "<svg/>"
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly bytes: Buffer
}

/** As the wire has it: `fetch` would unpack it. */
const ask = (port: number, path: string, headers: Readonly<Record<string, string>> = {}, method = "GET") =>
  Effect.callback<Answer>((resume) => {
    request({ port, path, method, headers, host: "127.0.0.1", agent: false }, (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("end", () =>
        resume(
          Effect.succeed({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) })
        )
      )
    }).end()
  })

const onPage = (
  built: Readonly<Record<string, string | Uint8Array>>,
  use: (
    ask: (path: string, headers?: Readonly<Record<string, string>>, method?: string) => Effect.Effect<Answer>,
    folder: string
  ) => Effect.Effect<void, unknown, Scope.Scope>
) =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    for (const [name, content] of Object.entries(built)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), content)
    }
    const page = yield* makePage(folder)
    const port = yield* listen([], { port: 0, host: "127.0.0.1", hostNames: [], token: null, page })
    yield* use((path, headers, method) => ask(port, path, headers, method), folder)
  }).pipe(Effect.scoped)

describe("the desktop's files", () => {
  it.live("have their types, and what has a hash in its name is kept for good", () =>
    onPage(files, (ask) =>
      Effect.gen(function* () {
        const forGood = "public, max-age=31536000, immutable"
        for (const [path, type, kept] of [
          ["/", "text/html; charset=utf-8", "no-cache"],
          ["/sw.js", "text/javascript; charset=utf-8", "no-cache"],
          ["/manifest.webmanifest", "application/manifest+json", "no-cache"],
          ["/assets/main-1a2b.js", "text/javascript; charset=utf-8", forGood],
          ["/assets/pdf.worker-9z.mjs", "text/javascript; charset=utf-8", forGood],
          ["/assets/openjpeg.wasm", "application/wasm", forGood],
          ["/assets/Inter.woff2", "font/woff2", forGood],
          ["/icons/choir.svg", "image/svg+xml", "no-cache"]
        ] as const) {
          const { headers, status } = yield* ask(path)
          expect([path, status, headers["content-type"], headers["cache-control"]]).toEqual([path, 200, type, kept])
        }
      })
    )
  )

  it.live("are sent packed to who takes that", () =>
    onPage(files, (ask) =>
      Effect.gen(function* () {
        const main = "/assets/main-1a2b.js"
        for (const [accepts, encoding, bytes] of [
          ["gzip, deflate, br, zstd", "br", brotliCompressSync(script)],
          ["gzip;q=0.5, br;q=0", "gzip", gzipSync(script)],
          ["identity", undefined, Buffer.from(script)],
          ["", undefined, Buffer.from(script)]
        ] as const) {
          const answer = yield* ask(main, { "accept-encoding": accepts })
          expect([accepts, answer.headers["content-encoding"]]).toEqual([accepts, encoding])
          expect(answer.headers).toMatchObject({
            "content-type": "text/javascript; charset=utf-8",
            "content-length": String(bytes.byteLength),
            vary: "accept-encoding"
          })
          expect(answer.bytes.equals(bytes)).toBe(true)
        }
        expect((yield* ask("/sw.js", { "accept-encoding": "br" })).headers).not.toHaveProperty("content-encoding")
      })
    )
  )

  it.live("are not sent again to who has them, until they change", () =>
    onPage(files, (ask, folder) =>
      Effect.gen(function* () {
        const etag = String((yield* ask("/")).headers.etag)
        const again = (known: string) => ask("/", { "if-none-match": known })
        for (const known of [etag, `"other", W/${etag}`, "*"]) {
          const answer = yield* again(known)
          expect([answer.status, answer.bytes.length, answer.headers.etag]).toEqual([304, 0, etag])
        }
        expect((yield* again('"other"')).status).toBe(200)

        writeFileSync(join(folder, "index.html"), "<!doctype html><title>Newer</title>")
        utimesSync(join(folder, "index.html"), 1, 1)
        const newer = yield* again(etag)
        expect([newer.status, newer.bytes.toString()]).toEqual([200, "<!doctype html><title>Newer</title>"])
      })
    )
  )

  it.live("answer HEAD with what GET would send, and its length", () =>
    onPage(files, (ask) =>
      Effect.gen(function* () {
        const got = yield* ask("/")
        const head = yield* ask("/", {}, "HEAD")
        expect([head.status, head.bytes.length]).toEqual([200, 0])
        for (const name of ["content-length", "content-type", "etag", "content-security-policy"]) {
          expect(head.headers[name]).toBe(got.headers[name])
        }
      })
    )
  )

  it.live("show what a link names: thread, run, step, file, window, app; nothing else is a page", () =>
    onPage(files, (ask) =>
      Effect.gen(function* () {
        for (const path of ["/t/main", "/r/01K/7", "/f/src/a.ts", "/w/01K", "/a/choir?x=1"]) {
          const { bytes, headers, status } = yield* ask(path)
          expect([path, status, headers["content-type"]]).toEqual([path, 200, "text/html; charset=utf-8"])
          expect(bytes.toString()).toContain("<title>ChoirOS")
        }
        for (const path of ["/t", "/t/", "/x/y", "/assets/old.js", "/assets/../index.html", "/%2e%2e/etc/passwd"]) {
          expect([path, (yield* ask(path)).status]).toEqual([path, 404])
        }
        expect((yield* ask("/t/main", {}, "POST")).status).toBe(404)
      })
    )
  )

  it.live("come with a policy by which nothing but their own script runs", () =>
    onPage(files, (ask) =>
      Effect.gen(function* () {
        for (const path of ["/", "/r/01K", "/assets/main-1a2b.js", "/sw.js"]) {
          const { headers } = yield* ask(path)
          const policy = new Map(
            String(headers["content-security-policy"])
              .split("; ")
              .map((one) => [one.split(" ", 1)[0], one.split(" ").slice(1).join(" ")])
          )
          expect(Object.fromEntries(policy)).toMatchObject({
            "default-src": "'none'",
            "script-src": "'self'",
            "worker-src": "'self'",
            "connect-src": "'self'",
            "frame-ancestors": "'none'",
            "object-src": "'none'",
            "base-uri": "'none'",
            "require-trusted-types-for": "'script'",
            "trusted-types": "choiros"
          })
          expect(headers["permissions-policy"]).toContain("camera=()")
          expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" })
        }
        const worker = (yield* ask("/assets/pdf.worker-9z.mjs")).headers["content-security-policy"]
        expect(worker).toContain("script-src 'self' 'wasm-unsafe-eval';")
      })
    )
  )
})

it.live("without a build the page says how to go on, under the strict policy of the rest", () =>
  onPage({}, (ask) =>
    Effect.gen(function* () {
      const { bytes, headers } = yield* ask("/")
      expect(bytes.toString()).toContain("npx choir chat")
      expect(headers["content-security-policy"]).toMatch(/^default-src 'self';.*style-src 'self';/)
      expect((yield* ask("/t/main")).status).toBe(404)
    })
  )
)
