/** What begins with a slash is for the command and not for the agent. */

export type Slash =
  | { readonly _tag: "Model"; readonly model: string | null }
  | { readonly _tag: "Stop" }
  | { readonly _tag: "New" }
  | { readonly _tag: "Help" }
  | { readonly _tag: "Quit" }
  | { readonly _tag: "Unknown"; readonly name: string }

/** Null for a message. A path such as /workspace/notes is one. */
export const parseSlash = (text: string): Slash | null => {
  const [, name, rest = ""] = /^\/([a-z]+)(?:\s+(\S.*))?\s*$/.exec(text) ?? []
  switch (name) {
    case undefined:
      return null
    case "model":
      return { _tag: "Model", model: rest === "" ? null : rest.trim() }
    case "stop":
      return { _tag: "Stop" }
    case "new":
      return { _tag: "New" }
    case "help":
      return { _tag: "Help" }
    case "quit":
    case "exit":
      return { _tag: "Quit" }
    default:
      return rest === "" ? { _tag: "Unknown", name } : null
  }
}

export const slashHelp: ReadonlyArray<readonly [string, string]> = [
  ["/model NAME", "another model from now on; without a name, which there are"],
  ["/stop", "stop the turn (or Ctrl-C)"],
  ["/new", "a new thread"],
  ["/quit", "leave (or Ctrl-D)"],
  ["Alt-Enter", "a line break; pasted text keeps its own"],
  ["Up, Down", "what you said before"]
]
