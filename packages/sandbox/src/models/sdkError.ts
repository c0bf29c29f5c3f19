/**
 * Whatever a provider or the AI SDK throws becomes a `ModelError`.
 *
 * Law: what a person reads names the provider and the way out, and never holds a key, a stack or the request.
 * Errors are read by their shape and not by their class: the SDK's packages each bring classes of their own.
 */
import * as Predicate from "effect/Predicate"
import { ModelError, type ModelErrorKind } from "./Model.ts"
import { SilentConnection } from "./silentConnection.ts"

export interface ErrorContext {
  /** The provider's name for people. */
  readonly label: string
  readonly model: string
  /** The variable that holds the key; null where there is none to set. */
  readonly keyVariable: string | null
  /** Values that must not appear in a message. */
  readonly secrets: ReadonlyArray<string>
}

/** The facts of a failure, gathered from the error and its causes. */
interface Failure {
  readonly names: ReadonlyArray<string>
  readonly messages: ReadonlyArray<string>
  /** Codes and types that the provider or the network gave. */
  readonly codes: ReadonlyArray<string>
  readonly status: number | null
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
  readonly silentMs: number | null
}

export const toModelError = (error: unknown, context: ErrorContext, now: number): ModelError => {
  const failure = gather(error)
  const kind = kindOf(failure)
  const retryAfterMs = retryAfter(failure, now)
  return new ModelError({
    kind,
    message: words(kind, failure, context),
    retryable: isRetryable(kind, failure),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs })
  })
}

/** A stream that ended without saying why. */
export const cutStream = (context: ErrorContext): ModelError =>
  new ModelError({ kind: "network", message: cutWords(context), retryable: true })

const gather = (error: unknown): Failure => {
  const names: Array<string> = []
  const messages: Array<string> = []
  const codes: Array<string> = []
  let status: number | null = null
  let headers: Readonly<Record<string, unknown>> = {}
  let body = ""
  let silentMs: number | null = null

  const visit = (value: unknown, depth: number): void => {
    if (depth > 6) return
    if (Predicate.isString(value)) messages.push(value)
    if (!Predicate.isObject(value)) return
    if (value instanceof SilentConnection) silentMs = value.idleMs
    if (Predicate.hasProperty(value, "name") && Predicate.isString(value.name)) names.push(value.name)
    if (Predicate.hasProperty(value, "message") && Predicate.isString(value.message)) messages.push(value.message)
    for (const key of ["code", "type"] as const) {
      if (!Predicate.hasProperty(value, key)) continue
      const code: unknown = value[key]
      if (Predicate.isString(code)) codes.push(code)
      else if (Predicate.isNumber(code) && code >= 400 && code < 600) status ??= code
    }
    if (Predicate.hasProperty(value, "statusCode") && Predicate.isNumber(value.statusCode)) status ??= value.statusCode
    if (Predicate.hasProperty(value, "responseBody") && Predicate.isString(value.responseBody))
      body = value.responseBody
    if (Predicate.hasProperty(value, "responseHeaders") && Predicate.isObject(value.responseHeaders)) {
      headers = { ...value.responseHeaders }
    }
    for (const key of ["cause", "data", "error"] as const) {
      if (Predicate.hasProperty(value, key)) visit(value[key], depth + 1)
    }
  }
  visit(error, 0)
  return { names, messages, codes, status, headers, body, silentMs }
}

const timeoutCodes = ["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "UND_ERR_CONNECT_TIMEOUT", "ETIMEDOUT"]
const networkCode =
  /^(UND_ERR_|ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDR|CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/
const networkWords = /^(terminated|fetch failed|network error|other side closed|cannot connect to api)/i
const malformedName = /JSONParse|TypeValidation|InvalidResponseData|EmptyResponseBody/
const contextWords =
  /context[_ ]length|maximum context|context window|prompt is too long|input is too long|too many (input )?tokens|input token count|exceeds the (maximum|limit)[^.]*tokens|request_too_large|maximum number of tokens/i
const refusedWords =
  /content[_ ](policy|filter|management)|safety system|usage polic|prohibited[_ ]content|responsible ai/i
const unknownModelWords =
  /model[_ ]not[_ ]found|not_found_error|no such model|model .{0,120}(does not exist|not found|is not (supported|available|found))|unknown model|model identifier is invalid/i
const quotaWords = /insufficient[_ ]quota|credit balance|billing|exceeded your current quota|payment required/i
const overloadedWords = /overloaded|server_is_overloaded|unavailable|slow_down/i
const rateWords = /rate[_ ]limit|too[_ ]many[_ ]requests|throttl|resource[_ ]exhausted/i
const serverWords = /server[_ ]error|internal[_ ]error|api_error/i
const authWords =
  /invalid[_ ]api[_ ]key|authentication|api key not valid|unauthorized|permission[_ ]denied|unrecognizedclient|accessdenied|invalidsignature|expiredtoken/i

const kindOf = (failure: Failure): ModelErrorKind => {
  const { codes, status } = failure
  const text = [...codes, ...failure.messages, failure.body].join("\n")
  if (failure.silentMs !== null || codes.some((code) => timeoutCodes.includes(code))) return "timeout"
  if (codes.some((code) => networkCode.test(code)) || failure.messages.some((message) => networkWords.test(message))) {
    return "network"
  }
  if (failure.names.some((name) => /LoadAPIKey|LoadSetting/.test(name))) return "auth"
  if (failure.names.some((name) => /NoSuchModel/.test(name))) return "unknown_model"
  if (/ended without a finish reason/.test(text)) return "network"
  if (failure.names.some((name) => malformedName.test(name)) && (status === null || status < 400)) return "malformed"

  // A status in a stream's error event stands for the HTTP status that came too early to say it.
  if (status === 401 || status === 403) return "auth"
  if (status === 402) return "rate_limited"
  if (status === 404) return "unknown_model"
  if (status === 408 || status === 504) return "timeout"
  if (status === 413) return "context_full"
  if (status === 429) return "rate_limited"
  if (status === 503 || status === 529) return "overloaded"
  if (status !== null && status >= 500) return overloadedWords.test(text) ? "overloaded" : "server"
  if (contextWords.test(text)) return "context_full"
  if (refusedWords.test(text)) return "refused"
  if (quotaWords.test(text)) return "rate_limited"
  if (unknownModelWords.test(text)) return "unknown_model"
  if (authWords.test(text)) return "auth"
  if (status === 409) return "server"
  if (status !== null && status >= 400) return "invalid_request"
  if (overloadedWords.test(text)) return "overloaded"
  if (rateWords.test(text)) return "rate_limited"
  if (serverWords.test(text)) return "server"
  if (failure.names.some((name) => /InvalidPrompt|InvalidArgument|Unsupported/.test(name))) return "invalid_request"
  // Answered with success, and yet not to be understood.
  if (status !== null) return "malformed"
  return "server"
}

const isOutOfQuota = (failure: Failure): boolean =>
  failure.status === 402 || quotaWords.test([...failure.codes, ...failure.messages, failure.body].join("\n"))

const isRetryable = (kind: ModelErrorKind, failure: Failure): boolean => {
  switch (kind) {
    case "rate_limited":
      return !isOutOfQuota(failure)
    case "overloaded":
    case "server":
    case "network":
    case "timeout":
    case "malformed":
      return true
    default:
      return false
  }
}

const retryAfter = (failure: Failure, now: number): number | undefined => {
  const milliseconds = seconds(failure.headers["retry-after-ms"])
  if (milliseconds !== undefined) return Math.ceil(milliseconds)
  const value = failure.headers["retry-after"]
  const delay = seconds(value)
  if (delay !== undefined) return Math.ceil(delay * 1000)
  const date = Predicate.isString(value) ? Date.parse(value) : Number.NaN
  if (!Number.isNaN(date)) return Math.max(0, date - now)
  // Google says it in the body.
  const inBody = /"retryDelay"\s*:\s*"([\d.]+)s"/.exec(failure.body)
  const told = seconds(inBody?.[1])
  return told === undefined ? undefined : Math.ceil(told * 1000)
}

const seconds = (value: unknown): number | undefined =>
  Predicate.isString(value) && /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : undefined

const words = (kind: ModelErrorKind, failure: Failure, context: ErrorContext): string => {
  const { label } = context
  const status = failure.status === null || failure.status < 400 ? "" : ` (${failure.status})`
  switch (kind) {
    case "rate_limited":
      return isOutOfQuota(failure)
        ? `${label} says that the quota or credit of this key is used up${status}. Add credit there, or switch to another model.`
        : `${label} asks to send fewer requests${status}. Try again in a moment, or switch to another model.`
    case "overloaded":
      return `${label} is overloaded${status}. Try again in a moment, or switch to another model.`
    case "server":
      return `${label} failed on its side${status}${detail(failure, context)}. Try again in a moment, or switch to another model.`
    case "network": {
      if (isCut(failure)) return cutWords(context)
      const code = failure.codes.find((one) => networkCode.test(one))
      return `${label} could not be reached${code === undefined ? "" : ` (${code})`}. Check the network and the model's address.`
    }
    case "timeout":
      return failure.silentMs === null
        ? `${label} took too long to answer${status}. Try again, or switch to another model.`
        : `${label} sent nothing for ${duration(failure.silentMs)}, so the request was ended. Try again, or switch to another model.`
    case "auth":
      return context.keyVariable === null
        ? `${label} did not accept the request${status}: it wants other credentials.`
        : `${label} did not accept the key${status}. Check ${context.keyVariable}.`
    case "invalid_request":
      return `${label} refused the request${status}${detail(failure, context)}.`
    case "context_full":
      return `The conversation is longer than ${context.model} can take. Start a new thread, or switch to a model with a larger context.`
    case "malformed":
      return `${label} sent an answer that cannot be read. Try again, or check that the model's address speaks the right protocol.`
    case "refused":
      return `${label} declined to answer this under its content policy.`
    default:
      return `${label} has no model ${context.model}${status}. Choose another model.`
  }
}

const cutWords = (context: ErrorContext): string =>
  `The connection to ${context.label} was cut before the answer was whole. Try again.`

/** Whether something of an answer had come before the network failed. */
const isCut = (failure: Failure): boolean =>
  failure.status === 200 || failure.messages.some((message) => /terminated|without a finish reason/.test(message))

const duration = (ms: number): string => (ms >= 1000 ? `${Math.round(ms / 1000)} s` : `${ms} ms`)

/** What the provider says, in one line and without anything that looks like a key. */
const detail = (failure: Failure, context: ErrorContext): string => {
  const said = failure.messages.find((message) => message.trim() !== "")
  if (said === undefined) return ""
  let line = said
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 300)
    .replace(/[.:\s]+$/, "")
  for (const secret of context.secrets) if (secret.length >= 4) line = line.replaceAll(secret, "[key]")
  return `: ${line.replace(/\b(sk|pk|rk|gsk|xai|AIza|AKIA|Bearer)[-_ ]?[-\w*.]{8,}/g, "[key]")}`
}
