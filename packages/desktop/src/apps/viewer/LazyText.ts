import { late } from "../../ui/Late.tsx"

/** The editor's parts come when a text is there. */
export const LazyText = late(async () => ({ default: (await import("./ShownText.tsx")).ShownText }))
