/**
 * Requests to the computer.
 *
 * Law: what comes back is decoded once, here; a failure is an `ApiError` with the server's own words. No request ever gives
 * up by a clock of ours: a run is never declared failed because it is slow.
 */
import * as Schema from "effect/Schema"
import { heardTime } from "../ui/present.ts"

/** `status` 0: the computer could not be reached. `body` is the reply as it came, for conflicts that carry more. */
export class ApiError extends Error {
  readonly status: number
  readonly body: unknown

  constructor(status: number, message: string, body: unknown = null) {
    super(message)
    this.name = "ApiError"
    this.status = status
    this.body = body
  }
}

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>

export interface RequestOptions {
  readonly query?: Query
  /** Sent as JSON, but a file as it is. */
  readonly body?: unknown
  readonly signal?: AbortSignal
  /** What was asked for a moment before the page is left, or loaded again, is asked all the same. */
  readonly outlives?: boolean
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE"

export const unreachable = "The computer can't be reached"

/** Sends, and decodes the reply. Fails with `ApiError`, or with the signal's `AbortError`. */
export const request = async <A, I>(
  method: Method,
  path: string,
  reply: Schema.Codec<A, I>,
  options: RequestOptions = {}
): Promise<A> => {
  const response = await send(method, path, options)
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok)
    throw new ApiError(response.status, wordsOf(body) ?? `The computer answered ${response.status}`, body)
  try {
    return Schema.decodeUnknownSync(reply)(body)
  } catch {
    throw new ApiError(response.status, "The computer answered in words that this page does not know; reload it", body)
  }
}

/** A reply that is no JSON: a file, an export. */
export const requestBlob = async (path: string, options: RequestOptions = {}): Promise<Blob> => {
  const response = await send("GET", path, options)
  if (response.ok) return response.blob()
  const body: unknown = await response.json().catch(() => null)
  throw new ApiError(response.status, wordsOf(body) ?? `The computer answered ${response.status}`, body)
}

export const get = <A, I>(
  path: string,
  reply: Schema.Codec<A, I>,
  query: Query = {},
  signal?: AbortSignal
): Promise<A> => request("GET", path, reply, { query, ...(signal === undefined ? {} : { signal }) })

export const post = <A, I>(path: string, body: unknown, reply: Schema.Codec<A, I>): Promise<A> =>
  request("POST", path, reply, { body })

/** For an error that a person is to read. */
export const inWords = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** A path with its parts percent-encoded: ``path`runs/${id}` ``. */
export const path = (parts: TemplateStringsArray, ...values: ReadonlyArray<string>): string =>
  `/${parts.reduce((whole, part, index) => `${whole}${encodeURIComponent(values[index - 1] ?? "")}${part}`)}`

const send = async (
  method: Method,
  path: string,
  { body, outlives = false, query, signal }: RequestOptions
): Promise<Response> => {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined) search.append(key, String(value))
  }
  const target = search.size === 0 ? path : `${path}?${search}`
  const asked = Date.now()
  try {
    const response = await fetch(target, {
      method,
      signal: signal ?? null,
      keepalive: outlives,
      ...(body === undefined ? {} : contentOf(body))
    })
    heardTime(response.headers.get("date"), asked)
    return response
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw new ApiError(0, unreachable)
  }
}

const contentOf = (body: unknown): RequestInit =>
  body instanceof Blob
    ? { body, headers: { "content-type": "application/octet-stream" } }
    : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }

const Refusal = Schema.Struct({ error: Schema.String })
const isRefusal = Schema.is(Refusal)

const wordsOf = (body: unknown): string | null => (isRefusal(body) ? body.error : null)
