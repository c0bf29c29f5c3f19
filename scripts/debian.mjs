/** What the tests need from Debian or Ubuntu: installed when we may, asked for in words when we may not. */
import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"
import { run } from "./processes.mjs"

const needed = [
  { command: "bwrap", name: "bubblewrap" },
  { command: "strace", name: "strace" },
  { command: "rg", name: "ripgrep" },
  { command: "chromium", name: "chromium" }
]

export const installDebianPackages = async () => {
  const missing = needed.filter(({ command }) => !isInPath(command)).map(({ name }) => name)
  if (missing.length === 0) return
  const asRoot = await rootPrefix()
  if (!isInPath("apt-get") || asRoot === undefined) {
    const why = isInPath("apt-get")
      ? "this user may not install them (neither root nor sudo without a password)"
      : "there is no apt-get here"
    console.log(`Missing: ${missing.join(", ")}, and ${why}. Tests that need them will fail.`)
    console.log(`To install them: sudo apt-get install ${missing.join(" ")}`)
    return
  }
  console.log(`Installing from Debian: ${missing.join(", ")}`)
  const [command, ...before] = asRoot
  const apt = (...args) => run(command, [...before, "apt-get", ...quiet, ...args])
  const install = () => apt("install", "--no-install-recommends", ...missing)
  // The lists of a fresh machine may be empty or old.
  if ((await install()) === 0) return
  await apt("update")
  if ((await install()) !== 0)
    console.log(`They could not be installed. Tests that need ${missing.join(", ")} will fail.`)
}

const quiet = ["-qq", "-y", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=120"]

/** What to put before a command so that it runs as root; `undefined` when nothing would do. */
const rootPrefix = async () => {
  if (process.getuid?.() === 0) return ["env", "DEBIAN_FRONTEND=noninteractive"]
  if (!isInPath("sudo")) return undefined
  const may = (await run("sudo", ["-n", "true"], { stdio: "ignore" })) === 0
  return may ? ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"] : undefined
}

const isInPath = (command) =>
  (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
