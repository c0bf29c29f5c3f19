/**
 * For tests: a static ELF program that makes one system call and writes what the kernel returned, as 8 bytes, to its
 * standard output. It needs no compiler, no libc and no interpreter, so it runs wherever the tests do.
 */
import { type Arch, auditArch } from "./syscalls.ts"

/** An argument by value, or the address of the probe's own zeroed (or `data`-filled) page, plus an offset. */
export type Argument = number | bigint | { readonly data: number }

export interface ProbeCall {
  readonly number: number
  readonly args: ReadonlyArray<Argument>
  readonly data?: Uint8Array
  /** `int 0x80`, the way of 32-bit programs; x64 alone. */
  readonly compat?: boolean
}

const BASE = 0x400000n
const CODE_OFFSET = 0x78
const RESULT_OFFSET = 0x1000
const DATA_OFFSET = 0x2000
const MEMORY_BYTES = 0x4000

const elfMachine: Record<Arch, number> = { x64: auditArch.x64 & 0xffff, arm64: auditArch.arm64 & 0xffff }

export const syscallProbe = (arch: Arch, call: ProbeCall): Buffer => {
  const values = Array.from({ length: 6 }, (_, index) => {
    const argument = call.args[index] ?? 0
    if (typeof argument === "object") return BASE + BigInt(DATA_OFFSET + argument.data)
    return BigInt.asUintN(64, BigInt(argument))
  })
  const code = arch === "x64" ? x64Code(call, values) : arm64Code(call, values)

  const file = Buffer.alloc(DATA_OFFSET + (call.data?.length ?? 0))
  file.write("\x7fELF\x02\x01\x01", "latin1")
  file.writeUInt16LE(2, 16) // an executable
  file.writeUInt16LE(elfMachine[arch], 18)
  file.writeUInt32LE(1, 20)
  file.writeBigUInt64LE(BASE + BigInt(CODE_OFFSET), 24) // entry
  file.writeBigUInt64LE(64n, 32) // program headers follow
  file.writeUInt16LE(64, 52)
  file.writeUInt16LE(56, 54)
  file.writeUInt16LE(1, 56)
  file.writeUInt32LE(1, 64) // one segment to load
  file.writeUInt32LE(7, 68) // to read, write and execute
  file.writeBigUInt64LE(BASE, 80)
  file.writeBigUInt64LE(BASE, 88)
  file.writeBigUInt64LE(BigInt(file.length), 96)
  file.writeBigUInt64LE(BigInt(MEMORY_BYTES), 104)
  file.writeBigUInt64LE(0x10000n, 112)
  code.copy(file, CODE_OFFSET)
  if (call.data !== undefined) file.set(call.data, DATA_OFFSET)
  return file
}

const RESULT = BASE + BigInt(RESULT_OFFSET)

const x64Code = (call: ProbeCall, values: ReadonlyArray<bigint>): Buffer => {
  const bytes: Array<number> = []
  const loadImmediate = (opcode: ReadonlyArray<number>, value: bigint) => {
    const immediate = Buffer.alloc(8)
    immediate.writeBigUInt64LE(value)
    bytes.push(...opcode, ...immediate)
  }
  const rax = [0x48, 0xb8]
  const rdi = [0x48, 0xbf]
  const rsi = [0x48, 0xbe]
  const rdx = [0x48, 0xba]
  const system = [0x0f, 0x05]
  const registers = call.compat === true ? [] : [rdi, rsi, rdx, [0x49, 0xba], [0x49, 0xb8], [0x49, 0xb9]]
  registers.forEach((register, index) => {
    loadImmediate(register, values[index] ?? 0n)
  })
  loadImmediate(rax, BigInt(call.number))
  bytes.push(...(call.compat === true ? [0xcd, 0x80] : system))
  loadImmediate([0x48, 0xa3], RESULT) // mov [RESULT], rax
  loadImmediate(rdi, 1n)
  loadImmediate(rsi, RESULT)
  loadImmediate(rdx, 8n)
  loadImmediate(rax, 1n) // write
  bytes.push(...system)
  loadImmediate(rdi, 0n)
  loadImmediate(rax, 231n) // exit_group
  bytes.push(...system)
  return Buffer.from(bytes)
}

const arm64Code = (call: ProbeCall, values: ReadonlyArray<bigint>): Buffer => {
  const words: Array<number> = []
  const loadImmediate = (register: number, value: bigint) => {
    for (let part = 0; part < 4; part++) {
      const half = Number((value >> BigInt(16 * part)) & 0xffffn)
      words.push(((part === 0 ? 0xd2800000 : 0xf2800000) | (part << 21) | (half << 5) | register) >>> 0) // movz, movk
    }
  }
  const system = 0xd4000001
  values.forEach((value, register) => {
    loadImmediate(register, value)
  })
  loadImmediate(8, BigInt(call.number))
  words.push(system)
  loadImmediate(9, RESULT)
  words.push(0xf9000120) // str x0, [x9]
  loadImmediate(0, 1n)
  loadImmediate(1, RESULT)
  loadImmediate(2, 8n)
  loadImmediate(8, 64n) // write
  words.push(system)
  loadImmediate(0, 0n)
  loadImmediate(8, 94n) // exit_group
  words.push(system)
  const code = Buffer.alloc(words.length * 4)
  words.forEach((word, index) => {
    code.writeUInt32LE(word, index * 4)
  })
  return code
}
