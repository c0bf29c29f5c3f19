import { lazy } from "react"

/** The editor's parts come when a text is there. */
export const LazyText = lazy(async () => ({ default: (await import("./ShownText.tsx")).ShownText }))
