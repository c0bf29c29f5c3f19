import { expect, it } from "@effect/vitest"
import * as fc from "effect/testing/FastCheck"
import { encodeFrame, FrameError, FrameReader, maxHeaderBytes, maxPayloadBytes } from "./frames.ts"

it("frames come out as they went in, however the bytes are cut", () => {
  const frame = fc.record({
    header: fc.dictionary(fc.string(), fc.jsonValue()),
    payload: fc.uint8Array({ maxLength: 300 })
  })
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      (frames, cuts) => {
        const bytes = Buffer.concat(frames.flatMap(({ header, payload }) => [...encodeFrame(header, payload)]))
        const reader = new FrameReader()
        const read = []
        for (let offset = 0, turn = 0; offset < bytes.length; turn++) {
          const length = cuts[turn % cuts.length] ?? 1
          read.push(...reader.push(bytes.subarray(offset, offset + length)))
          offset += length
        }
        expect(read.map(({ header, payload }) => [header, Buffer.from(payload)])).toEqual(
          frames.map(({ header, payload }) => [JSON.parse(JSON.stringify(header)), Buffer.from(payload)])
        )
      }
    )
  )
})

it.each([
  [maxHeaderBytes + 1, 0],
  [2, maxPayloadBytes + 1],
  [0xffffffff, 0xffffffff]
])("a claim of %i and %i bytes is refused before they come", (header, payload) => {
  const claim = Buffer.alloc(8)
  claim.writeUInt32BE(header, 0)
  claim.writeUInt32BE(payload, 4)
  expect(() => new FrameReader().push(claim)).toThrow(FrameError)
})

it("what is too large is not sent", () => {
  expect(() => encodeFrame({}, new Uint8Array(maxPayloadBytes + 1))).toThrow(FrameError)
})
