/**
 * Confinement by bubblewrap: namespaces, an empty environment, a seccomp filter, a file tree of its own.
 *
 * Law: what is not bound here is not there. Nothing of the server's environment, descriptors or command line goes inside.
 */
import { spawn, spawnSync } from "node:child_process"
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs"
import * as path from "node:path"
import { giveTree, type Identity, isReachable } from "../identity.ts"
import { statusFileIn } from "../predecessor.ts"
import { seccompFilter } from "../seccomp/seccompFilter.ts"
import { type Driver, type Launch, launch } from "./Driver.ts"

const inside = {
  workspace: "/workspace",
  home: "/home/choir",
  node: "/run/choir/node",
  host: "/run/choir/host.mjs",
  pty: "/run/choir/pty.node",
  egress: "/run/choir/egress.sock",
  toolchain: "/opt/node"
} as const

/** Where proxies are looked for inside; outside of the ephemeral range, in a network view of its own. */
const proxyPort = 61080
const shmBytes = 64 * 1024 * 1024
const argsFd = 4
const seccompFd = 5
const statusFd = 6

/** What programs expect in /etc and what tells nothing about this machine's users. */
const etc = [
  "alternatives",
  "bash.bashrc",
  "ca-certificates",
  "ca-certificates.conf",
  "debian_version",
  "fonts",
  "host.conf",
  "inputrc",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "localtime",
  "lsb-release",
  "magic",
  "mime.types",
  "nanorc",
  "os-release",
  "perl",
  "profile",
  "protocols",
  "python3",
  "services",
  "ssl",
  "terminfo",
  "timezone",
  "vim"
]

export interface BubblewrapOptions {
  readonly identity: Identity | null
  readonly workspace: string
  readonly home: string
  /** Ours alone: files made for the jail, its /tmp. */
  readonly runtimeDir: string
  readonly node: string
  readonly hostBundle: string
  readonly pty: string
  readonly egressSocket: string
  readonly env: Readonly<Record<string, string>>
  /** The starting user's own Node, when it is not under /usr. */
  readonly toolchain: Toolchain | null
}

/** A Node installation: `bin/node` and `lib/node_modules/npm` under one folder. */
export interface Toolchain {
  readonly prefix: string
}

interface Bind {
  readonly from: string
  readonly to: string
  readonly writable: boolean
}

export const bubblewrapDriver = (options: BubblewrapOptions): Driver => {
  const prepared = prepare(options)
  const env = environment(options)
  const start = (command: ReadonlyArray<string>): Launch => launchOf(options, prepared, command)
  return {
    name: "bubblewrap",
    confines: true,
    inside: {
      workspace: inside.workspace,
      home: inside.home,
      pty: inside.pty,
      env,
      egress: { port: proxyPort, socket: inside.egress }
    },
    start: () => withDescriptors(start([inside.node, inside.host]), launch)
  }
}

/** Why the jail can't be started here, in a sentence that says what to do; undefined when it can. */
export const probe = async (options: BubblewrapOptions): Promise<string | undefined> => {
  if (process.platform !== "linux") return "The jail needs Linux."
  if (findBubblewrap() === undefined) {
    return "bubblewrap is not installed (on Debian and Ubuntu: apt install bubblewrap)."
  }
  if (filterArchitecture() === undefined) return `There is no system call filter for ${process.arch}.`
  const complaint = await withDescriptors(launchOf(options, prepare(options), ["/usr/bin/true"]), complaintOf)
  return complaint === undefined ? undefined : `bubblewrap doesn't work here: ${explain(complaint)}`
}

/** Runs a program to its end, beside what the server has to do at its start. Undefined when it went well. */
const complaintOf = (tried: Launch): Promise<string | undefined> =>
  new Promise((resolve) => {
    const child = spawn(tried.command, tried.args, {
      env: tried.env,
      stdio: ["ignore", "ignore", "pipe", "ignore", ...tried.descriptors],
      timeout: 10_000,
      ...(tried.identity ?? {})
    })
    let told = ""
    child.stderr?.on("data", (data: Buffer) => {
      told += data.toString()
    })
    child.once("error", (error) => resolve(error.message))
    child.once("close", (code, signal) =>
      resolve(code === 0 ? undefined : told.trim() || `it ended with ${code ?? signal}`)
    )
  })

const explain = (complaint: string): string => {
  const setting = (name: string): string => {
    try {
      return statSync(`/proc/sys/${name}`).isFile()
        ? spawnSync("cat", [`/proc/sys/${name}`])
            .stdout.toString()
            .trim()
        : ""
    } catch {
      return ""
    }
  }
  if (setting("user/max_user_namespaces") === "0") {
    return "user namespaces are turned off (sysctl user.max_user_namespaces is 0)."
  }
  if (setting("kernel/unprivileged_userns_clone") === "0") {
    return "user namespaces are kept from users (sysctl kernel.unprivileged_userns_clone is 0)."
  }
  if (setting("kernel/apparmor_restrict_unprivileged_userns") === "1" && /permission|permitted/i.test(complaint)) {
    return "AppArmor keeps user namespaces from programs without a profile (sysctl kernel.apparmor_restrict_unprivileged_userns is 1)."
  }
  if (/namespace/i.test(complaint) && /permi/i.test(complaint)) {
    return `this machine or container allows no user namespaces (${complaint}).`
  }
  return complaint
}

const findBubblewrap = (): string | undefined =>
  ["/usr/bin/bwrap", "/usr/local/bin/bwrap"].find((file) => existsSync(file))

const filterArchitecture = (): "x64" | "arm64" | undefined =>
  process.arch === "x64" || process.arch === "arm64" ? process.arch : undefined

interface Prepared {
  readonly binds: ReadonlyArray<Bind>
  readonly filter: string
}

/** Files that the jail is made of, in the runtime folder. */
const prepare = (options: BubblewrapOptions): Prepared => {
  const { runtimeDir, identity } = options
  mkdirSync(runtimeDir, { recursive: true, mode: 0o711 })
  const made = path.join(runtimeDir, "etc")
  mkdirSync(made, { recursive: true })
  // Whatever the server's umask is: the jail's user reads these, and passes through the folders.
  chmodSync(runtimeDir, 0o711)
  chmodSync(made, 0o755)
  const uid = identity?.uid ?? process.getuid?.() ?? 0
  const gid = identity?.gid ?? process.getgid?.() ?? 0
  const files: Record<string, string> = {
    passwd: `root:x:0:0:root:/nonexistent:/usr/sbin/nologin\nchoir:x:${uid}:${gid}:choir:${inside.home}:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n`,
    group: `root:x:0:\nchoir:x:${gid}:\nnogroup:x:65534:\n`,
    hosts: "127.0.0.1 localhost choir\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    hostname: "choir\n"
  }
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(made, name)
    writeFileSync(file, text)
    chmodSync(file, 0o644)
  }

  const filter = path.join(runtimeDir, "seccomp.bpf")
  const architecture = filterArchitecture()
  if (architecture === undefined)
    throw new Error(`There is no system call filter for ${process.arch}, and no jail without one.`)
  writeFileSync(filter, seccompFilter(architecture), { mode: 0o600 })

  const temporary = path.join(runtimeDir, "tmp")
  rmSync(temporary, { recursive: true, force: true })
  mkdirSync(temporary, { mode: 0o700 })
  if (identity !== null) giveTree(temporary, identity)

  const read = (from: string, to: string): Bind => ({ from, to, writable: false })
  const binds = [
    read("/usr", "/usr"),
    ...etc.filter((name) => existsSync(`/etc/${name}`)).map((name) => read(`/etc/${name}`, `/etc/${name}`)),
    ...Object.keys(files).map((name) => read(path.join(made, name), `/etc/${name}`)),
    read(unreadableCopy(options.node, runtimeDir), inside.node),
    read(realpathSync(options.hostBundle), inside.host),
    read(realpathSync(options.pty), inside.pty),
    ...(existsSync(options.egressSocket) ? [read(options.egressSocket, inside.egress)] : []),
    ...toolchainBinds(options.toolchain),
    { from: temporary, to: "/tmp", writable: true },
    { from: options.home, to: inside.home, writable: true },
    { from: options.workspace, to: inside.workspace, writable: true }
  ]
  return { binds, filter }
}

/**
 * A program that its own user can run and not read is not dumpable: what the host starts can't look into it. When root owns
 * it the jail's user has the right to run alone; else nobody has more.
 */
const unreadableCopy = (node: string, runtimeDir: string): string => {
  const source = realpathSync(node)
  const stats = statSync(source)
  const copy = path.join(runtimeDir, `node-${stats.size}-${Math.trunc(stats.mtimeMs)}`)
  if (!existsSync(copy)) {
    const partial = `${copy}.partial`
    rmSync(partial, { force: true })
    copyFileSync(source, partial, constants.COPYFILE_FICLONE)
    chmodSync(partial, process.getuid?.() === 0 ? 0o711 : 0o111)
    renameSync(partial, copy)
  }
  return copy
}

const toolchainBinds = (toolchain: Toolchain | null): ReadonlyArray<Bind> => {
  if (toolchain === null) return []
  return ["bin/node", "lib/node_modules/npm", "lib/node_modules/corepack", "include/node"]
    .filter((part) => existsSync(path.join(toolchain.prefix, part)))
    .map((part) => ({
      from: realpathSync(path.join(toolchain.prefix, part)),
      to: `${inside.toolchain}/${part}`,
      writable: false
    }))
}

const environment = (options: BubblewrapOptions): Record<string, string> => {
  const proxy = `http://127.0.0.1:${proxyPort}`
  const none = "localhost,127.0.0.1,::1"
  const first = options.toolchain === null ? [] : [`${inside.toolchain}/bin`]
  return {
    PATH: [
      ...first,
      `${inside.home}/.local/bin`,
      "/usr/local/bin",
      "/usr/bin",
      "/bin",
      "/usr/local/sbin",
      "/usr/sbin"
    ].join(":"),
    HOME: inside.home,
    USER: "choir",
    LOGNAME: "choir",
    SHELL: "/bin/bash",
    TMPDIR: "/tmp",
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    http_proxy: proxy,
    https_proxy: proxy,
    NO_PROXY: none,
    no_proxy: none,
    NODE_USE_ENV_PROXY: "1",
    // The prefix of the Node that is bound here is read-only.
    npm_config_prefix: `${inside.home}/.local`,
    ...options.env
  }
}

const argumentsOf = (options: BubblewrapOptions, binds: ReadonlyArray<Bind>): ReadonlyArray<string> => {
  const links = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"].flatMap((name) => {
    const stats = lstatSync(`/${name}`, { throwIfNoEntry: false })
    if (stats === undefined) return []
    return stats.isSymbolicLink()
      ? ["--symlink", readlinkSync(`/${name}`), `/${name}`]
      : ["--ro-bind", `/${name}`, `/${name}`]
  })
  const npm =
    options.toolchain === null
      ? []
      : ["npm", "npx"].flatMap((name) => [
          "--symlink",
          `../lib/node_modules/npm/bin/${name}-cli.js`,
          `${inside.toolchain}/bin/${name}`
        ])
  return [
    "--unshare-all",
    "--die-with-parent",
    "--new-session",
    "--cap-drop",
    "ALL",
    "--clearenv",
    "--hostname",
    "choir",
    ...links,
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    "--size",
    String(shmBytes),
    "--tmpfs",
    "/dev/shm",
    "--chmod",
    "1777",
    "/dev/shm",
    "--symlink",
    "../tmp",
    "/var/tmp",
    ...binds.flatMap(({ from, to, writable }) => [writable ? "--bind" : "--ro-bind", from, to]),
    ...npm,
    "--remount-ro",
    "/dev",
    "--remount-ro",
    "/",
    "--chdir",
    inside.workspace,
    "--setenv",
    "TZ",
    options.env.TZ ?? "UTC",
    "--seccomp",
    String(seccompFd),
    "--json-status-fd",
    String(statusFd)
  ]
}

const launchOf = (options: BubblewrapOptions, prepared: Prepared, command: ReadonlyArray<string>): Launch => {
  const staging = stagingFor(options.identity, prepared.binds)
  const args = argumentsOf(options, staging.binds)
  // The arguments name places outside: they go by a descriptor, since a command line can be read from inside.
  const file = path.join(options.runtimeDir, "arguments")
  rmSync(file, { force: true })
  writeFileSync(file, `${args.join("\0")}\0`, { mode: 0o600 })
  const bubblewrap = [findBubblewrap() ?? "bwrap", "--args", String(argsFd), "--", ...command]
  const [program = "", ...rest] = [...staging.before, ...bubblewrap]
  const descriptors = [
    openSync(file, "r"),
    openSync(prepared.filter, "r"),
    openSync(statusFileIn(options.runtimeDir), "w", 0o600)
  ]
  return { command: program, args: rest, env: {}, identity: staging.identity, descriptors }
}

const withDescriptors = <A>(launched: Launch, run: (launched: Launch) => A): A => {
  try {
    return run(launched)
  } finally {
    for (const fd of launched.descriptors) closeSync(fd)
  }
}

interface Staging {
  readonly before: ReadonlyArray<string>
  readonly binds: ReadonlyArray<Bind>
  readonly identity: Identity | null
}

/**
 * As root our folders are often closed to the jail's user, and bubblewrap looks its sources up as that user. Then root binds
 * them into an open folder first, in a mount namespace that ends with the jail.
 */
const stagingFor = (identity: Identity | null, binds: ReadonlyArray<Bind>): Staging => {
  if (identity === null || binds.every((bind) => isReachable(bind.from, identity)))
    return { before: [], binds, identity }
  const staged = binds.map((bind, index) =>
    isReachable(bind.from, identity) ? bind : { ...bind, from: `${stage}/${index}` }
  )
  const moves = binds.flatMap((bind, index) =>
    isReachable(bind.from, identity) ? [] : [bind.from, `${stage}/${index}`]
  )
  const script = [
    "set -e",
    `mount -t tmpfs -o mode=0755,size=1m,nosuid,nodev tmpfs ${stage}`,
    `while [ "$1" != -- ]; do`,
    `if [ -d "$1" ]; then mkdir "$2"; else : > "$2"; fi`,
    `mount --bind "$1" "$2"; shift 2; done; shift`,
    `exec setpriv --reuid ${identity.uid} --regid ${identity.gid} --clear-groups --no-new-privs -- "$@"`
  ].join("\n")
  return {
    before: [
      "/usr/bin/unshare",
      "--mount",
      "--propagation",
      "private",
      "--",
      "/bin/sh",
      "-c",
      script,
      "sh",
      ...moves,
      "--"
    ],
    binds: staged,
    identity: null
  }
}

/** A folder that every Linux has; what is mounted over it is seen by the jail's parent alone. */
const stage = "/mnt"
