/**
 * The filter against a real kernel: each attack is a program that makes one system call, run in bubblewrap with the
 * filter and without. With it, the call is refused; without it, the kernel answers something else, which proves that
 * the probe is genuine and that the filter is what refuses.
 */
import { spawn } from "node:child_process"
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "@effect/vitest"
import { seccompFilter } from "./seccompFilter.ts"
import { type Argument, type ProbeCall, syscallProbe } from "./syscallProbe.ts"
import { type Arch, type Syscall, syscallNumber } from "./syscalls.ts"

if (process.platform !== "linux" || (process.arch !== "x64" && process.arch !== "arm64")) {
  throw new Error(`The seccomp filter is for Linux on x64 and arm64; this is ${process.platform} on ${process.arch}.`)
}
const arch: Arch = process.arch
const nativeFilter = seccompFilter(arch)

const UNPRIVILEGED = 64_001
const identity = process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {}

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "choir-seccomp-"))
  chmodSync(folder, 0o755)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Outcome {
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** Runs `argv` in a jail that has every capability of its own user namespace, so that the filter alone refuses. */
const inJail = (argv: ReadonlyArray<string>, filter: Buffer | null) =>
  new Promise<Outcome>((resolve, reject) => {
    const child = spawn(
      "bwrap",
      [
        ...["--unshare-all", "--die-with-parent", "--new-session"],
        // Root inside is the unprivileged user outside.
        ...["--uid", "0", "--gid", "0", "--cap-add", "ALL"],
        ...["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/dev/shm", "--tmpfs", "/run"],
        ...(filter === null ? [] : ["--seccomp", "3"]),
        ...argv
      ],
      { ...identity, cwd: "/", env: { PATH: "/usr/bin:/bin" }, stdio: ["ignore", "pipe", "pipe", "pipe"] }
    )
    const stdout: Array<Buffer> = []
    const stderr: Array<Buffer> = []
    child.stdout?.on("data", (data) => stdout.push(data))
    child.stderr?.on("data", (data) => stderr.push(data))
    child.on("error", (cause) =>
      reject(new Error("bubblewrap doesn't start: install the package bubblewrap", { cause }))
    )
    child.on("close", (code) => {
      resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() })
    })
    const channel = child.stdio[3]
    if (channel !== null && channel !== undefined && "write" in channel) {
      // Without a filter nobody reads it.
      channel.on("error", () => undefined)
      channel.end(filter ?? Buffer.alloc(0))
    }
  })

let probes = 0
/** What the kernel returned: 0 for any success, else the negative errno; null when the process was killed. */
const call = async (probe: ProbeCall, filter: Buffer | null): Promise<number | null> => {
  const file = join(folder, `probe-${probes++}`)
  writeFileSync(file, syscallProbe(arch, probe), { mode: 0o755 })
  const { stdout, stderr } = await inJail([file], filter)
  if (stderr !== "") throw new Error(`The jail of a probe failed: ${stderr}`)
  if (stdout.length < 8) return null
  return Math.min(0, Number(stdout.readBigInt64LE(0)))
}

const EPERM = -1
const ENOSYS = -38
const EPROTONOSUPPORT = -93
const page: Argument = { data: 0 }

interface Attack {
  readonly name: Syscall
  readonly what?: string
  readonly args?: ReadonlyArray<Argument>
  readonly data?: Uint8Array
  readonly answer?: number
  /** Not even root of a user namespace may, so the kernel says EPERM too and the filter is a second wall. */
  readonly alsoByKernel?: true
}

const badTime = new Uint8Array(32).fill(0xff)

const attacks: ReadonlyArray<Attack> = [
  { name: "socket", what: "AF_VSOCK", args: [40, 1, 0] },
  { name: "socket", what: "AF_PACKET", args: [17, 3, 0] },
  { name: "socket", what: "AF_ALG", args: [38, 5, 0] },
  { name: "socket", what: "AF_NETLINK, netfilter", args: [16, 3, 12] },
  { name: "socket", what: "raw", args: [2, 3, 255] },
  { name: "socket", what: "raw IPv6", args: [10, 3, 58] },
  { name: "socket", what: "AF_VSOCK behind high bits", args: [(1n << 32n) | 40n, 1, 0] },
  { name: "socket", what: "multipath TCP", args: [2, 1, 262], answer: EPROTONOSUPPORT },
  { name: "socketpair", what: "AF_TIPC", args: [30, 5, 0, page] },
  { name: "ioctl", what: "TIOCSTI", args: [0, 0x5412, page] },
  { name: "ioctl", what: "TIOCSTI behind high bits", args: [0, (1n << 32n) | 0x5412n, page] },
  { name: "ioctl", what: "TIOCLINUX", args: [0, 0x541c, page] },
  { name: "ioctl", what: "TIOCLINUX behind high bits", args: [0, (0xffffffffn << 32n) | 0x541cn, page] },
  { name: "ioctl", what: "TIOCSETD", args: [0, 0x5423, page] },
  { name: "clone", what: "CLONE_NEWUSER", args: [0x10000011, 0, 0, 0, 0] },
  { name: "clone", what: "CLONE_NEWNET", args: [0x40000011, 0, 0, 0, 0] },
  { name: "clone3", args: [page, 0], answer: ENOSYS },
  { name: "unshare", what: "CLONE_NEWUSER", args: [0x10000000] },
  { name: "setns", args: [-1, 0] },
  { name: "mount", args: [0, 0, 0, 0, 0] },
  { name: "umount2", args: [page, 0x1000] },
  { name: "pivot_root", args: [0, 0] },
  { name: "chroot", args: [0] },
  { name: "move_mount", args: [-1, 0, -1, 0, 0xffff] },
  { name: "open_tree", args: [-1, 0, 0x10] },
  { name: "fsopen", args: [0, 0] },
  { name: "fsconfig", args: [-1, 0, 0, 0, 0] },
  { name: "fsmount", args: [-1, 0, 0] },
  { name: "fspick", args: [-1, 0, 0] },
  { name: "mount_setattr", args: [-1, 0, 0x10000, 0, 0] },
  { name: "ptrace", what: "attach", args: [16, 0x7ffffff0, 0, 0] },
  { name: "process_vm_readv", args: [1, page, 0, page, 0, 0] },
  { name: "process_vm_writev", args: [1, page, 0, page, 0, 0] },
  { name: "kcmp", args: [1, 1, 99, 0, 0] },
  { name: "pidfd_getfd", args: [-1, 0, 0] },
  { name: "move_pages", args: [0, 0, 0, 0, 0, 0xff] },
  { name: "migrate_pages", args: [0, 0, 0, 0] },
  { name: "bpf", args: [0, 0, 16] },
  { name: "perf_event_open", args: [0, 0, -1, -1, 0] },
  { name: "userfaultfd", args: [1] },
  { name: "keyctl", what: "get the process keyring", args: [0, -2, 0] },
  { name: "add_key", args: [0, 0, 0, 0, -2] },
  { name: "request_key", args: [0, 0, 0, 0] },
  { name: "io_uring_setup", args: [0, 0], answer: ENOSYS },
  { name: "io_uring_enter", args: [-1, 0, 0, 0], answer: ENOSYS },
  { name: "io_uring_register", args: [-1, 0, 0, 0], answer: ENOSYS },
  { name: "open_by_handle_at", args: [-1, page, 0] },
  { name: "name_to_handle_at", args: [-100, 0, 0, 0, 0] },
  { name: "fanotify_init", args: [0x200, 0] },
  { name: "mknod", what: "a character device", args: [0, 0x21b6, 0x103] },
  { name: "mknodat", what: "a block device", args: [-100, 0, 0x61b6, 0x700] },
  { name: "chmod", what: "setuid", args: [0, 0o4755] },
  { name: "fchmod", what: "setuid", args: [-1, 0o4755] },
  { name: "fchmodat", what: "setuid", args: [-100, 0, 0o4755] },
  { name: "open", what: "setuid", args: [0, 0x41, 0o4755] },
  { name: "openat", what: "setuid", args: [-100, 0, 0x41, 0o4755] },
  { name: "creat", what: "setuid", args: [0, 0o4755] },
  { name: "openat2", args: [-100, 0, 0, 0], answer: ENOSYS },
  { name: "personality", what: "READ_IMPLIES_EXEC", args: [0x400000] },
  { name: "modify_ldt", args: [0, page, 16] },
  { name: "quotactl", args: [0x7fffffff, 0, 0, 0] },
  { name: "quotactl_fd", args: [-1, 0, 0, 0] },
  { name: "swapon", args: [0, 0x7f000000] },
  { name: "reboot", what: "with a wrong magic", args: [0, 0, 0, 0] },
  { name: "settimeofday", args: [page, 0], data: badTime },
  { name: "clock_settime", args: [0x7fffffff, page] },
  { name: "adjtimex", args: [0] },
  { name: "clock_adjtime", args: [0, 0] },
  { name: "iopl", args: [9] },
  { name: "ioperm", args: [0, 0, 1] },
  { name: "sethostname", args: [page, -1] },
  { name: "setdomainname", args: [page, -1] },
  { name: "kexec_load", args: [0, 0, 0, 0], alsoByKernel: true },
  { name: "init_module", args: [0, 0, 0], alsoByKernel: true },
  { name: "finit_module", args: [-1, 0, 0], alsoByKernel: true },
  { name: "delete_module", args: [0, 0], alsoByKernel: true },
  { name: "swapoff", args: [0], alsoByKernel: true },
  { name: "acct", args: [0], alsoByKernel: true },
  { name: "syslog", what: "clear", args: [5, 0, 0], alsoByKernel: true },
  { name: "vhangup", args: [], alsoByKernel: true }
]

it("every attack of the table is refused by the filter, and is a genuine one without it", {
  timeout: 60_000
}, async () => {
  const results = []
  for (const { name, what, args = [], data, answer = EPERM, alsoByKernel = false } of attacks) {
    const number = syscallNumber(arch, name)
    if (number === null) continue
    const probe = { number, args, ...(data === undefined ? {} : { data }) }
    const [filtered, bare] = await Promise.all([call(probe, nativeFilter), call(probe, null)])
    results.push({ attack: what === undefined ? name : `${name} (${what})`, answer, alsoByKernel, filtered, bare })
  }
  expect(results.filter(({ filtered, answer }) => filtered !== answer)).toEqual([])
  expect(results.filter(({ bare, answer, alsoByKernel }) => bare === answer && !alsoByKernel)).toEqual([])
  console.log(`seccomp attacks: ${results.length} tried, ${results.length} refused, 0 skipped`)
})

it("a 32-bit system call ends the process, and one of the x32 kind is refused", async () => {
  if (arch === "arm64") {
    // There an AArch32 program is the only way in, and the filter is asked about it by the interpreter's test.
    expect(await call({ number: 470, args: [] }, nativeFilter)).toBe(ENOSYS)
    return
  }
  const getpid32 = { number: 20, args: [], compat: true }
  expect(await call(getpid32, nativeFilter)).toBe(null)
  const getpidX32 = { number: 0x40000000 | 39, args: [] }
  expect(await call(getpidX32, nativeFilter)).toBe(EPERM)
  expect(await call(getpidX32, null)).not.toBe(EPERM)
})

it("Node works under the filter: threads, children, sockets, pipes, interfaces", async () => {
  const script = `
    const { Worker } = require("node:worker_threads"), { execFileSync } = require("node:child_process")
    const net = require("node:net"), os = require("node:os"), fs = require("node:fs"), dns = require("node:dns")
    execFileSync("/bin/sh", ["-c", "mkfifo /run/pipe && (echo through > /run/pipe & cat /run/pipe) > /run/out && wait"])
    fs.chmodSync("/run/out", 0o755)
    const worker = new Worker("require('node:worker_threads').parentPort.postMessage('worker')", { eval: true })
    worker.on("message", (message) => {
      const server = net.createServer((socket) => socket.end("hello")).listen(0, "127.0.0.1", () => {
        net.connect(server.address().port, "127.0.0.1").on("data", (data) => {
          dns.lookup("localhost", (error) => {
            const told = [fs.readFileSync("/run/out", "utf8").trim(), message, String(data), Object.keys(os.networkInterfaces())[0]]
            console.log(told.join(" "), error === null)
            server.close()
          })
        })
      })
    })`
  // The user that the jail runs as may not be able to reach ours.
  const node = join(folder, "node")
  copyFileSync(process.execPath, node)
  const { stdout, stderr } = await inJail([node, "-e", script], nativeFilter)
  expect(stderr).toBe("")
  expect(stdout.toString()).toBe("through worker hello lo true\n")
})
