/**
 * The frames between server and host: a length, a JSON header and raw bytes.
 *
 *   u32 length of header │ u32 length of payload │ header (JSON, UTF-8) │ payload
 *
 * Law: a reader never holds more than one frame of the largest allowed size, whatever the other side claims.
 */

/** Bytes. A listing of ten thousand entries fits. */
export const maxHeaderBytes = 4 * 1024 * 1024
/** Bytes. The largest file part or serialized screen in one frame. */
export const maxPayloadBytes = 16 * 1024 * 1024

const prefixBytes = 8

export interface Frame {
  readonly header: unknown
  readonly payload: Uint8Array
}

export class FrameError extends Error {
  override readonly name = "FrameError"
}

const empty = new Uint8Array(0)

/** The parts of one frame; the payload is not copied. */
export const encodeFrame = (header: object, payload: Uint8Array = empty): ReadonlyArray<Uint8Array> => {
  const json = Buffer.from(JSON.stringify(header))
  if (json.length > maxHeaderBytes || payload.length > maxPayloadBytes) {
    throw new FrameError(`A frame of ${json.length} and ${payload.length} bytes is over the limit.`)
  }
  const head = Buffer.allocUnsafe(prefixBytes + json.length)
  head.writeUInt32BE(json.length, 0)
  head.writeUInt32BE(payload.length, 4)
  json.copy(head, prefixBytes)
  return payload.length === 0 ? [head] : [head, payload]
}

/** Cuts a byte stream into frames. Throws `FrameError` at the first claim over a limit and at a header that is no JSON. */
export class FrameReader {
  private chunks: Array<Buffer> = []
  private held = 0

  push(chunk: Buffer): ReadonlyArray<Frame> {
    this.chunks.push(chunk)
    this.held += chunk.length
    const frames: Array<Frame> = []
    for (;;) {
      if (this.held < prefixBytes) return frames
      const prefix = this.front(prefixBytes)
      const headerBytes = prefix.readUInt32BE(0)
      const payloadBytes = prefix.readUInt32BE(4)
      if (headerBytes > maxHeaderBytes || payloadBytes > maxPayloadBytes) {
        throw new FrameError(`A frame claims ${headerBytes} and ${payloadBytes} bytes, which is over the limit.`)
      }
      const total = prefixBytes + headerBytes + payloadBytes
      if (this.held < total) return frames
      const bytes = this.front(total)
      this.drop(total)
      frames.push({
        header: parse(bytes.subarray(prefixBytes, prefixBytes + headerBytes)),
        payload: payloadBytes === 0 ? empty : bytes.subarray(prefixBytes + headerBytes, total)
      })
    }
  }

  /** The first `length` bytes as one buffer; they stay held. */
  private front(length: number): Buffer {
    const first = this.chunks[0]
    if (first !== undefined && first.length >= length) return first.subarray(0, length)
    // Joining once a frame keeps the cost linear: a frame's bytes are copied only when they came in parts.
    const parts: Array<Buffer> = []
    let size = 0
    while (size < length) {
      const part = this.chunks.shift()
      if (part === undefined) break
      parts.push(part)
      size += part.length
    }
    const joined = Buffer.concat(parts, size)
    this.chunks.unshift(joined)
    return joined.subarray(0, length)
  }

  private drop(length: number): void {
    const first = this.chunks[0]
    if (first === undefined) return
    if (first.length === length) this.chunks.shift()
    else this.chunks[0] = first.subarray(length)
    this.held -= length
  }
}

const parse = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString("utf8"))
  } catch {
    throw new FrameError("A frame's header is not JSON.")
  }
}
