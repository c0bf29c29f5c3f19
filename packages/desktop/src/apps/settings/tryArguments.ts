/** What a person types to try a call, as the arguments of its tool. */

interface Tried {
  readonly label: string
  readonly example: string
  /** Null: it can't be tried yet. */
  readonly tool_args: string | null
  readonly problem: string | null
}

const paths: ReadonlySet<string> = new Set(["read_file", "list_files", "write_file", "edit_file"])

export const argumentsToTry = (tool: string, text: string): Tried => {
  if (tool === "bash") {
    return {
      label: "Command",
      example: "git push --force",
      tool_args: JSON.stringify({ command: text }),
      problem: null
    }
  }
  if (paths.has(tool)) {
    const args = tool === "write_file" ? { path: text, content: "" } : { path: text }
    return { label: "Path", example: "src/main.ts", tool_args: JSON.stringify(args), problem: null }
  }
  if (tool === "search_files") {
    return { label: "Search for", example: "TODO", tool_args: JSON.stringify({ pattern: text }), problem: null }
  }
  const problem = isObject(text) ? null : "Write the arguments as a JSON object"
  return { label: "Arguments as JSON", example: "{}", tool_args: problem === null ? text : null, problem }
}

const isObject = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
