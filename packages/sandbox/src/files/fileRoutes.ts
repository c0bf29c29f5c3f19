/**
 * The workspace's files over HTTP. What is sent back is never shown by a browser in our name: a download is an
 * attachment of no type.
 */
import * as Path from "node:path/posix"
import type { FileContent, FileEntry as JailEntry } from "@choiros/jail"
import {
  type FileChangedReply,
  type FileEntry,
  FileMoveBody,
  FileQuery,
  type FileReadReply,
  FileRestoreBody,
  FileSearchQuery,
  type FileSearchReply,
  FilesQuery,
  type FilesReply,
  type FileTrashedReply,
  FileUploadQuery,
  FileWriteBody,
  type FileWriteReply,
  FolderBody,
  fileLimits,
  fileSentences,
  type NewEvent,
  type TrashReply,
  viewerErrors
} from "@choiros/protocol"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { decodeField, fail, jsonBody, ok, type RequestContext, type Route, readBody, route } from "../server/Route.ts"
import { type FileChanged, isMissing } from "./errors.ts"
import { toHttpFailure } from "./failures.ts"
import { encode, mimeOf } from "./presentation.ts"
import { type Expected, filesActor, type SavedFile, WorkspaceFiles } from "./WorkspaceFiles.ts"

/** Who acts over these routes. */
const by = "user"

/** Bytes that a download reads at once. */
const downloadPart = 4 * 1024 * 1024
const entriesAtOnce = 10_000
/** Names that a search by name looks at. */
const namesAtOnce = 50_000
/** Where no search looks. */
const unsearched = [".git", "node_modules"]

export const fileRoutes: Effect.Effect<ReadonlyArray<Route>, never, WorkspaceFiles> = Effect.gen(function* () {
  const files = yield* WorkspaceFiles

  const list = Effect.fnUntraced(function* ({ query }: RequestContext) {
    const { hidden, path = "." } = yield* queryOf(FilesQuery, query)
    const listed = yield* files.list(path, { limit: entriesAtOnce }).pipe(Effect.mapError(toHttpFailure(path)))
    const entries = listed.entries.map(toEntry).filter((entry) => hidden === true || !entry.name.startsWith("."))
    return ok({ success: true, path: listed.path, entries, truncated: listed.truncated } satisfies FilesReply)
  })

  const read = Effect.fnUntraced(function* ({ query }: RequestContext) {
    const { path } = yield* queryOf(FileQuery, query)
    const file = yield* files.read(path).pipe(Effect.mapError(toHttpFailure(path)))
    if (file.bytes.byteLength < file.size)
      return yield* fail(413, `Is too large to be read at once, and can be downloaded: ${path}`)
    const { content, encoding } = encode(file.bytes)
    return ok({
      success: true,
      path: file.path,
      mime: mimeOf(file.path, encoding === "utf8"),
      encoding,
      content,
      bytes: file.size,
      revision: file.revision
    } satisfies FileReadReply)
  })

  const save = (path: string, bytes: Uint8Array, expected: Expected) =>
    files.save(path, bytes, { expected, mkdirs: true, record: written }).pipe(
      Effect.map(({ bytes, path, revision }) => ok({ success: true, path, bytes, revision } satisfies FileWriteReply)),
      Effect.catchTag("Files.Changed", (changed) => Effect.fail(conflictOf(path, expected, changed))),
      Effect.catchIf(
        (error) => error._tag !== "Http.Failure",
        (error) => Effect.fail(toHttpFailure(path)(error))
      )
    )

  const write = Effect.fnUntraced(function* ({ request }: RequestContext) {
    const { base_rev, content, encoding, path } = yield* jsonBody(request, FileWriteBody)
    const bytes = encoding === "base64" ? fromBase64(content) : new TextEncoder().encode(content)
    if (bytes === null) return yield* fail(422, "Invalid body: content is not base64")
    const rev = base_rev ?? null
    return yield* save(path, bytes, rev === null ? { _tag: "Anything" } : { _tag: "Revision", rev })
  })

  const upload = Effect.fnUntraced(function* ({ query, request }: RequestContext) {
    const { overwrite, path } = yield* queryOf(FileUploadQuery, query)
    const bytes = yield* readBody(request, fileLimits.upload)
    return yield* save(path, bytes, overwrite === true ? { _tag: "Anything" } : { _tag: "Content", hash: null })
  })

  const makeFolder = Effect.fnUntraced(function* ({ request }: RequestContext) {
    const { path } = yield* jsonBody(request, FolderBody)
    const inWords = toHttpFailure(path)
    const there = yield* files.stat(path).pipe(
      Effect.as(true),
      Effect.catchIf(isMissing, () => Effect.succeed(false)),
      Effect.mapError(inWords)
    )
    if (there) return yield* fail(409, fileSentences.exists(path))
    const made = yield* files.makeFolder(path, { recursive: true }).pipe(Effect.mapError(inWords))
    return ok({ success: true, path: made.path } satisfies FileChangedReply)
  })

  const move = Effect.fnUntraced(function* ({ request }: RequestContext) {
    const { from, overwrite, to } = yield* jsonBody(request, FileMoveBody)
    const moved = yield* files.move(from, to, { overwrite: overwrite === true, by }).pipe(
      Effect.mapError((error) => {
        const exists = error._tag === "Jail.FileFailure" && (error.reason === "exists" || error.reason === "not_empty")
        return toHttpFailure(exists ? to : from)(error)
      })
    )
    return ok({ success: true, path: moved.to } satisfies FileChangedReply)
  })

  const trash = Effect.fnUntraced(function* ({ query }: RequestContext) {
    const { path } = yield* queryOf(FileQuery, query)
    const trashed = yield* files.trash.put(path, by).pipe(Effect.mapError(toHttpFailure(path)))
    return ok({ success: true, path: trashed.path, trash_id: trashed.trash_id } satisfies FileTrashedReply)
  })

  const listTrash = Effect.gen(function* () {
    const entries = yield* files.trash.list.pipe(Effect.mapError(toHttpFailure(".")))
    return ok({
      success: true,
      entries: entries.map((entry) => ({ ...entry, kind: kindOf(entry.kind) }))
    } satisfies TrashReply)
  })

  const restore = Effect.fnUntraced(function* ({ request }: RequestContext) {
    const { to, trash_id } = yield* jsonBody(request, FileRestoreBody)
    const restored = yield* files.trash.restore(trash_id, to ?? null, by).pipe(
      Effect.mapError((error) => {
        if (error._tag !== "Files.NotInTrash") return toHttpFailure(to ?? "the place where it was")(error)
        return error.lost
          ? fail(410, fileSentences.trashLost(trash_id))
          : fail(404, fileSentences.trashNotFound(trash_id))
      })
    )
    return ok({ success: true, path: restored.path } satisfies FileChangedReply)
  })

  const download = Effect.fnUntraced(function* ({ query }: RequestContext) {
    const { path } = yield* queryOf(FileQuery, query)
    const first = yield* files.peek(path, { limit: downloadPart }).pipe(Effect.mapError(toHttpFailure(path)))
    return HttpServerResponse.stream(partsOf(files, first), {
      contentType: "application/octet-stream",
      contentLength: first.size,
      headers: {
        "content-disposition": `attachment; filename*=UTF-8''${encodeName(Path.basename(first.path))}`,
        "x-content-type-options": "nosniff"
      }
    })
  })

  const searchNames = Effect.fnUntraced(function* (wanted: FileSearchQuery) {
    const { ignore_case, limit = 200, path = ".", query } = wanted
    const listed = yield* files
      .list(path, { recursive: true, limit: namesAtOnce, skip: unsearched })
      .pipe(Effect.mapError(toHttpFailure(path)))
    const fold = (text: string) => (ignore_case === true ? text.toLowerCase() : text)
    const found = listed.entries.filter((entry) => fold(Path.basename(entry.path)).includes(fold(query)))
    const matches = found
      .slice(0, limit)
      .map(({ kind, path }) => ({ path, line: 0, text: Path.basename(path), kind: kindOf(kind) }))
    return { success: true, matches, truncated: listed.truncated || found.length > limit } satisfies FileSearchReply
  })

  const search = Effect.fnUntraced(function* (context: RequestContext) {
    const wanted = yield* queryOf(FileSearchQuery, context.query)
    if (wanted.in === "names") return ok(yield* searchNames(wanted))
    const { glob, ignore_case, limit, literal, path = ".", query } = wanted
    const found = yield* files
      .search({
        pattern: query,
        path,
        literal: literal === true,
        ignoreCase: ignore_case === true,
        limit: limit ?? 200,
        ...(glob === undefined ? {} : { glob })
      })
      .pipe(Effect.mapError(toHttpFailure(path)))
    const matches = found.matches.map(({ line, path, text }) => ({ path, line, text }))
    return ok({ success: true, matches, truncated: found.truncated } satisfies FileSearchReply)
  })

  return [
    route("GET", "/files", list),
    route("DELETE", "/files", trash),
    route("GET", "/files/content", read),
    route("PUT", "/files/content", write),
    route("POST", "/files/folders", makeFolder),
    route("POST", "/files/move", move),
    route("GET", "/files/trash", () => listTrash),
    route("POST", "/files/restore", restore),
    route("POST", "/files/upload", upload),
    route("GET", "/files/download", download),
    route("GET", "/files/search", search)
  ]
})

const queryOf = <A>(schema: Schema.Codec<A, unknown>, query: URLSearchParams) =>
  decodeField(schema, "query", Object.fromEntries(query))

const written = ({ before_hash, bytes, hash, path }: SavedFile): NewEvent => ({
  actor_id: filesActor,
  event_type: "file.written",
  payload: { path, hash, before_hash, bytes, by }
})

/** A save over a revision is told what is there; one that wanted nothing to be there, that there is something. */
const conflictOf = (path: string, expected: Expected, { latest }: FileChanged) =>
  expected._tag === "Revision"
    ? fail(409, viewerErrors.conflict, {
        revision: null,
        latest: latest === null ? null : { ...encode(latest.bytes), revision: latest.revision }
      })
    : fail(409, fileSentences.exists(path))

const kindOf = (kind: JailEntry["kind"]): FileEntry["kind"] => (kind === "directory" ? "folder" : kind)

const toEntry = ({ kind, modifiedMs, path, size }: JailEntry): FileEntry => ({
  name: Path.basename(path),
  path,
  kind: kindOf(kind),
  bytes: size,
  modified_at: new Date(modifiedMs).toISOString()
})

/** The file part by part. One that changes meanwhile ends the download short of its length, which the client sees. */
const partsOf = (files: WorkspaceFiles["Service"], first: FileContent): Stream.Stream<Uint8Array, Error> =>
  Stream.paginate(0, (offset: number) =>
    Effect.gen(function* () {
      const part = offset === 0 ? first : yield* files.peek(first.path, { offset, limit: downloadPart })
      const next = offset + part.bytes.byteLength
      if (part.hash !== first.hash || (part.bytes.byteLength === 0 && next < first.size)) {
        return yield* Effect.fail(new Error(`The file changed while it was downloaded: ${first.path}`))
      }
      return [[part.bytes], next < first.size ? Option.some(next) : Option.none<number>()] as const
    })
  )

/** RFC 8187: what is not a letter, a digit or one of a few signs is percent-encoded. */
const encodeName = (name: string): string =>
  encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`
  )

/** Null for what is not base64. */
const fromBase64 = (text: string): Uint8Array | null => {
  const compact = text.replace(/\s+/g, "")
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(compact)
    ? Buffer.from(compact, "base64")
    : null
}
