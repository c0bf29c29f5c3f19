/**
 * `choir up`: becomes the server, in this process, so that signals, terminal and exit code are the server's own.
 *
 * Law: the flags are the server's; none is ours.
 */
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

export const up = async (args: ReadonlyArray<string>): Promise<number> => {
  // A build has its programs in one folder.
  const server = new URL("./sandbox.mjs", import.meta.url)
  const path = fileURLToPath(server)
  if (!existsSync(path)) {
    process.stderr.write(`The server is not built: ${path} is missing. \`npm run build\` makes it.\n`)
    return 1
  }
  process.argv = [process.execPath, path, ...args]
  await import(server.href)
  return 0
}
