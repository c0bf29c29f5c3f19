/**
 * What an attacker tries from inside, for real: files, processes, environment, loopback, keys typed into terminals.
 *
 * Each attack prints BREACH when it got through, and otherwise the reason that it was given; a reason that is not expected
 * (a missing tool, a typo) fails too. Where it can be, the same attack is run without a jail and must get through there.
 */
import { closeSync, mkdirSync, openSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import * as path from "node:path"
import { afterAll, expect, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { Jail } from "./Jail.ts"
import { type Ground, ground, jailOn } from "./testing.ts"

interface Outside extends Ground {
  readonly port: number
  readonly abstract: string
}

class Place extends Context.Service<Place, Outside>()("test/Place") {}

const secret = "s3cr3t-of-the-server"

const listening = (options: { readonly port: number; readonly host: string } | { readonly path: string }) =>
  Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer((socket) => socket.on("error", () => undefined).end("BREACH\n"))
          server.listen(options, () => resolve(server))
        })
    ),
    (server) => Effect.sync(() => server.close())
  )

/** A machine with secrets on it: files, an environment, sockets, an open descriptor. */
const outside = Effect.gen(function* () {
  const on = yield* ground()
  writeFileSync(path.join(on.folder, "secret"), secret, { mode: 0o644 })
  mkdirSync(path.join(on.folder, "neighbour"), { mode: 0o777 })
  writeFileSync(path.join(on.folder, "neighbour/file"), secret, { mode: 0o666 })
  process.env.CHOIR_TEST_SECRET = secret
  const tcp = yield* listening({ port: 0, host: "127.0.0.1" })
  const address = tcp.address()
  if (address === null || typeof address === "string") return yield* Effect.die("no port")
  const abstract = `choir-attack-${process.pid}`
  yield* listening({ path: `\0${abstract}` })
  yield* Effect.acquireRelease(
    Effect.sync(() => openSync(path.join(on.folder, "secret"), "r")),
    (fd) => Effect.sync(() => closeSync(fd))
  )
  return { ...on, port: address.port, abstract }
})

let tried = 0
let refused = 0

const denied = /permission denied|not permitted|read-only file system|EACCES|EPERM|EROFS/i
const absent = /no such (file|process|device)|ENOENT|ESRCH/i
const unreachable = /connection refused|network is unreachable|no route|ECONNREFUSED|ENETUNREACH|403/i

interface Attack {
  readonly name: string
  readonly script: (on: Outside) => string
  readonly reason: RegExp
}

/** Perl is part of every Debian, and has system calls. */
const perl = (code: string) => `perl -e '${code.replaceAll("'", `'"'"'`)}' 2>&1`
const report = `print $r >= 0 && defined $r ? "BREACH\\n" : "$!\\n"`

const numbers =
  process.arch === "arm64"
    ? { mount: 40, ptrace: 117, process_vm_readv: 270, pidfd_open: 434, pidfd_getfd: 438, socket: 198, ioctl: 29 }
    : { mount: 165, ptrace: 101, process_vm_readv: 310, pidfd_open: 434, pidfd_getfd: 438, socket: 41, ioctl: 16 }

const attacks: ReadonlyArray<Attack> = [
  {
    name: "read a file beside the workspace",
    script: (on) => `cat ${on.folder}/secret && echo BREACH`,
    reason: absent
  },
  { name: "read another workspace", script: (on) => `cat ${on.folder}/neighbour/file && echo BREACH`, reason: absent },
  { name: "climb out by ..", script: () => "ls -d /workspace/../../../root && echo BREACH", reason: absent },
  { name: "read /etc/shadow", script: () => "cat /etc/shadow && echo BREACH", reason: absent },
  { name: "read /root", script: () => "ls /root && echo BREACH", reason: absent },
  {
    name: "read the machine's users",
    script: () => "grep -v '^root:\\|^choir:\\|^nobody:' /etc/passwd && echo BREACH || echo ENOENT",
    reason: absent
  },
  {
    name: "follow pid 1 to the real root",
    script: (on) => `cat /proc/1/root${on.folder}/secret && echo BREACH`,
    reason: absent
  },
  { name: "write /usr", script: () => "touch /usr/bin/choir-attack && echo BREACH", reason: denied },
  { name: "write /", script: () => "touch /choir-attack && echo BREACH", reason: denied },
  { name: "write /etc", script: () => "echo x >> /etc/passwd && echo BREACH", reason: denied },
  { name: "write /dev", script: () => "touch /dev/choir-attack && echo BREACH", reason: denied },
  {
    name: "replace the host's program",
    script: () => "{ echo x > /run/choir/host.mjs || mv /run/choir/node /run/choir/old; } && echo BREACH",
    reason: denied
  },
  { name: "read the host's program", script: () => "cat /run/choir/node > /dev/null && echo BREACH", reason: denied },
  {
    name: "set core_pattern",
    script: () => "echo '|/bin/sh' > /proc/sys/kernel/core_pattern && echo BREACH",
    reason: denied
  },
  { name: "press sysrq", script: () => "echo h > /proc/sysrq-trigger && echo BREACH", reason: /denied|no such/i },
  { name: "make a device", script: () => "mknod /tmp/disk b 8 0 && echo BREACH", reason: denied },
  {
    name: "open kernel memory",
    script: () => "cat /dev/mem /proc/kcore && echo BREACH",
    reason: /denied|permitted|no such/i
  },
  {
    name: "become root by a setuid program",
    script: () => "cp /usr/bin/id /tmp/id; chmod 4755 /tmp/id; su -c 'echo BREACH' < /dev/null",
    reason: /fail|must be|denied|cannot|permitted/i
  },
  {
    name: "gain a capability",
    script: () => "grep -q 'CapEff:.*[1-9a-f]' /proc/self/status && echo BREACH || grep NoNewPrivs /proc/self/status",
    reason: /NoNewPrivs:\s*1/
  },
  {
    name: "mount",
    script: () =>
      perl(`($s, $m, $t) = ("none", "/tmp", "tmpfs"); $r = syscall(${numbers.mount}, $s, $m, $t, 0, 0); ${report}`),
    reason: denied
  },
  { name: "make a user namespace", script: () => "unshare -U true && echo BREACH", reason: denied },
  { name: "chroot", script: () => perl(`$r = chroot("/tmp") ? 0 : -1; ${report}`), reason: denied },

  {
    name: "see the machine's processes",
    script: () => `ls /proc | grep -c '^[0-9]' | awk '{ print ($1 > 20 ? "BREACH" : "ESRCH") }'`,
    reason: absent
  },
  { name: "signal the server", script: () => `kill -0 ${process.pid} && echo BREACH`, reason: absent },
  { name: "signal everyone", script: (on) => `perl -e 'kill 0, -1' ; ls ${on.folder} && echo BREACH`, reason: absent },
  {
    name: "read the host's memory",
    script: () => "dd if=/proc/2/mem bs=1 count=1 skip=4096 && echo BREACH",
    reason: denied
  },
  { name: "read the host's maps", script: () => "cat /proc/2/maps && echo BREACH", reason: denied },
  { name: "read the host's descriptors", script: () => "ls /proc/2/fd && echo BREACH", reason: denied },
  {
    name: "reach through the host's working directory",
    script: () => "ls /proc/2/cwd/ && echo BREACH",
    reason: denied
  },
  {
    name: "trace the host",
    script: () => perl(`$r = syscall(${numbers.ptrace}, 16, 2, 0, 0); ${report}`),
    reason: denied
  },
  {
    name: "read the host's memory by process_vm_readv",
    script: () =>
      perl(
        `$b = "x" x 16; $v = pack("JJ", 1, 1); $r = syscall(${numbers.process_vm_readv}, 2, $v, 1, $v, 1, 0); ${report}`
      ),
    reason: denied
  },
  {
    name: "take the host's descriptor",
    script: () =>
      perl(`$p = syscall(${numbers.pidfd_open}, 2, 0); $r = syscall(${numbers.pidfd_getfd}, $p, 3, 0); ${report}`),
    reason: denied
  },
  {
    name: "renice the host",
    script: () => "renice -n 19 -p 1 2 >/dev/null; echo -1000 > /proc/self/oom_score_adj && echo BREACH",
    reason: denied
  },

  {
    name: "find a secret in an environment",
    script: () => `cat /proc/*/environ | tr '\\0' '\\n' | grep ${secret} && echo BREACH || echo ENOENT`,
    reason: absent
  },
  {
    name: "find the server's folders in a command line",
    script: (on) =>
      `cat /proc/*/cmdline | tr '\\0' '\\n' | grep -v grep | grep '^${on.folder}' && echo BREACH || echo ENOENT`,
    reason: absent
  },
  {
    name: "use a descriptor that was left open",
    script: () =>
      `for fd in /proc/$$/fd/* /proc/1/fd/*; do readlink $fd; done | grep '^/' | grep -v '^/dev/null$\\|^/tmp/.choir-pipes' && echo BREACH || echo ENOENT`,
    reason: absent
  },

  {
    name: "reach a server on the machine's loopback",
    script: (on) => `exec 5<>/dev/tcp/127.0.0.1/${on.port} && cat <&5`,
    reason: unreachable
  },
  {
    name: "reach loopback through the proxy",
    script: (on) => `curl -sS -m 5 --noproxy '' http://127.0.0.1:${on.port}/ -o /dev/stdout -w '%{http_code}'`,
    reason: unreachable
  },
  {
    name: "reach loopback by a name",
    script: (on) => `curl -sS -m 5 --noproxy '' http://localhost:${on.port}/ -o /dev/stdout -w '%{http_code}'`,
    reason: unreachable
  },
  {
    name: "reach an abstract socket",
    script: (on) =>
      perl(
        `use Socket; socket(my $s, PF_UNIX, SOCK_STREAM, 0); $r = connect($s, pack("Sa*", AF_UNIX, "\\0${on.abstract}")) ? 0 : -1; ${report}`
      ),
    reason: unreachable
  },
  {
    name: "reach the metadata address",
    script: () => "exec 5<>/dev/tcp/169.254.169.254/80 && echo BREACH",
    reason: unreachable
  },
  {
    name: "reach the network past the proxy",
    script: () => "exec 5<>/dev/tcp/1.1.1.1/443 && echo BREACH",
    reason: unreachable
  },
  {
    name: "open a raw socket",
    script: () => perl(`use Socket; $r = socket(my $s, PF_INET, SOCK_RAW, 1) ? 0 : -1; ${report}`),
    reason: denied
  },
  {
    name: "open a socket to the hypervisor",
    script: () => perl(`$r = syscall(${numbers.socket}, 40, 1, 0); ${report}`),
    reason: denied
  }
]

/** Attacks that must get through where there is no jail: they work, and it is the jail that refuses them. */
const genuine: ReadonlySet<string> = new Set([
  "read a file beside the workspace",
  "read another workspace",
  "see the machine's processes",
  "find the server's folders in a command line",
  "reach a server on the machine's loopback",
  "reach an abstract socket"
])

const attack = (script: string) =>
  Effect.gen(function* () {
    const jail = yield* Jail
    const child = yield* jail.spawn({ argv: ["bash", "-c", `{ ${script}\n} 2>&1`] })
    return yield* child.output.pipe(
      Stream.runFold(
        () => "",
        (all, item) => (item.kind === "output" ? all + Buffer.from(item.data).toString() : all)
      )
    )
  })

const inTerminal = (script: string, wanted: RegExp) =>
  Effect.gen(function* () {
    const { ptys } = yield* Jail
    yield* ptys.open({ id: "attack", argv: ["bash", "-c", script] })
    const attached = yield* ptys.attach("attack")
    const seen = yield* attached.output.pipe(
      Stream.scan(
        () => attached.screen,
        (all, item) => (item.kind === "output" ? all + item.data : all)
      ),
      Stream.takeUntil((all) => wanted.test(all)),
      Stream.runLast
    )
    yield* ptys.close("attack")
    return Option.getOrElse(seen, () => "")
  }).pipe(Effect.scoped)

const place = Layer.effect(Place, outside)
const jailWith = (driver: "bubblewrap" | "none") =>
  Layer.unwrap(Effect.map(Place, (on) => jailOn(on, driver))).pipe(Layer.provideMerge(place))

layer(jailWith("bubblewrap"), { timeout: 30_000 })("from inside the jail", (it) => {
  it.effect.each(attacks)("$name", ({ script, reason }) =>
    Effect.gen(function* () {
      tried++
      const answer = yield* attack(script(yield* Place))
      expect(answer).not.toContain("BREACH")
      expect(answer).not.toContain(secret)
      expect(answer).toMatch(reason)
      refused++
    })
  )

  const tiocsti = [
    ["type into a terminal", "0x5412"],
    ["type into a terminal, with upper bits", "0x5412 | (1 << 32)"],
    ["type into a console", "0x541C"]
  ] as const
  it.effect.each(tiocsti)("%s", ([, request]) =>
    Effect.gen(function* () {
      tried++
      const code = `$c = "x"; $r = syscall(${numbers.ioctl}, 0, ${request}, $c); ${report}; print "done\\n"`
      const answer = yield* inTerminal(perl(code), /done/)
      expect(answer).not.toContain("BREACH")
      expect(answer).toMatch(denied)
      refused++
    })
  )
})

layer(jailWith("none"), { timeout: 30_000 })("without a jail", (it) => {
  it.effect.each(attacks.filter(({ name }) => genuine.has(name)))("$name gets through", ({ script }) =>
    Effect.gen(function* () {
      expect(yield* attack(script(yield* Place))).toContain("BREACH")
    })
  )
})

afterAll(() => {
  process.stdout.write(`attacks: ${tried} tried, ${refused} refused, 0 skipped\n`)
})
