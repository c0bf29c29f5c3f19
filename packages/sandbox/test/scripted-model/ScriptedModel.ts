/**
 * A model server that follows a script, in the protocol of OpenAI's chat completions, over HTTP.
 *
 * Law: it answers at once unless the script says otherwise, and it remembers what it was asked.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { type Completion, complete, sse, streamEvents, wholeBody } from "./completion.ts"
import { ChatRequest, factsOf, makeChooser, type Script, type Turn, unmet } from "./Script.ts"

export interface RecordedRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  /** The JSON that came. */
  readonly body: unknown
  /** Completes when the answer is out, or when the client went before that. */
  readonly ended: Promise<"finished" | "aborted">
}

export interface ScriptedModel {
  /** With `/v1`: what to give as the base URL. */
  readonly url: string
  readonly requests: ReadonlyArray<RecordedRequest>
  /** Expectations that were not met, and requests that no turn was left for. */
  readonly problems: ReadonlyArray<string>
  /** The request of this index, as soon as it is there. */
  readonly request: (index: number) => Effect.Effect<RecordedRequest>
}

export interface ScriptedModelOptions {
  readonly port?: number
  /** Off for long runs, where the memory of each request would add up. */
  readonly remember?: boolean
}

export const startScriptedModel = (
  script: Script,
  options: ScriptedModelOptions = {}
): Effect.Effect<ScriptedModel, never, Scope.Scope> =>
  Effect.gen(function* () {
    const choose = makeChooser(script)
    const requests: Array<RecordedRequest> = []
    const problems: Array<string> = []
    const waiting: Array<{ readonly index: number; readonly resume: (request: RecordedRequest) => void }> = []
    let count = 0

    const record = (request: RecordedRequest) => {
      if (options.remember === false) return
      requests.push(request)
      for (const { index, resume } of waiting) if (index === requests.length - 1) resume(request)
    }

    const answer = (incoming: IncomingMessage, response: ServerResponse, bytes: Buffer) => {
      const path = incoming.url ?? "/"
      if (incoming.method === "GET" && path.endsWith("/models")) return send(response, 200, modelList)
      if (incoming.method !== "POST" || !path.endsWith("/chat/completions")) {
        return send(response, 404, failure(`no such path: ${path}`))
      }
      const body = parse(bytes)
      const ended = new Promise<"finished" | "aborted">((resolve) => {
        response.once("close", () => resolve(response.writableFinished ? "finished" : "aborted"))
      })
      record({ path, headers: incoming.headers, body, ended })

      const request = decodeRequest(body)
      if (request._tag === "None") return send(response, 400, failure("the request is not a chat completion"))
      const facts = factsOf(request.value)
      const turn = choose(facts)
      const problem =
        turn === undefined ? `the script has no turn left for: ${JSON.stringify(facts.last)}` : unmet(turn, facts)
      if (turn === undefined || problem !== null) {
        problems.push(problem ?? "")
        return send(response, 400, failure(`script: ${problem}`))
      }
      const id = String(count++)
      const completion = complete(turn, facts, { id, model: request.value.model, bytes: bytes.length })
      return act(turn, completion, request.value.stream === true, response)
    }

    const server = yield* Effect.acquireRelease(
      listen((incoming, response) => {
        const parts: Array<Buffer> = []
        incoming.on("data", (part: Buffer) => parts.push(part))
        incoming.on("end", () => {
          Promise.resolve(answer(incoming, response, Buffer.concat(parts))).catch((error: unknown) => {
            problems.push(`the scripted model failed: ${String(error)}`)
            response.destroy()
          })
        })
      }, options.port ?? 0),
      close
    )
    const { port } = addressOf(server)

    return {
      url: `http://127.0.0.1:${port}/v1`,
      requests,
      problems,
      request: (index) =>
        Effect.callback<RecordedRequest>((resume) => {
          const there = requests[index]
          if (there !== undefined) resume(Effect.succeed(there))
          else waiting.push({ index, resume: (request) => resume(Effect.succeed(request)) })
        })
    }
  })

const decodeRequest = Schema.decodeUnknownOption(ChatRequest)

/** Does what the turn says; resolves when the answer is out or the client is gone. */
const act = async (turn: Turn, completion: Completion, stream: boolean, response: ServerResponse): Promise<void> => {
  const { fail } = turn
  if (turn.think_ms !== undefined && !(await pause(turn.think_ms, response))) return
  if (fail?.kind === "status")
    return send(response, fail.status, fail.body ?? failure("scripted failure"), fail.headers)
  if (fail?.kind === "hang" && fail.after_chunks === undefined) return
  if (!stream) return send(response, 200, wholeBody(completion))

  const { content, end } = streamEvents(completion, turn.chunks?.size ?? 24)
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" })
  switch (fail?.kind) {
    case "cut":
      if (!(await write(content.slice(0, fail.after_chunks ?? 2), turn, response))) return
      if (fail.clean === true) response.end()
      else response.destroy()
      return
    case "hang":
      await write(content.slice(0, fail.after_chunks), turn, response)
      return
    case "malformed":
      if (!(await write(content.slice(0, fail.after_chunks ?? 2), turn, response))) return
      response.end('data: {"choices": [{"delta": {"content": "half an eve\n\n')
      return
    case "error_event":
      if (!(await write(content.slice(0, fail.after_chunks ?? 2), turn, response))) return
      response.end(sse({ error: fail.error }))
      return
    default:
      if (await write([...content, ...end], turn, response)) response.end()
  }
}

/** False when the client has gone in the meantime. */
const write = async (events: ReadonlyArray<string>, turn: Turn, response: ServerResponse): Promise<boolean> => {
  const { bytes, delay_ms: delay } = turn.chunks ?? {}
  if (bytes === undefined && delay === undefined) {
    const all = events.join("")
    // An empty write would do nothing, and leave the head unsent.
    if (all === "") response.flushHeaders()
    else await new Promise<void>((resolve) => response.write(all, () => resolve()))
    return !response.destroyed
  }
  const writes = bytes === undefined ? events : slices(Buffer.from(events.join("")), bytes)
  for (const one of writes) {
    response.write(one)
    if (!(await pause(delay ?? 0, response))) return false
  }
  return true
}

const slices = (all: Buffer, size: number): ReadonlyArray<Buffer> => {
  const parts: Array<Buffer> = []
  for (let at = 0; at < all.length; at += size) parts.push(all.subarray(at, at + size))
  return parts
}

/** False when the client goes before the time is over. A pause of 0 lets what was written out. */
const pause = (ms: number, response: ServerResponse): Promise<boolean> =>
  new Promise((resolve) => {
    const gone = () => {
      clearTimeout(timer)
      resolve(false)
    }
    const timer = setTimeout(() => {
      response.off("close", gone)
      resolve(!response.destroyed)
    }, ms)
    response.once("close", gone)
  })

const send = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {}
): void => {
  response.writeHead(status, { "content-type": "application/json", ...headers })
  response.end(typeof body === "string" ? body : JSON.stringify(body))
}

const failure = (message: string) => ({ error: { message, type: "scripted", code: null } })

const modelList = {
  object: "list",
  data: [{ id: "scripted", object: "model", created: 1_767_225_600, owned_by: "choiros" }]
}

const parse = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString("utf8"))
  } catch {
    return null
  }
}

const listen = (
  handler: (incoming: IncomingMessage, response: ServerResponse) => void,
  port: number
): Effect.Effect<Server> =>
  Effect.callback((resume) => {
    const server = createServer({ keepAliveTimeout: 120_000, noDelay: true }, handler)
    server.once("error", (error) => resume(Effect.die(error)))
    server.listen(port, "127.0.0.1", () => resume(Effect.succeed(server)))
  })

const close = (server: Server): Effect.Effect<void> =>
  Effect.callback((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })

const addressOf = (server: Server): AddressInfo => {
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("the server has no port")
  return address
}
