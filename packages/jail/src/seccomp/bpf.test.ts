import { expect, it } from "@effect/vitest"
import { and, assemble, ifAnyBit, ifAtLeast, ifEqual, label, load, ret } from "./bpf.ts"

const instructions = (program: Buffer) =>
  Array.from({ length: program.length / 8 }, (_, index) => [
    program.readUInt16LE(index * 8),
    program.readUInt8(index * 8 + 2),
    program.readUInt8(index * 8 + 3),
    program.readUInt32LE(index * 8 + 4)
  ])

it("encodes what linux/bpf_common.h says", () => {
  const program = assemble([
    load(4),
    ifEqual(0xc000003e, { yes: "end", no: "next" }),
    label("next"),
    and(0xf),
    ifAnyBit(0x40000000, { no: "end" }),
    ifAtLeast(470, { yes: "end" }),
    ret(0x7fff0000),
    label("end"),
    ret(0x80000000)
  ])

  expect(instructions(program)).toEqual([
    [0x20, 0, 0, 4],
    [0x15, 4, 0, 0xc000003e],
    [0x54, 0, 0, 0xf],
    [0x45, 0, 2, 0x40000000],
    [0x35, 1, 0, 470],
    [0x06, 0, 0, 0x7fff0000],
    [0x06, 0, 0, 0x80000000]
  ])
})

it("refuses a jump that can't be encoded, rather than jumping elsewhere", () => {
  const far = Array.from({ length: 256 }, () => load(0))
  expect(() => assemble([ifEqual(1, { yes: "end" }), ...far, label("end"), ret(0)])).toThrow("spans 256")
  expect(() => assemble([ifEqual(1, { yes: "end" }), ...far.slice(1), label("end"), ret(0)])).not.toThrow()
})

it("refuses a label that is missing, behind, double or at the end of nothing", () => {
  expect(() => assemble([ifEqual(1, { yes: "nowhere" }), ret(0)])).toThrow("nowhere")
  expect(() => assemble([label("start"), load(0), ifEqual(1, { yes: "start" }), ret(0)])).toThrow("spans")
  expect(() => assemble([label("a"), ret(0), label("a"), ret(0)])).toThrow("twice")
  expect(() => assemble([ifEqual(1, { yes: "end" }), ret(0), label("end")])).toThrow("end")
  expect(() => assemble([])).toThrow("0 instructions")
})
