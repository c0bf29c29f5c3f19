/**
 * The viewer over HTTP: a file of the workspace by its uri, and saves that never go over what their author has not seen.
 *
 * Law: a save that is answered is on the disk and in the log; a refused one leaves both texts, ours in the reply.
 */
import { createHash } from "node:crypto"
import { type AppendError, EventLog } from "@choiros/event-log"
import { type Revision, ViewerQuery, type ViewerReply, ViewerSaveBody, viewerErrors } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import {
  decodeField,
  fail,
  type HttpFailure,
  jsonBody,
  ok,
  type RequestContext,
  type Route,
  route
} from "../server/Route.ts"
import { type FileChanged, isMissing } from "./errors.ts"
import { toHttpFailure } from "./failures.ts"
import { present } from "./presentation.ts"
import { WorkspaceFiles } from "./WorkspaceFiles.ts"

export const viewerRoutes: Effect.Effect<ReadonlyArray<Route>, never, EventLog | WorkspaceFiles> = Effect.gen(
  function* () {
    const log = yield* EventLog
    const files = yield* WorkspaceFiles

    const pathOf = (uri: string): Effect.Effect<string, HttpFailure> =>
      Option.match(files.pathOfUri(uri), {
        onNone: () => Effect.fail(fail(403, uri.startsWith("file:") ? viewerErrors.outside : viewerErrors.notAFile)),
        onSome: Effect.succeed
      })

    const read = Effect.fnUntraced(function* (uri: string) {
      const path = yield* pathOf(uri)
      const file = yield* files.read(path).pipe(Effect.mapError(failureOf(uri)))
      if (file.bytes.byteLength < file.size) return yield* fail(413, `Is too large to be viewed: ${uri}`)
      return { ...file, ...present(file.path, file.bytes) }
    })

    const get = Effect.fnUntraced(function* ({ query }: RequestContext) {
      const { uri } = yield* decodeField(ViewerQuery, "query", Object.fromEntries(query))
      const { content, mime, readonly, revision } = yield* read(uri)
      return ok({ success: true, uri, mime, content, revision, readonly } satisfies ViewerReply)
    })

    const save = Effect.fnUntraced(function* ({ request }: RequestContext) {
      const body = yield* jsonBody(request, ViewerSaveBody)
      const { base_rev, content, uri, user_id, window_id } = body
      const path = yield* pathOf(uri)
      const about = { actor_id: viewerActor(uri), user_id: user_id === "" ? null : (user_id ?? null) }
      const window = window_id === undefined || window_id === null ? {} : { window_id }

      const conflict = Effect.fnUntraced(function* (latest: { readonly content: string; readonly revision: Revision }) {
        const payload = { uri, base_rev, rev: latest.revision.rev, ...window }
        yield* log
          .append([{ ...about, event_type: "viewer.content_conflict", payload }])
          .pipe(Effect.mapError(unrecorded))
        return yield* fail(409, viewerErrors.conflict, { revision: null, latest })
      })

      // Looked at before the lock: what can't be edited at all is said first. What is over what, the save itself finds out.
      const now = yield* read(uri)
      if (now.readonly) return yield* fail(400, viewerErrors.readonly)
      const saved = yield* files
        .save(path, new TextEncoder().encode(content), {
          expected: { _tag: "Revision", rev: base_rev },
          record: ({ before_hash, bytes, hash, revision }) => ({
            ...about,
            event_type: "viewer.content_saved",
            payload: { uri, rev: revision.rev, hash, before_hash, bytes, ...window }
          })
        })
        .pipe(
          Effect.catchTag("Files.Changed", ({ latest }: FileChanged) =>
            latest === null
              ? Effect.fail(fail(404, viewerErrors.notFound))
              : conflict({ content: present(latest.path, latest.bytes).content, revision: latest.revision })
          ),
          Effect.catchIf(
            (error) => error._tag !== "Http.Failure",
            (error) => Effect.fail(failureOf(uri)(error))
          )
        )
      return ok({ success: true, revision: saved.revision })
    })

    return [route("GET", "/viewer/content", get), route("PATCH", "/viewer/content", save)]
  }
)

const failureOf = (uri: string) => (error: Parameters<ReturnType<typeof toHttpFailure>>[0]) =>
  isMissing(error) ? fail(404, viewerErrors.notFound) : toHttpFailure(uri)(error)

const unrecorded = (error: AppendError): HttpFailure => fail(503, error.message)

/** The log takes 512 characters of an actor: a uri that is longer stands there by its hash. */
const viewerActor = (uri: string): string =>
  uri.length <= 500 ? `viewer:${uri}` : `viewer:sha256:${createHash("sha256").update(uri).digest("hex")}`
