/**
 * A classic BPF assembler, as small as a seccomp filter needs it.
 *
 * Law: every jump goes forward to a label of the same program, and a jump that doesn't fit is an error here, never a
 * filter that decides something else.
 *
 * Only instructions that the kernel can evaluate ahead of time are offered (load, and, compare, return), so that it
 * lets a system call whose arguments don't matter pass without running the filter at all.
 */

/** A line of a program; a label stands before the line that it names. Without `yes` or `no` it falls through. */
export type Line =
  | { readonly kind: "label"; readonly name: string }
  | { readonly kind: "load"; readonly offset: number }
  | { readonly kind: "and"; readonly value: number }
  | { readonly kind: "return"; readonly value: number }
  | {
      readonly kind: "jump"
      readonly test: "equal" | "atLeast" | "anyBit"
      readonly value: number
      readonly yes?: string
      readonly no?: string
    }

export const label = (name: string): Line => ({ kind: "label", name })
export const load = (offset: number): Line => ({ kind: "load", offset })
export const and = (value: number): Line => ({ kind: "and", value })
export const ret = (value: number): Line => ({ kind: "return", value })

type Targets = { readonly yes?: string; readonly no?: string }
export const ifEqual = (value: number, to: Targets): Line => ({ kind: "jump", test: "equal", value, ...to })
export const ifAtLeast = (value: number, to: Targets): Line => ({ kind: "jump", test: "atLeast", value, ...to })
export const ifAnyBit = (value: number, to: Targets): Line => ({ kind: "jump", test: "anyBit", value, ...to })

// Opcodes of linux/bpf_common.h; every operand is a constant (BPF_K).
export const opcodes = { load: 0x20, and: 0x54, return: 0x06, equal: 0x15, atLeast: 0x35, anyBit: 0x45 } as const

const INSTRUCTION_BYTES = 8
const MAX_INSTRUCTIONS = 4096
const MAX_JUMP = 255

/** The program as `struct sock_filter[]`, little-endian like both machines that we build for. */
export const assemble = (lines: ReadonlyArray<Line>): Buffer => {
  const labels = new Map<string, number>()
  let count = 0
  for (const line of lines) {
    if (line.kind !== "label") {
      count++
      continue
    }
    if (labels.has(line.name)) throw new Error(`BPF: the label ${line.name} stands twice`)
    labels.set(line.name, count)
  }
  if (count === 0 || count > MAX_INSTRUCTIONS) throw new Error(`BPF: a program can't have ${count} instructions`)

  const program = Buffer.alloc(count * INSTRUCTION_BYTES)
  let at = 0
  const emit = (code: number, yes: number, no: number, value: number) => {
    const base = at * INSTRUCTION_BYTES
    program.writeUInt16LE(code, base)
    program.writeUInt8(yes, base + 2)
    program.writeUInt8(no, base + 3)
    program.writeUInt32LE(value >>> 0, base + 4)
    at++
  }
  const distance = (target: string | undefined) => {
    if (target === undefined) return 0
    const index = labels.get(target)
    if (index === undefined || index >= count) throw new Error(`BPF: nothing stands at the label ${target}`)
    const jump = index - at - 1
    if (jump < 0 || jump > MAX_JUMP) throw new Error(`BPF: the jump to ${target} spans ${jump} instructions`)
    return jump
  }
  for (const line of lines) {
    switch (line.kind) {
      case "label":
        break
      case "load":
        emit(opcodes.load, 0, 0, line.offset)
        break
      case "and":
        emit(opcodes.and, 0, 0, line.value)
        break
      case "return":
        emit(opcodes.return, 0, 0, line.value)
        break
      case "jump":
        emit(opcodes[line.test], distance(line.yes), distance(line.no), line.value)
        break
    }
  }
  return program
}
