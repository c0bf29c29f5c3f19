import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import { ClientId } from "../../Id.ts"
import {
  PreferencesBody,
  PreferencesReply,
  ViewerConflict,
  ViewerQuery,
  ViewerReply,
  ViewerSaveBody,
  ViewerSaveReply
} from "../viewer.ts"
import { badRequest, forbidden, notFound, says, wrong } from "./endpoint.ts"

const user = { user_id: ClientId }

export const viewerGroup = () =>
  HttpApiGroup.make("viewer").add(
    HttpApiEndpoint.get("content", "/viewer/content", {
      query: ViewerQuery.fields,
      success: ViewerReply,
      error: [badRequest, forbidden, notFound]
    }).annotateMerge(says("Content of a file of the workspace, by its file:// uri")),
    HttpApiEndpoint.patch("save", "/viewer/content", {
      payload: ViewerSaveBody,
      success: ViewerSaveReply,
      error: [badRequest, forbidden, notFound, ViewerConflict.pipe(HttpApiSchema.status(409)), wrong]
    }).annotateMerge(says("Save content, based on a revision")),
    HttpApiEndpoint.get("preferences", "/user/:user_id/preferences", {
      params: user,
      success: PreferencesReply
    }).annotateMerge(says("What a user prefers")),
    HttpApiEndpoint.patch("setPreferences", "/user/:user_id/preferences", {
      params: user,
      payload: PreferencesBody,
      success: PreferencesReply,
      error: [badRequest, wrong]
    }).annotateMerge(says("Change what a user prefers"))
  )
