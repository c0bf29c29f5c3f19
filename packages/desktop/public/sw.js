/**
 * Opens the page when the computer is not there.
 *
 * Law: kept are the shell and files whose name holds their hash, and nothing that the computer says: no reply of its
 * interface, no file of the workspace. The page is asked for anew each time, and the kept one is for when nobody answers.
 */
const shell = "/"
const prefix = "choiros-"
/** Builds that are kept: a page that is open may still need parts of the one before. */
const kept = 2

/**
 * What the browser does without this worker, which takes a tenth of a second to begin, and some time for each file: it takes
 * what is kept, asks the computer for the page while the worker begins, and for the rest at once. The first that fits holds.
 */
const routes = [
  { condition: { urlPattern: { pathname: "/assets/*" }, requestMethod: "GET" }, source: "cache" },
  ...["/", "/t/*", "/r/*", "/f/*", "/w/*", "/a/*"].map((pathname) => ({
    condition: { urlPattern: { pathname }, requestMethod: "GET", requestMode: "navigate" },
    source: "race-network-and-fetch-handler"
  })),
  { condition: { urlPattern: { pathname: "/*" } }, source: "network" }
]

const isOurs = (name) => name.startsWith(prefix)

/** The cache of the build that this page names; what it needs at once is put there with it. */
const keep = async (response) => {
  const html = await response.clone().text()
  const assets = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path)
  const [entry] = assets
  if (entry === undefined) return
  const name = `${prefix}${entry.slice("/assets/".length)}`
  const isNew = !(await caches.has(name))
  const cache = await caches.open(name)
  await cache.put(shell, response)
  if (!isNew) return
  await cache.addAll(assets)
  const all = (await caches.keys()).filter(isOurs)
  await Promise.all(
    all
      .filter((one) => one !== name)
      .slice(0, Math.max(0, all.length - kept))
      .map((one) => caches.delete(one))
  )
}

/** What can't be kept (there is no room) is shown all the same. */
const tried = (keeping) => keeping.catch((error) => console.warn("The page could not be kept", error))

const page = async (event) => {
  try {
    const response = await fetch(event.request)
    const isPage = response.ok && response.headers.get("content-type")?.startsWith("text/html")
    // The page does not wait until it is kept.
    if (isPage) event.waitUntil(tried(keep(response.clone())))
    return response
  } catch (error) {
    const latest = (await caches.keys()).filter(isOurs).at(-1)
    const stored = latest === undefined ? undefined : await (await caches.open(latest)).match(shell)
    if (stored === undefined) throw error
    return stored
  }
}

const asset = async (event) => {
  const stored = await caches.match(event.request)
  if (stored !== undefined) return stored
  const response = await fetch(event.request)
  if (response.ok) event.waitUntil(tried(keepAsset(event.request, response.clone())))
  return response
}

const keepAsset = async (request, response) => {
  const latest = (await caches.keys()).filter(isOurs).at(-1)
  if (latest !== undefined) await (await caches.open(latest)).put(request, response)
}

/** What a page has fetched past this worker. */
const take = async (paths) => {
  const latest = (await caches.keys()).filter(isOurs).at(-1)
  if (latest === undefined) return
  const cache = await caches.open(latest)
  const there = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname))
  for (const path of paths) if (path.startsWith("/assets/") && !there.has(path)) await cache.add(path)
}

/** The desktop's own pages; the interface, its description and the views of files are none. */
const isPage = ({ pathname }) => pathname === "/" || /^\/[trfwa]\/./.test(pathname)

self.addEventListener("install", (event) => {
  // A browser without routes asks this worker for everything.
  const routed = event.addRoutes?.(routes)
  if (routed !== undefined) event.waitUntil(routed.catch((error) => console.warn("There are no routes", error)))
  event.waitUntil(
    fetch(shell, { cache: "no-cache" })
      .then(keep)
      .then(() => self.skipWaiting())
  )
})

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()))

self.addEventListener("message", (event) => {
  const { loaded } = event.data ?? {}
  if (Array.isArray(loaded)) event.waitUntil(tried(take(loaded.map(String))))
})

self.addEventListener("fetch", (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== "GET" || url.origin !== self.location.origin) return
  if (request.mode === "navigate" && isPage(url)) event.respondWith(page(event))
  else if (url.pathname.startsWith("/assets/")) event.respondWith(asset(event))
})
