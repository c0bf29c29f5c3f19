/** One class attribute from parts, of which some may be missing. */
export const classes = (...parts: ReadonlyArray<string | false | null | undefined>): string =>
  parts.filter((part) => typeof part === "string" && part !== "").join(" ")
