/**
 * A file of the workspace as a page, for a frame of the desktop: HTML and SVG with their scripts, images, PDF and sound as
 * they are, and all else as plain text.
 *
 * Law: what is in it can do nothing in our name, however it is opened; its type is never one that our own page would run.
 * A page is sent with one script before its own, by which it takes the keyboard only where it has it already.
 */
import { posix } from "node:path"
import { FileQuery } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { toHttpFailure } from "../files/failures.ts"
import { WorkspaceFiles } from "../files/WorkspaceFiles.ts"
import { viewHeaders } from "../server/policies.ts"
import { decodeField, fail, type RequestContext, type Route, route } from "../server/Route.ts"
import { withManners } from "./manners.ts"

/** Bytes of the largest file that is shown; a larger one can be downloaded. */
const largest = 16 * 1024 * 1024

const types: Readonly<Record<string, string>> = {
  ".avif": "image/avif",
  ".bmp": "image/bmp",
  ".gif": "image/gif",
  ".htm": "text/html; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".mp3": "audio/mpeg",
  ".mp4": "video/mp4",
  ".ogg": "audio/ogg",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wav": "audio/wav",
  ".webm": "video/webm",
  ".webp": "image/webp"
}

export const fileViewRoutes: Effect.Effect<ReadonlyArray<Route>, never, WorkspaceFiles> = Effect.gen(function* () {
  const files = yield* WorkspaceFiles

  const view = Effect.fnUntraced(function* ({ query }: RequestContext) {
    const { path } = yield* decodeField(FileQuery, "query", Object.fromEntries(query))
    const file = yield* files.peek(path, { limit: largest }).pipe(Effect.mapError(toHttpFailure(path)))
    if (file.bytes.byteLength < file.size) {
      return yield* fail(413, `Is too large to be shown (${largest / 1024 / 1024} MiB at most); download it: ${path}`)
    }
    const contentType = types[posix.extname(file.path).toLowerCase()] ?? "text/plain; charset=utf-8"
    return HttpServerResponse.uint8Array(contentType.startsWith("text/html") ? withManners(file.bytes) : file.bytes, {
      contentType,
      headers: viewHeaders
    })
  })

  return [route("GET", "/files/view", view)]
})
