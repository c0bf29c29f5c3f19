import { late } from "../../ui/Late.tsx"

/** The renderer comes when the first text is there. */
export const LazyMarkdown = late(async () => ({
  default: (await import("../../content/LongMarkdown.tsx")).LongMarkdown
}))
