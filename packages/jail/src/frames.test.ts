import { expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { encodeFrame, FrameError, FrameReader, maxHeaderBytes, maxPayloadBytes } from "./frames.ts"

const Frame = Schema.Struct({
  header: Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Int, Schema.Array(Schema.Boolean)])),
  payload: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 })))
})
const Cuts = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 50 }))).check(Schema.isMinLength(1))

it.prop("frames come out as they went in, however the bytes are cut", [Schema.Array(Frame), Cuts], ([frames, cuts]) => {
  const parts = frames.flatMap(({ header, payload }) => [...encodeFrame(header, Uint8Array.from(payload))])
  const bytes = Buffer.concat(parts)
  const reader = new FrameReader()
  const read = []
  for (let offset = 0, turn = 0; offset < bytes.length; turn++) {
    const length = cuts[turn % cuts.length] ?? 1
    read.push(...reader.push(bytes.subarray(offset, offset + length)))
    offset += length
  }
  expect(read.map(({ header, payload }) => ({ header, payload: [...payload] }))).toEqual(
    frames.map(({ header, payload }) => ({ header: JSON.parse(JSON.stringify(header)), payload }))
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
