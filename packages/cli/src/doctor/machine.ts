/** What this machine brings: Node, the jail, programs that agents use, room on the disk. */
import { spawnSync } from "node:child_process"
import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { choirHome } from "../server/Server.ts"
import { advised, type Finding, missing, ok } from "./Finding.ts"

type Env = Readonly<Record<string, string | undefined>>

const oldestNode = 24
const tryForMs = 10_000
const gigabyte = 1_000_000_000

export const findNode = (): Finding => {
  const { node } = process.versions
  if (Number.parseInt(node, 10) >= oldestNode) return ok("Node", node)
  return missing(
    "Node",
    `${node} is too old`,
    `ChoirOS runs on Node ${oldestNode}: run it by npm, which brings the right one`
  )
}

export const findServerProgram = (): Finding =>
  existsSync(fileURLToPath(new URL("./sandbox.mjs", import.meta.url)))
    ? ok("Build", "the server is built")
    : missing("Build", "the server is not built", "npm run build")

/** Tried and not guessed: whether a container or the kernel allows it shows only then. */
export const findJail = (env: Env): Finding => {
  const name = "Jail"
  const real = (env.CHOIR_MODEL ?? "") !== "" && env.CHOIR_MODEL !== "demo" && env.CHOIR_MODEL !== "off"
  if (env.CHOIR_JAIL === "none") {
    return advised(name, "turned off by CHOIR_JAIL=none: what agents run is not confined", "unset CHOIR_JAIL")
  }
  const lacking = (detail: string, remedy: string): Finding =>
    real
      ? missing(name, detail, `${remedy} (or go without: CHOIR_JAIL=none)`)
      : advised(name, `${detail}; the demo model works without`, `${remedy}: a real model needs it`)
  if (process.platform !== "linux")
    return lacking("there is one on Linux alone", "CHOIR_JAIL=none, on a machine of your own")
  const bwrap = ["/usr/bin/bwrap", "/usr/local/bin/bwrap"].find((path) => existsSync(path))
  if (bwrap === undefined) return lacking("bubblewrap is not installed", "apt install bubblewrap")

  const args = [
    "--unshare-all",
    "--die-with-parent",
    "--new-session",
    "--ro-bind",
    "/",
    "/",
    "--proc",
    "/proc",
    "--",
    "/bin/true"
  ]
  // The jail never runs as root; neither does its trial.
  const identity = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  const tried = spawnSync(bwrap, args, {
    env: {},
    cwd: "/",
    timeout: tryForMs,
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
    ...identity
  })
  if (tried.status === 0) return ok(name, `bubblewrap ${versionOf(bwrap)}, user namespaces work`)
  const why =
    tried.error?.message ?? (tried.stderr.trim().split("\n").at(-1) || `it ended with ${tried.status ?? tried.signal}`)
  return lacking(
    `bubblewrap is here and does not work: ${why}`,
    "allow user namespaces (sysctl kernel.unprivileged_userns_clone, user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns; in a container, its seccomp profile)"
  )
}

const versionOf = (program: string): string => {
  const { stdout } = spawnSync(program, ["--version"], { encoding: "utf8", timeout: tryForMs })
  return /\d+(\.\d+)+/.exec(stdout ?? "")?.[0] ?? ""
}

export const findPrograms = (env: Env): ReadonlyArray<Finding> => [
  program(env, "bash", "bash", (remedy) => missing("bash", "not found: agents run commands with it", remedy)),
  program(env, "rg", "ripgrep", (remedy) =>
    advised("ripgrep", "not found: files are searched by a slower walk", remedy)
  ),
  program(env, "git", "git", (remedy) => advised("git", "not found: agents can't use it", remedy))
]

const program = (env: Env, command: string, name: string, lacking: (remedy: string) => Finding): Finding => {
  const path = (env.PATH ?? "")
    .split(":")
    .map((folder) => join(folder === "" ? "." : folder, command))
    .find(isExecutable)
  const remedy = process.platform === "darwin" ? `brew install ${name}` : `apt install ${name}`
  return path === undefined ? lacking(remedy) : ok(name, `${versionOf(path)}  ${path}`)
}

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

export const findHome = (env: Env): ReadonlyArray<Finding> => {
  const home = resolve(choirHome(env))
  let folder = home
  while (!existsSync(folder)) folder = dirname(folder)
  const isNew = folder !== home
  const place = isWritable(folder)
    ? ok("CHOIR_HOME", isNew ? `${home} (made at the first start)` : home)
    : missing("CHOIR_HOME", `${home} can't be written`, "choose another folder with CHOIR_HOME, or make this one yours")
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  const room = `${(free / gigabyte).toFixed(1)} GB free`
  const more = "make room, or choose another disk with CHOIR_HOME"
  return [
    place,
    free < gigabyte / 10
      ? missing("Disk", room, more)
      : free < gigabyte
        ? advised("Disk", `${room}, which is soon full`, more)
        : ok("Disk", room),
    ...findToken(home)
  ]
}

const isWritable = (folder: string): boolean => {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

const findToken = (home: string): ReadonlyArray<Finding> => {
  const path = join(home, "token")
  if (!existsSync(path)) return [ok("Token", "none kept (needed when the server listens beyond this machine)")]
  const mode = statSync(path).mode & 0o777
  if ((mode & 0o077) === 0) return [ok("Token", path)]
  return [advised("Token", `${path} can be read by others (mode ${mode.toString(8)})`, `chmod 600 ${path}`)]
}
