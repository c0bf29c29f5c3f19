/** How a route is described: failures by status, and a line for people. */
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as OpenApi from "effect/http-api/OpenApi"
import { BareFailure, Failure } from "../common.ts"

export const badRequest = Failure.pipe(HttpApiSchema.status(400))
export const forbidden = Failure.pipe(HttpApiSchema.status(403))
export const notFound = Failure.pipe(HttpApiSchema.status(404))
export const conflict = Failure.pipe(HttpApiSchema.status(409))
export const wrong = Failure.pipe(HttpApiSchema.status(422))
export const bareBadRequest = BareFailure.pipe(HttpApiSchema.status(400))

export const says = (summary: string, description?: string) =>
  OpenApi.annotations(description === undefined ? { summary } : { summary, description })

/** For a command that says all in its address: the body may be left out. */
export const saysInPath = (summary: string, description?: string) =>
  OpenApi.annotations({
    summary,
    ...(description === undefined ? {} : { description }),
    transform: (operation) => ({ ...operation, requestBody: { ...operation.requestBody, required: false } })
  })

/** A WebSocket: OpenAPI has no words for its frames, so the description does. */
export const socket = HttpApiSchema.Empty(101)
