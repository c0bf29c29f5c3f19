/**
 * The seccomp filter of the jail: which system calls a process inside may not make.
 *
 * Law: what is named here is refused, what is newer than our list doesn't exist, and what remains is the work of a
 * developer's machine (compilers, Node, git, Python, dev servers). Arguments are compared as the kernel reads them: an
 * `int` by its low 32 bits, or a high bit set on purpose would slip past (CVE-2019-10063).
 *
 * `EPERM` says "refused"; `ENOSYS` is for calls that programs try first and do without. A process in a foreign calling
 * convention (32 bit) is killed, since every number would mean another call.
 */
import { and, assemble, ifAnyBit, ifAtLeast, ifEqual, type Line, label, load, ret } from "./bpf.ts"
import { type Arch, auditArch, NEWEST_KNOWN, type Syscall, syscallNumber } from "./syscalls.ts"

const ALLOW = 0x7fff0000
const KILL_PROCESS = 0x80000000
const refuse = (errno: number) => 0x00050000 | errno
const EPERM = 1
const ENOSYS = 38
const EPROTONOSUPPORT = 93

// Offsets in `struct seccomp_data`.
const NUMBER = 0
const ARCH = 4
const argument = (index: number) => 16 + 8 * index

const X32_BIT = 0x40000000

const refused: ReadonlyArray<Syscall> = [
  // Other processes, the host of the jail first: their memory, descriptors and what they compare equal to.
  "ptrace",
  "process_vm_readv",
  "process_vm_writev",
  "kcmp",
  "pidfd_getfd",
  "migrate_pages",
  "move_pages",
  // Doors into the kernel that have been the way out of many jails.
  "bpf",
  "perf_event_open",
  "userfaultfd",
  "add_key",
  "request_key",
  "keyctl",
  "fanotify_init",
  "modify_ldt",
  "lookup_dcookie",
  // Files by handle go around every mount (the "shocker" attack).
  "open_by_handle_at",
  "name_to_handle_at",
  // Another view of the system.
  "unshare",
  "setns",
  "mount",
  "umount2",
  "pivot_root",
  "chroot",
  "move_mount",
  "open_tree",
  "open_tree_attr",
  "fsopen",
  "fsconfig",
  "fsmount",
  "fspick",
  "mount_setattr",
  // The machine itself.
  "kexec_load",
  "kexec_file_load",
  "create_module",
  "init_module",
  "finit_module",
  "delete_module",
  "swapon",
  "swapoff",
  "reboot",
  "acct",
  "quotactl",
  "quotactl_fd",
  "syslog",
  "settimeofday",
  "clock_settime",
  "adjtimex",
  "clock_adjtime",
  "iopl",
  "ioperm",
  "vhangup",
  "sethostname",
  "setdomainname",
  "lsm_set_self_attr"
]

const absent: ReadonlyArray<Syscall> = [
  // Its flags lie behind a pointer, where no filter can look: libc then takes clone, whose flags we see.
  "clone3",
  // The same for openat2, whose mode could make a setuid file.
  "openat2",
  "io_uring_setup",
  "io_uring_enter",
  "io_uring_register",
  "statmount",
  "listmount",
  "nfsservctl",
  "_sysctl",
  "sysfs",
  "uselib",
  "get_kernel_syms",
  "query_module"
]

/** Any of CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NEW_NAMESPACE = 0x7e020000

const TIOCSTI = 0x5412
const TIOCLINUX = 0x541c
const TIOCCONS = 0x541d
const TIOCSETD = 0x5423

const AF_UNIX = 1
const AF_INET = 2
const AF_INET6 = 10
const AF_NETLINK = 16
const NETLINK_ROUTE = 0
const SOCK_STREAM = 1
const SOCK_DGRAM = 2
const SOCK_TYPE_MASK = 0xf
const IPPROTO_IP = 0
const IPPROTO_TCP = 6
const IPPROTO_UDP = 17

const S_IFMT = 0xf000
const S_IFCHR = 0x2000
const S_IFBLK = 0x6000
const S_ISUID = 0x800
const O_CREAT_OR_TMPFILE = 0x400040

/** Linux, its 32-bit and 2.6 looks, ASLR off (thread sanitizers start themselves again so), and the question alone. */
const personalities = [0, 0x8, 0x20000, 0x20008, 0x40000, 0xffffffff]

/** What a call may do depends on its arguments; each list ends in a decision, `refuse` and `allow` are labels after it. */
const decisions: ReadonlyArray<readonly [Syscall, ReadonlyArray<Line>]> = [
  ["clone", [load(argument(0)), ifAnyBit(NEW_NAMESPACE, { yes: "refuse", no: "allow" })]],
  [
    "ioctl",
    [
      load(argument(1)),
      ifEqual(TIOCSTI, { yes: "refuse" }),
      ifEqual(TIOCLINUX, { yes: "refuse" }),
      ifEqual(TIOCCONS, { yes: "refuse" }),
      // A line discipline loads a kernel module of its name.
      ifEqual(TIOCSETD, { yes: "refuse", no: "allow" })
    ]
  ],
  [
    "socket",
    [
      load(argument(0)),
      ifEqual(AF_UNIX, { yes: "allow" }),
      ifEqual(AF_INET, { yes: "inet" }),
      ifEqual(AF_INET6, { yes: "inet" }),
      ifEqual(AF_NETLINK, { no: "refuse" }),
      // The list of network interfaces is asked for over it.
      load(argument(2)),
      ifEqual(NETLINK_ROUTE, { yes: "allow", no: "refuse" }),
      label("inet"),
      load(argument(1)),
      and(SOCK_TYPE_MASK),
      ifEqual(SOCK_STREAM, { yes: "protocol" }),
      ifEqual(SOCK_DGRAM, { no: "refuse" }),
      label("protocol"),
      load(argument(2)),
      ifEqual(IPPROTO_IP, { yes: "allow" }),
      ifEqual(IPPROTO_TCP, { yes: "allow" }),
      ifEqual(IPPROTO_UDP, { yes: "allow" }),
      // Go tries multipath TCP first; this is the answer of a kernel without it.
      ret(refuse(EPROTONOSUPPORT))
    ]
  ],
  ["socketpair", [load(argument(0)), ifEqual(AF_UNIX, { yes: "allow", no: "refuse" })]],
  [
    "personality",
    [load(argument(0)), ...personalities.map((value) => ifEqual(value, { yes: "allow" })), ret(refuse(EPERM))]
  ],
  // Pipes and sockets are made with mknod too, so the kind decides.
  ["mknod", deviceOrSetuid(1)],
  ["mknodat", deviceOrSetuid(2)],
  // A setuid file is harmless inside (no new privileges) but not to whoever runs it outside.
  ["chmod", setuid(1)],
  ["fchmod", setuid(1)],
  ["fchmodat", setuid(2)],
  ["fchmodat2", setuid(2)],
  ["creat", setuid(1)],
  ["open", createsSetuid(1, 2)],
  ["openat", createsSetuid(2, 3)]
]

function setuid(mode: number): ReadonlyArray<Line> {
  return [load(argument(mode)), ifAnyBit(S_ISUID, { yes: "refuse", no: "allow" })]
}

function createsSetuid(flags: number, mode: number): ReadonlyArray<Line> {
  return [load(argument(flags)), ifAnyBit(O_CREAT_OR_TMPFILE, { no: "allow" }), ...setuid(mode)]
}

function deviceOrSetuid(mode: number): ReadonlyArray<Line> {
  return [
    load(argument(mode)),
    ifAnyBit(S_ISUID, { yes: "refuse" }),
    and(S_IFMT),
    ifEqual(S_IFCHR, { yes: "refuse" }),
    ifEqual(S_IFBLK, { yes: "refuse", no: "allow" })
  ]
}

/** Makes the labels of one call's lines its own, so that no two blocks share a name. */
const scoped = (call: string, lines: ReadonlyArray<Line>): ReadonlyArray<Line> => {
  const own = (name: string) => `${call}:${name}`
  return lines.map((line) => {
    if (line.kind === "label") return label(own(line.name))
    if (line.kind !== "jump") return line
    return {
      ...line,
      ...(line.yes === undefined ? {} : { yes: own(line.yes) }),
      ...(line.no === undefined ? {} : { no: own(line.no) })
    }
  })
}

const program = (arch: Arch): ReadonlyArray<Line> => {
  const lines: Array<Line> = [
    load(ARCH),
    ifEqual(auditArch[arch], { yes: "native" }),
    ret(KILL_PROCESS),
    label("native"),
    load(NUMBER)
  ]
  if (arch === "x64") lines.push(ifAnyBit(X32_BIT, { no: "not x32" }), ret(refuse(EPERM)), label("not x32"))
  lines.push(ifAtLeast(NEWEST_KNOWN + 1, { no: "known" }), ret(refuse(ENOSYS)), label("known"))

  for (const [name, decision] of decisions) {
    const number = syscallNumber(arch, name)
    if (number === null) continue
    lines.push(
      ifEqual(number, { no: `after ${name}` }),
      ...scoped(name, [...decision, label("refuse"), ret(refuse(EPERM)), label("allow"), ret(ALLOW)]),
      label(`after ${name}`)
    )
  }
  const answerAll = (names: ReadonlyArray<Syscall>, errno: number) => {
    for (const name of names) {
      const number = syscallNumber(arch, name)
      if (number !== null) lines.push(ifEqual(number, { yes: `errno ${errno}` }))
    }
  }
  answerAll(refused, EPERM)
  answerAll(absent, ENOSYS)
  lines.push(ret(ALLOW), label(`errno ${EPERM}`), ret(refuse(EPERM)), label(`errno ${ENOSYS}`), ret(refuse(ENOSYS)))
  return lines
}

/** The filter as bytes for `bwrap --seccomp FD`. */
export const seccompFilter = (arch: Arch): Buffer => assemble(program(arch))
