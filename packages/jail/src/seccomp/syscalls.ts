/**
 * Numbers of the system calls that the filter names, from the kernel's own tables.
 *
 * Law: a call that a machine doesn't have is `null` there; nothing is guessed from the other machine's number.
 */

export type Arch = "x64" | "arm64"

/** `AUDIT_ARCH_*` of linux/audit.h: which calling convention a system call came through. */
export const auditArch: Record<Arch, number> = { x64: 0xc000003e, arm64: 0xc00000b7 }

/** The newest call that was looked at when this list was made (`file_setattr`); the same on both machines. */
export const NEWEST_KNOWN = 469

const both = (number: number) => [number, number] as const

// name: [x64, arm64]; from 424 on every machine has the same numbers.
const numbers = {
  _sysctl: [156, null],
  acct: [163, 89],
  add_key: [248, 217],
  adjtimex: [159, 171],
  bpf: [321, 280],
  chmod: [90, null],
  chroot: [161, 51],
  clock_adjtime: [305, 266],
  clock_settime: [227, 112],
  clone: [56, 220],
  clone3: both(435),
  creat: [85, null],
  create_module: [174, null],
  delete_module: [176, 106],
  fanotify_init: [300, 262],
  fchmod: [91, 52],
  fchmodat: [268, 53],
  fchmodat2: both(452),
  finit_module: [313, 273],
  fsconfig: both(431),
  fsmount: both(432),
  fsopen: both(430),
  fspick: both(433),
  get_kernel_syms: [177, null],
  init_module: [175, 105],
  io_uring_enter: both(426),
  io_uring_register: both(427),
  io_uring_setup: both(425),
  ioctl: [16, 29],
  ioperm: [173, null],
  iopl: [172, null],
  kcmp: [312, 272],
  kexec_file_load: [320, 294],
  kexec_load: [246, 104],
  keyctl: [250, 219],
  listmount: both(458),
  lookup_dcookie: [212, 18],
  lsm_set_self_attr: both(460),
  migrate_pages: [256, 238],
  mknod: [133, null],
  mknodat: [259, 33],
  modify_ldt: [154, null],
  mount: [165, 40],
  mount_setattr: both(442),
  move_mount: both(429),
  move_pages: [279, 239],
  name_to_handle_at: [303, 264],
  nfsservctl: [180, 42],
  open: [2, null],
  open_by_handle_at: [304, 265],
  open_tree: both(428),
  open_tree_attr: both(467),
  openat: [257, 56],
  openat2: both(437),
  perf_event_open: [298, 241],
  personality: [135, 92],
  pidfd_getfd: both(438),
  pivot_root: [155, 41],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  ptrace: [101, 117],
  query_module: [178, null],
  quotactl: [179, 60],
  quotactl_fd: both(443),
  reboot: [169, 142],
  request_key: [249, 218],
  setdomainname: [171, 162],
  sethostname: [170, 161],
  setns: [308, 268],
  settimeofday: [164, 170],
  socket: [41, 198],
  socketpair: [53, 199],
  statmount: both(457),
  swapoff: [168, 225],
  swapon: [167, 224],
  sysfs: [139, null],
  syslog: [103, 116],
  umount2: [166, 39],
  unshare: [272, 97],
  uselib: [134, null],
  userfaultfd: [323, 282],
  vhangup: [153, 58]
} as const satisfies Record<string, readonly [x64: number, arm64: number | null]>

export type Syscall = keyof typeof numbers

/** The number of `name` on `arch`, or null where that machine never had it. */
export const syscallNumber = (arch: Arch, name: Syscall): number | null => numbers[name][arch === "x64" ? 0 : 1]
