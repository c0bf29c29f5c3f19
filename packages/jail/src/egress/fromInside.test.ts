/**
 * The way out as a program in the jail sees it: a network of its own in which nothing is, the forwarder, and the proxy.
 */
import { spawn } from "node:child_process"
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { connect } from "node:net"
import { networkInterfaces, tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { startEgress } from "./Egress.ts"

const UNPRIVILEGED = 64_001
const identity = process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : null

/** Runs inside; tells what became of each attempt as one JSON object. */
const attempts = `
  import { get } from "node:http"
  import { connect } from "node:net"
  import { lookup } from "node:dns/promises"
  import { egressForwarder } from "./egressForwarder.ts"
  const [socketPath, port, own] = process.argv.slice(2)
  const forwarder = await egressForwarder({ port: 0, socketPath })
  const proxied = (url) => new Promise((resolve) => {
    get({ host: "127.0.0.1", port: forwarder.port, path: url, agent: false }, (response) => {
      let body = ""
      response.on("data", (data) => { body += data }).on("end", () => resolve(response.statusCode + " " + body))
    })
  })
  const direct = (target) => new Promise((resolve) => {
    const socket = connect(target)
    socket.on("connect", () => { socket.destroy(); resolve("connected") }).on("error", (error) => resolve(error.code))
  })
  console.log(JSON.stringify({
    allowed: await proxied("http://allowed.example/"),
    loopback: await proxied("http://localhost:" + port + "/"),
    metadata: await proxied("http://169.254.169.254/latest/meta-data/"),
    self: await proxied("http://self.example:" + port + "/"),
    directLoopback: await direct({ host: "127.0.0.1", port: Number(port) }),
    directSelf: await direct({ host: own, port: Number(port) }),
    directPublic: await direct({ host: "93.184.215.14", port: 80 }),
    directMetadata: await direct({ host: "169.254.169.254", port: 80 }),
    abstractSocket: await direct({ path: "\\0choir-egress-test-" + port }),
    name: await lookup("allowed.example").catch((error) => error.code)
  }))
  await forwarder.close()`

const inside = (folder: string, socketPath: string, port: number, own: string) =>
  Effect.callback<string, Error>((resume) => {
    const child = spawn(
      "bwrap",
      [
        ...["--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/", "/", "--proc", "/proc"],
        ...["--dev", "/dev", "--tmpfs", "/run", "--ro-bind", socketPath, "/run/egress.sock"],
        ...[join(folder, "node"), join(folder, "attempts.mjs"), "/run/egress.sock", String(port), own]
      ],
      { ...identity, cwd: "/", env: {}, stdio: ["ignore", "pipe", "pipe"] }
    )
    let stdout = ""
    let stderr = ""
    child.stdout.on("data", (data) => {
      stdout += String(data)
    })
    child.stderr.on("data", (data) => {
      stderr += String(data)
    })
    child.on("error", (cause) =>
      resume(Effect.fail(new Error("bubblewrap doesn't start: install the package bubblewrap", { cause })))
    )
    child.on("close", (code) =>
      resume(code === 0 ? Effect.succeed(stdout) : Effect.fail(new Error(`the jail ended with ${code}: ${stderr}`)))
    )
    return Effect.sync(() => child.kill("SIGKILL"))
  })

it.live("from inside the jail there is the proxy, and nothing else", () =>
  Effect.gen(function* () {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "choir-inside-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
    )
    chmodSync(folder, 0o711)
    copyFileSync(process.execPath, join(folder, "node"))
    for (const file of ["egressForwarder.ts", "joinSockets.ts"]) {
      copyFileSync(new URL(file, import.meta.url), join(folder, file))
      chmodSync(join(folder, file), 0o644)
    }
    writeFileSync(join(folder, "attempts.mjs"), attempts, { mode: 0o644 })

    // On every address of this machine, so that each attempt would find it.
    const server = createServer((_, response) => response.end("reached"))
    const port = yield* Effect.acquireRelease(
      Effect.callback<number>((resume) => {
        server.listen(0, "0.0.0.0", () => {
          const address = server.address()
          if (address === null || typeof address === "string") throw new Error("no port")
          resume(Effect.succeed(address.port))
        })
      }),
      () => Effect.sync(() => server.close())
    )
    const abstract = createServer().listen(`\0choir-egress-test-${port}`)
    yield* Effect.addFinalizer(() => Effect.sync(() => abstract.close()))

    const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? [])
    const own = addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.2"
    const socketPath = join(folder, "egress.sock")
    const names: Record<string, string> = { "allowed.example": "93.184.215.14", "self.example": own }
    yield* startEgress({
      socketPath,
      policy: { mode: "open", allow: [] },
      resolve: async (name) => [names[name] ?? "127.0.0.1"],
      connect: () => connect({ host: "127.0.0.1", port, allowHalfOpen: true }),
      ...(identity === null ? {} : { owner: identity })
    })

    expect(JSON.parse(yield* inside(folder, socketPath, port, own))).toEqual({
      allowed: "200 reached",
      loopback: expect.stringMatching(/^403 ChoirOS: localhost has an address of this machine/),
      metadata: expect.stringMatching(/^403 ChoirOS: 169.254.169.254:80 is an address/),
      self: expect.stringMatching(/^403 ChoirOS: self.example has an address of this machine/),
      directLoopback: "ECONNREFUSED",
      directSelf: expect.stringMatching(/^(ENETUNREACH|ECONNREFUSED)$/),
      directPublic: "ENETUNREACH",
      directMetadata: "ENETUNREACH",
      abstractSocket: "ECONNREFUSED",
      name: expect.stringMatching(/^E/)
    })
  })
)
