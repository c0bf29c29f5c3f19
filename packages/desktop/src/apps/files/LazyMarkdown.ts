import { lazy } from "react"

/** The renderer comes when the first text is there. */
export const LazyMarkdown = lazy(async () => ({ default: (await import("../../content/Markdown.tsx")).Markdown }))
