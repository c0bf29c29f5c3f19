/** Who is let in, over which name, and from which page. */
import { statSync } from "node:fs"
import { request } from "node:http"
import * as Path from "node:path"
import { describe, expect, it } from "vitest"
import { ask, openLine, startProduct } from "./support/product.ts"

const raw = (url: string, method: string, headers: Readonly<Record<string, string>>, body?: string) =>
  new Promise<{ status: number; headers: Readonly<Record<string, unknown>>; body: string }>((resolve, reject) => {
    const call = request(url, { method, headers }, (response) => {
      let text = ""
      response.on("data", (data: Buffer) => {
        text += data.toString()
      })
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    })
    call.on("error", reject)
    call.end(body)
  })

const json = { "content-type": "application/json" }
const message = JSON.stringify({ actor_id: "amy", user_id: "me", text: "hi" })

describe("bound to loopback", () => {
  it("answers for its own names alone, so that a rebound name reaches nothing", async () => {
    const { url } = await startProduct()
    const { port } = new URL(url)
    for (const host of ["evil.example", `evil.example:${port}`, "localhost.evil.example", "169.254.169.254"]) {
      expect([host, (await raw(`${url}/health`, "GET", { host })).status]).toEqual([host, 421])
    }
    for (const host of ["localhost", `127.0.0.1:${port}`, `[::1]:${port}`, "LOCALHOST"]) {
      expect([host, (await raw(`${url}/health`, "GET", { host })).status]).toEqual([host, 200])
    }
  })

  it("refuses what a page of another origin sends, and lets scripts and its own page pass", async () => {
    const { url } = await startProduct()
    const { host } = new URL(url)
    const send = (headers: Readonly<Record<string, string>>) =>
      raw(`${url}/chat/send`, "POST", { ...json, ...headers }, message).then((reply) => reply.status)
    for (const origin of [
      "https://evil.example",
      "null",
      `http://${host}.evil.example`,
      "http://localhost:1",
      `ftp://${host}`
    ]) {
      expect([origin, await send({ origin })]).toEqual([origin, 403])
    }
    expect(await send({ "sec-fetch-site": "cross-site" })).toBe(403)
    expect(await send({ "sec-fetch-site": "same-site" })).toBe(403)
    expect(await send({ origin: `http://${host}`, "sec-fetch-site": "same-origin" })).toBe(200)
    expect(await send({})).toBe(200)
    const { body } = await ask(`${url}/chat/amy/messages`)
    expect(
      (body as { messages: ReadonlyArray<{ sender: string }> }).messages.filter((one) => one.sender === "User")
    ).toHaveLength(2)
  })

  it("refuses a foreign page's sockets before the upgrade", async () => {
    const { url } = await startProduct()
    for (const path of ["/ws/chat/amy", "/ws/events"]) {
      await expect(openLine(`${url}${path}`, { origin: "https://evil.example" })).rejects.toThrow("403")
      await expect(openLine(`${url}${path}`, { origin: "null" })).rejects.toThrow("403")
      await openLine(`${url}${path}`, { origin: url })
      expect((await raw(`${url}${path}`, "GET", {})).status).toBe(426)
    }
  })

  it("sends the same strict headers with everything", async () => {
    const { url } = await startProduct()
    for (const path of ["/health", "/docs", "/nowhere"]) {
      const { headers } = await raw(`${url}${path}`, "GET", {})
      expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" })
      expect(headers["content-security-policy"]).toMatch(/default-src 'self'.*frame-ancestors 'none'/)
      expect(headers["content-security-policy"]).not.toContain("unsafe")
    }
    // The desktop's own page has a policy of its own: no script but its own, and none out of text.
    const { headers } = await raw(`${url}/`, "GET", {})
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" })
    expect(headers["content-security-policy"]).toMatch(/default-src '(?:none|self)'.*frame-ancestors 'none'/)
    expect(headers["content-security-policy"]).not.toMatch(/unsafe-eval|script-src[^;]*unsafe/)
  })
})

describe("bound beyond loopback", () => {
  it("needs the token that it printed: as a cookie for browsers, as a bearer for scripts", async () => {
    const product = await startProduct({ env: { HOST: "0.0.0.0" } })
    const printed = new URL(product.url)
    const token = printed.searchParams.get("token") ?? ""
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(statSync(Path.join(product.home, "token")).mode & 0o777).toBe(0o600)
    const base = `http://127.0.0.1:${printed.port}`
    expect((await raw(`${base}/health`, "GET", {})).status).toBe(401)
    expect((await raw(`${base}/?token=wrong`, "GET", {})).status).toBe(401)
    expect((await raw(`${base}/health`, "GET", { authorization: "Bearer wrong" })).status).toBe(401)
    expect((await raw(`${base}/health`, "GET", { authorization: `Bearer ${token}` })).status).toBe(200)
    await expect(openLine(`${base}/ws/events`)).rejects.toThrow("401")
    const exchanged = await raw(`${base}/?token=${token}`, "GET", {})
    expect(exchanged).toMatchObject({ status: 303, headers: { location: "/" } })
    const [cookie = ""] = exchanged.headers["set-cookie"] as ReadonlyArray<string>
    expect(cookie).toMatch(/HttpOnly/i)
    expect(cookie).toMatch(/SameSite=Strict/i)
    expect((await raw(`${base}/`, "GET", { cookie: cookie.split(";")[0] ?? "" })).status).toBe(200)
    await product.stop()
    const again = await startProduct({ home: product.home, env: { HOST: "0.0.0.0" } })
    expect(new URL(again.url).searchParams.get("token")).toBe(token)
  })
})
