/** The service worker, and the news that the computer has another build of this page. */
import { connectionStore } from "../client/Connection.ts"
import { scriptUrl } from "../client/trusted.ts"
import { notify } from "../state/notices.ts"
import { whenIdle } from "../ui/idle.ts"

const entryOf = (html: string): string | null => /<script[^>]+src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? null

const ownEntry = (): string | null =>
  document.querySelector<HTMLScriptElement>('script[type="module"][src^="/assets/"]')?.getAttribute("src") ?? null

/** Tells the worker of each asset that has come, and of those that are on their way when they have. */
const keepLoaded = (): void => {
  const observer = new PerformanceObserver((list) => {
    const loaded = list
      .getEntries()
      .map(({ name }) => new URL(name, location.href))
      .filter(({ origin, pathname }) => origin === location.origin && pathname.startsWith("/assets/"))
      .map(({ pathname }) => pathname)
    if (loaded.length > 0) navigator.serviceWorker.controller?.postMessage({ loaded })
  })
  observer.observe({ type: "resource", buffered: true })
}

let told = false

/** Asks which build is served now; the reload is the person's to choose. */
const look = async (): Promise<void> => {
  const own = ownEntry()
  if (told || own === null) return
  const response = await fetch("/", { cache: "no-cache", headers: { accept: "text/html" } })
  const served = response.ok ? entryOf(await response.text()) : null
  if (served === null || served === own || told) return
  told = true
  notify("A new version is there", {
    level: "info",
    text: "Reload to have it. What is open stays open.",
    action: { label: "Reload", run: () => location.reload() }
  })
}

let begun = false

/** The worker is for the next visit: it begins when this one is there, and at the next connection where it could not. */
const startWorker = async (): Promise<void> => {
  const { serviceWorker } = navigator
  try {
    await serviceWorker.register(scriptUrl("/sw.js"))
  } catch (error) {
    begun = false
    console.warn("The page will not open without the computer", error)
    return
  }
  if (serviceWorker.controller !== null) keepLoaded()
  else serviceWorker.addEventListener("controllerchange", keepLoaded, { once: true })
}

/** A build comes with a start of the computer: after that the line is new. */
export const followUpdates = (): void => {
  connectionStore.subscribe(({ status }, before) => {
    if (status !== "live" || before.status === "live") return
    // Asked again at the next connection.
    look().catch(() => undefined)
    if (begun || !("serviceWorker" in navigator) || ownEntry() === null) return
    begun = true
    whenIdle(() => void startWorker())
  })
}
