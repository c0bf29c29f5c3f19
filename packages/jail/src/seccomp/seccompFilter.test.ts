import { expect, it } from "@effect/vitest"
import { opcodes } from "./bpf.ts"
import { seccompFilter } from "./seccompFilter.ts"
import { type Arch, auditArch, type Syscall, syscallNumber } from "./syscalls.ts"

const ALLOW = "allow"
const KILL = "kill"

/** What the kernel would do: an interpreter of the instructions that the assembler can make. */
const verdict = (filter: Buffer, arch: number, number: number, args: ReadonlyArray<bigint> = []) => {
  const data = Buffer.alloc(64)
  data.writeUInt32LE(number >>> 0, 0)
  data.writeUInt32LE(arch, 4)
  args.forEach((value, index) => {
    data.writeBigUInt64LE(BigInt.asUintN(64, value), 16 + 8 * index)
  })
  let accumulator = 0
  for (let at = 0; at < filter.length / 8; at++) {
    const code = filter.readUInt16LE(at * 8)
    const value = filter.readUInt32LE(at * 8 + 4)
    const jump = (taken: boolean) => filter.readUInt8(at * 8 + (taken ? 2 : 3))
    if (code === opcodes.load) accumulator = data.readUInt32LE(value)
    else if (code === opcodes.and) accumulator = (accumulator & value) >>> 0
    else if (code === opcodes.equal) at += jump(accumulator === value)
    else if (code === opcodes.atLeast) at += jump(accumulator >= value)
    else if (code === opcodes.anyBit) at += jump((accumulator & value) !== 0)
    else if (code === opcodes.return) {
      if (value === 0x7fff0000) return ALLOW
      if (value === 0x80000000) return KILL
      expect(value >>> 16).toBe(5)
      return value & 0xffff
    } else throw new Error(`unknown instruction ${code}`)
  }
  throw new Error("the program has no end")
}

const EPERM = 1
const ENOSYS = 38
const EPROTONOSUPPORT = 93
const HIGH = 1n << 32n

for (const arch of ["x64", "arm64"] as const satisfies ReadonlyArray<Arch>) {
  const filter = seccompFilter(arch)
  const ask = (name: Syscall, ...args: ReadonlyArray<bigint>) => {
    const number = syscallNumber(arch, name)
    return number === null ? undefined : verdict(filter, auditArch[arch], number, args)
  }

  it(`${arch}: a foreign calling convention is killed, a number from the future doesn't exist`, () => {
    const foreign = [0x40000003, 0x40000028, arch === "x64" ? auditArch.arm64 : auditArch.x64, 0]
    for (const other of foreign) expect(verdict(filter, other, 1)).toBe(KILL)
    expect(verdict(filter, auditArch[arch], 470)).toBe(ENOSYS)
    expect(verdict(filter, auditArch[arch], 0x3fffffff)).toBe(ENOSYS)
    expect(verdict(filter, auditArch[arch], 0x40000001)).toBe(arch === "x64" ? EPERM : ENOSYS)
    expect(verdict(filter, auditArch[arch], 0xffffffff)).toBe(arch === "x64" ? EPERM : ENOSYS)
  })

  it(`${arch}: what every program does is allowed`, () => {
    const ordinary =
      arch === "x64"
        ? [0, 1, 3, 9, 11, 39, 57, 59, 60, 202, 231, 257, 332, 334, 434, 439]
        : [56, 57, 63, 64, 93, 94, 98, 172, 215, 221, 222, 291, 293, 434, 439]
    for (const number of ordinary) expect(verdict(filter, auditArch[arch], number)).toBe(ALLOW)
  })

  it(`${arch}: clone makes threads and processes, never namespaces`, () => {
    expect(ask("clone", 17n)).toBe(ALLOW)
    expect(ask("clone", 0x3d0f00n)).toBe(ALLOW)
    for (const bit of [17n, 25n, 26n, 27n, 28n, 29n, 30n]) expect(ask("clone", (1n << bit) | 17n)).toBe(EPERM)
    expect(ask("clone", HIGH | (1n << 28n))).toBe(EPERM)
    expect(ask("clone3")).toBe(ENOSYS)
  })

  it(`${arch}: sockets are of four families, without raw ones`, () => {
    for (const family of [1n, 2n, 10n]) {
      expect(ask("socket", family, 1n | 0o2000000n)).toBe(ALLOW)
      expect(ask("socket", family, 2n | 0o4000n, 0n)).toBe(ALLOW)
    }
    expect(ask("socket", 2n, 1n, 6n)).toBe(ALLOW)
    expect(ask("socket", 10n, 2n, 17n)).toBe(ALLOW)
    expect(ask("socket", 16n, 3n, 0n)).toBe(ALLOW)
    for (const protocol of [4n, 9n, 12n, 15n]) expect(ask("socket", 16n, 3n, protocol)).toBe(EPERM)
    for (let family = 0n; family < 64n; family++) {
      if ([1n, 2n, 10n, 16n].includes(family)) continue
      expect(ask("socket", family, 1n)).toBe(EPERM)
      expect(ask("socketpair", family, 1n)).toBe(EPERM)
    }
    for (const family of [2n, 10n]) {
      for (const type of [3n, 4n, 5n, 6n, 10n, 3n | 0o2000000n, HIGH | 3n]) {
        expect(ask("socket", family, type, 255n)).toBe(EPERM)
      }
      for (const protocol of [1n, 115n, 132n, 256n, 262n]) {
        expect(ask("socket", family, 1n, protocol)).toBe(EPROTONOSUPPORT)
      }
    }
    expect(ask("socket", HIGH | 40n, 1n)).toBe(EPERM)
    expect(ask("socketpair", 1n, 1n)).toBe(ALLOW)
  })

  it(`${arch}: no ioctl types into a terminal, whatever its upper bits are`, () => {
    expect(ask("ioctl", 0n, 0x5401n)).toBe(ALLOW)
    for (const request of [0x5412n, 0x541cn, 0x541dn, 0x5423n]) {
      expect(ask("ioctl", 0n, request)).toBe(EPERM)
      expect(ask("ioctl", 0n, HIGH | request)).toBe(EPERM)
      expect(ask("ioctl", 0n, (0xffffffffn << 32n) | request)).toBe(EPERM)
    }
  })

  it(`${arch}: pipes, files and sockets are made; devices and setuid files are not`, () => {
    for (const kind of [0x1000n, 0x8000n, 0xc000n, 0n]) expect(ask("mknodat", 0n, 0n, kind | 0o644n)).toBe(ALLOW)
    for (const kind of [0x2000n, 0x6000n]) expect(ask("mknodat", 0n, 0n, kind | 0o644n)).toBe(EPERM)
    expect(ask("mknodat", 0n, 0n, 0x8000n | 0o4755n)).toBe(EPERM)
    expect(ask("fchmod", 0n, 0o2755n)).toBe(ALLOW)
    expect(ask("fchmod", 0n, 0o4755n)).toBe(EPERM)
    expect(ask("fchmodat", 0n, 0n, 0o4755n)).toBe(EPERM)
    expect(ask("fchmodat2", 0n, 0n, 0o4755n)).toBe(EPERM)
    expect(ask("openat", 0n, 0n, 0x40n | 0x241n, 0o644n)).toBe(ALLOW)
    expect(ask("openat", 0n, 0n, 0x40n, 0o4755n)).toBe(EPERM)
    expect(ask("openat", 0n, 0n, 0x400000n, 0o4755n)).toBe(EPERM)
    // Without O_CREAT the mode is whatever was in the register.
    expect(ask("openat", 0n, 0n, 0n, 0o4755n)).toBe(ALLOW)
    expect(ask("openat2")).toBe(ENOSYS)
  })

  it(`${arch}: ordinary personalities only`, () => {
    for (const value of [0n, 8n, 0x20000n, 0x40000n, 0xffffffffn]) expect(ask("personality", value)).toBe(ALLOW)
    for (const value of [0x400000n, 0x100000n, 0x440000n, 4n]) expect(ask("personality", value)).toBe(EPERM)
  })
}
