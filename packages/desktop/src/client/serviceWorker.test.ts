import * as Fs from "node:fs"
import * as Vm from "node:vm"
import { describe, expect, it } from "vitest"

const source = Fs.readFileSync(new URL("../../public/sw.js", import.meta.url), "utf8")

const html = '<script type="module" src="/assets/index-1.js"></script>'

/** The worker with a store in which there is, or is no, room. */
const start = (hasRoom: boolean, serve: (url: string) => Response) => {
  const listeners = new Map<string, (event: object) => void>()
  const kept = new Map<string, Map<string, Response>>()
  const full = async () => {
    if (!hasRoom) throw new DOMException("There is no room", "QuotaExceededError")
  }
  const cacheOf = (entries: Map<string, Response>) => ({
    put: async (key: string | { readonly url: string }, response: Response) => {
      await full()
      entries.set(typeof key === "string" ? key : new URL(key.url).pathname, response)
    },
    addAll: async (paths: ReadonlyArray<string>) => {
      await full()
      for (const path of paths) entries.set(path, serve(path))
    },
    add: async (path: string) => {
      await full()
      entries.set(path, serve(path))
    },
    keys: async () => [...entries.keys()].map((path) => ({ url: `http://computer${path}` })),
    match: async (key: string) => entries.get(key)
  })
  const caches = {
    has: async (name: string) => kept.has(name),
    keys: async () => [...kept.keys()],
    open: async (name: string) => {
      const entries = kept.get(name) ?? new Map<string, Response>()
      kept.set(name, entries)
      return cacheOf(entries)
    },
    match: async () => undefined,
    delete: async (name: string) => kept.delete(name)
  }
  /** What the worker goes on with after its answer. */
  const waits: Array<Promise<unknown>> = []
  Vm.runInNewContext(source, {
    URL,
    caches,
    console: { warn: () => undefined },
    fetch: async (request: string | { readonly url: string }) =>
      serve(typeof request === "string" ? request : new URL(request.url).pathname),
    self: {
      location: { origin: "http://computer" },
      skipWaiting: async () => undefined,
      addEventListener: (type: string, listener: (event: object) => void) => listeners.set(type, listener)
    }
  })
  const tell = (type: string, event: object) =>
    listeners.get(type)?.({ waitUntil: (promise: Promise<unknown>) => waits.push(promise), ...event })
  const ask = (path: string, mode: string): Promise<Response> | null => {
    let answer: Promise<Response> | null = null
    const request = { url: `http://computer${path}`, method: "GET", mode }
    tell("fetch", {
      request,
      respondWith: (response: Promise<Response>) => {
        answer = response
      }
    })
    return answer
  }
  return {
    ask,
    tell,
    kept: async () => {
      await Promise.all(waits)
      return [...kept.values()].flatMap((entries) => [...entries.keys()])
    }
  }
}

const page = () => new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } })
const served = (path: string) => (path.startsWith("/assets/") ? new Response("script") : page())

describe("the service worker", () => {
  it("keeps the page and its parts", async () => {
    const worker = start(true, served)
    expect(await (await worker.ask("/r/01ABC", "navigate"))?.text()).toBe(html)
    await worker.ask("/assets/ChatApp-2.js", "cors")
    expect(await worker.kept()).toEqual(["/", "/assets/index-1.js", "/assets/ChatApp-2.js"])
  })

  it("shows them where there is no room to keep them", async () => {
    const worker = start(false, served)
    expect(await (await worker.ask("/", "navigate"))?.text()).toBe(html)
    expect(await (await worker.ask("/assets/ChatApp-2.js", "cors"))?.text()).toBe("script")
  })

  it("keeps what a page has fetched past it, and nothing else that it is told", async () => {
    const worker = start(true, served)
    await worker.ask("/", "navigate")
    await worker.kept()
    worker.tell("message", { data: { loaded: ["/assets/index-1.js", "/assets/late-3.js", "/files/content?path=a"] } })
    worker.tell("message", { data: "garbage" })
    expect(await worker.kept()).toEqual(["/", "/assets/index-1.js", "/assets/late-3.js"])
  })

  it("tells a browser that can do without it how, and is there for one that can't", async () => {
    const worker = start(true, served)
    const told: Array<object> = []
    worker.tell("install", { addRoutes: async (routes: ReadonlyArray<object>) => void told.push(...routes) })
    expect(told).toContainEqual({
      condition: { urlPattern: { pathname: "/assets/*" }, requestMethod: "GET" },
      source: "cache"
    })
    worker.tell("install", {})
    expect(await worker.kept()).toEqual(["/", "/assets/index-1.js"])
  })

  it("keeps no page without a desktop in it: a refusal, a token that is asked for", async () => {
    const worker = start(true, () => new Response("{}", { status: 401 }))
    expect((await worker.ask("/?token=wrong", "navigate"))?.status).toBe(401)
    expect(await worker.kept()).toEqual([])
  })

  it.each([
    ["/runs", "cors"],
    ["/files/view?path=a.html", "navigate"],
    ["/files/content?path=a.txt", "cors"],
    ["/trace/01ABC", "cors"],
    ["/docs", "navigate"]
  ])("leaves %s to the computer", (path, mode) => {
    expect(start(true, served).ask(path, mode)).toBe(null)
  })
})
