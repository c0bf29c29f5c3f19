/**
 * The peer: `opencode serve` from its package, in a home of its own, on the same scripted model.
 *
 * It may use every tool unasked, takes no snapshots and runs no formatter or language server: nothing that we don't do.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { type Started, startProcess, temporaryFolder } from "./processes.ts"

const provider = "scripted"
const model = "instant"

export interface Opencode extends Started {
  readonly url: string
  readonly createSession: () => Promise<string>
  /** Sends a message, waits for its answer, and gives the text of it. */
  readonly turn: (session: string, text: string) => Promise<string>
}

/** Its package brings a binary a platform; `-baseline` is for processors without AVX2. */
const binary = (): string => {
  const avx2 = process.arch !== "x64" || /\bavx2\b/.test(readFileSync("/proc/cpuinfo", "utf8"))
  const name = `opencode-${process.platform}-${process.arch}${avx2 ? "" : "-baseline"}`
  return createRequire(import.meta.url).resolve(`${name}/bin/opencode`)
}

export const opencodeVersion = "1.18.33"

export const startOpencode = async (
  modelUrl: string,
  workspace: string,
  home = temporaryFolder()
): Promise<Opencode> => {
  writeFileSync(
    join(workspace, "opencode.json"),
    JSON.stringify({
      provider: {
        [provider]: {
          npm: "@ai-sdk/openai-compatible",
          name: "Scripted",
          options: { baseURL: modelUrl, apiKey: "sk-scripted-0123456789" },
          models: { [model]: { name: "Instant" } }
        }
      },
      model: `${provider}/${model}`,
      small_model: `${provider}/${model}`,
      permission: { "*": "allow" },
      autoupdate: false,
      share: "disabled",
      snapshot: false,
      lsp: false,
      formatter: false
    })
  )
  const started = await startProcess({
    file: binary(),
    args: ["serve", "--port", "0", "--pure"],
    cwd: workspace,
    env: { HOME: home, XDG_CONFIG_HOME: `${home}/c`, XDG_DATA_HOME: `${home}/d`, OPENCODE_DISABLE_MODELS_FETCH: "1" },
    ready: /listening on (http:\/\/\S+)/
  })
  const url = started.said
  let events: AbortController | undefined
  const ask = async (path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${url}${path}`, {
      ...(body === undefined
        ? {}
        : { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } })
    })
    if (!response.ok) throw new Error(`opencode answered ${response.status} to ${path}: ${await response.text()}`)
    return response.json()
  }
  return {
    ...started,
    url,
    // With a title it asks no model for one.
    createSession: async () => {
      events ??= await listen(url)
      return field(await ask("/session", { title: "bench" }), "id")
    },
    turn: async (session, text) => {
      const reply = await ask(`/session/${session}/message`, {
        model: { providerID: provider, modelID: model },
        parts: [{ type: "text", text }]
      })
      return partsOf(reply)
        .filter(({ type }) => type === "text")
        .map(({ text }) => text)
        .join("")
    },
    stop: async () => {
      events?.abort()
      await started.stop()
    }
  }
}

/** A client that shows a turn as it goes has the stream of events open. */
const listen = async (url: string): Promise<AbortController> => {
  const controller = new AbortController()
  const { body } = await fetch(`${url}/event`, { signal: controller.signal })
  const read = async () => {
    for await (const _ of body ?? []);
  }
  void read().catch((error: unknown) => {
    if (!controller.signal.aborted) throw error
  })
  return controller
}

interface Part {
  readonly type?: unknown
  readonly text?: unknown
}

const partsOf = (message: unknown): ReadonlyArray<Part> =>
  typeof message === "object" && message !== null && "parts" in message && Array.isArray(message.parts)
    ? message.parts
    : []

const field = (value: unknown, name: string): string => {
  const found: unknown = Object.getOwnPropertyDescriptor(Object(value), name)?.value
  if (typeof found !== "string") throw new Error(`opencode's answer has no ${name}`)
  return found
}
