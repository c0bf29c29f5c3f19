/**
 * A `fetch` that ends a connection on which nothing comes.
 *
 * Law: only silence on the wire counts, not a slow reader and not a model that thinks while its server sends pings.
 */

/** What a request fails with when its connection was silent. */
export class SilentConnection extends Error {
  override readonly name = "SilentConnection"
  readonly idleMs: number
  constructor(idleMs: number) {
    super(`nothing came for ${idleMs} ms`)
    this.idleMs = idleMs
  }
}

export const fetchUntilSilent =
  (idleMs: number): typeof globalThis.fetch =>
  async (input, init) => {
    const own = new AbortController()
    const outer = init?.signal
    const forward = () => own.abort(outer?.reason)
    if (outer?.aborted === true) forward()
    else outer?.addEventListener("abort", forward, { once: true })

    let silence: NodeJS.Timeout | undefined
    const listen = () => {
      silence = setTimeout(() => own.abort(new SilentConnection(idleMs)), idleMs)
    }
    const heard = () => clearTimeout(silence)
    const ended = () => {
      heard()
      outer?.removeEventListener("abort", forward)
    }

    listen()
    let response: Response
    try {
      response = await fetch(input, { ...init, signal: own.signal })
    } catch (error) {
      ended()
      throw error
    }
    heard()
    if (response.body === null) {
      ended()
      return response
    }

    const reader = response.body.getReader()
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          listen()
          try {
            const { done, value } = await reader.read()
            heard()
            if (done) {
              ended()
              controller.close()
            } else controller.enqueue(value)
          } catch (error) {
            ended()
            controller.error(error)
          }
        },
        cancel(reason) {
          ended()
          return reader.cancel(reason)
        }
      },
      { highWaterMark: 0 }
    )
    return new Response(body, { status: response.status, statusText: response.statusText, headers: response.headers })
  }
