/**
 * A model over HTTP whose words a test lets out one by one.
 *
 * Law: it says nothing unless told to, and an answer stays open until it is ended; so a test meets a run in mid-stream for
 * as long as it wants, without a clock.
 */
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { sse } from "../../packages/sandbox/test/scripted-model/completion.ts"
import { whenOver } from "../support/product.ts"

export interface HeldAnswer {
  /** What it was asked, as it came. */
  readonly asked: string
  readonly think: (text: string) => void
  readonly say: (text: string) => void
  readonly call: (name: string, args: unknown) => void
  /** Ends the answer. */
  readonly end: () => void
  /** Instead of an answer: what a provider says that will not give one. */
  readonly refuse: (status: number, message: string) => void
  /** Completes when the asking side has gone, or has all of it. */
  readonly closed: Promise<void>
}

export interface HeldModel {
  readonly env: Readonly<Record<string, string>>
  /** The next request that no test has taken yet. */
  readonly next: () => Promise<HeldAnswer>
}

const head = { id: "chatcmpl-held", object: "chat.completion.chunk", created: 1_767_225_600, model: "held" }

const answerOf = (asked: string, response: ServerResponse): HeldAnswer => {
  let calls = 0
  const send = (delta: unknown, finish_reason: string | null = null) => {
    if (!response.headersSent) {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" })
    }
    response.write(sse({ ...head, choices: [{ index: 0, delta, finish_reason }] }))
  }
  return {
    asked,
    think: (text) => send({ reasoning_content: text }),
    say: (text) => send({ content: text }),
    call: (name, args) => {
      const index = calls
      calls += 1
      const id = `call_${Math.random().toString(36).slice(2)}`
      send({ tool_calls: [{ index, id, type: "function", function: { name, arguments: JSON.stringify(args) } }] })
    },
    end: () => {
      send({}, calls === 0 ? "stop" : "tool_calls")
      response.write(
        sse({ ...head, choices: [], usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 } })
      )
      response.end("data: [DONE]\n\n")
    },
    refuse: (status, message) => {
      response.writeHead(status, { "content-type": "application/json" })
      response.end(JSON.stringify({ error: { message, type: "held", code: null } }))
    },
    closed: new Promise((resolve) => response.once("close", () => resolve()))
  }
}

export const heldModel = async (): Promise<HeldModel> => {
  const ready: Array<HeldAnswer> = []
  const waiting: Array<(answer: HeldAnswer) => void> = []
  const server = createServer((incoming, response) => {
    const parts: Array<Buffer> = []
    incoming.on("data", (part: Buffer) => parts.push(part))
    incoming.on("end", () => {
      if (incoming.method === "GET") {
        response.writeHead(200, { "content-type": "application/json" })
        response.end(JSON.stringify({ object: "list", data: [{ id: "held", object: "model" }] }))
        return
      }
      const answer = answerOf(Buffer.concat(parts).toString(), response)
      const taker = waiting.shift()
      if (taker === undefined) ready.push(answer)
      else taker(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  whenOver(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return {
    env: {
      CHOIR_MODEL: "openai-compatible/held",
      CHOIR_MODEL_BASE_URL: `http://127.0.0.1:${port}/v1`,
      CHOIR_MODEL_API_KEY: "sk-held-key"
    },
    next: () => {
      const answer = ready.shift()
      if (answer !== undefined) return Promise.resolve(answer)
      return new Promise((resolve, reject) => {
        const tooLong = setTimeout(() => reject(new Error("The model was not asked")), 15_000)
        waiting.push((answer) => {
          clearTimeout(tooLong)
          resolve(answer)
        })
      })
    }
  }
}
