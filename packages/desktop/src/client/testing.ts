/** A socket whose other end is the test. */
export class FakeSocket {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static all: Array<FakeSocket> = []
  readonly sent: Array<object> = []
  readyState = FakeSocket.CONNECTING
  isClosed = false
  onopen: () => void = () => undefined
  onmessage: (message: { readonly data: string }) => void = () => undefined
  onclose: () => void = () => undefined

  constructor() {
    FakeSocket.all.push(this)
  }
  send(data: string): void {
    this.sent.push(JSON.parse(data))
  }
  close(): void {
    this.isClosed = true
  }
  opens(): void {
    this.readyState = FakeSocket.OPEN
    this.onopen()
  }
  closes(): void {
    this.readyState = 3
    this.onclose()
  }
  says(...frames: ReadonlyArray<object>): void {
    for (const frame of frames) this.onmessage({ data: JSON.stringify(frame) })
  }
}
