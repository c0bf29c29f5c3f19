/** The jail is good to work in: npm, a compiler, git, the starting user's own Node, search without ripgrep. */
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { cpSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import * as path from "node:path"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Jail, type JailOptions } from "./Jail.ts"
import { type Ground, ground, optionsOn, pinnedNode } from "./testing.ts"

/** What the test's own registry serves. */
const probe = "choir-probe"

const run = Effect.fnUntraced(function* (script: string) {
  const { spawn } = yield* Jail
  const child = yield* spawn({ argv: ["/bin/bash", "-c", `exec 2>&1\n${script}`] })
  return yield* child.output.pipe(
    Stream.runFold(
      () => "",
      (all, item) => (item.kind === "output" ? all + Buffer.from(item.data).toString() : `${all}exit ${item.code}\n`)
    )
  )
})

const inJail = <A, E>(options: (on: Ground) => Partial<JailOptions>, body: Effect.Effect<A, E, Jail>) =>
  Effect.scoped(
    Effect.flatMap(ground(), (on) =>
      Effect.provide(body, Jail.layer({ ...optionsOn(on, "bubblewrap"), ...options(on) }))
    )
  )

/** A registry with one package, on loopback. */
const registry = (folder: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      mkdirSync(path.join(folder, "package"))
      writeFileSync(path.join(folder, "package/package.json"), JSON.stringify({ name: probe, version: "1.0.0" }))
      writeFileSync(path.join(folder, "package/index.js"), "module.exports = 'from the registry'\n")
      const tarball = path.join(folder, "probe.tgz")
      execFileSync("tar", ["-czf", tarball, "-C", folder, "package"])
      const bytes = readFileSync(tarball)
      const server = createServer((request, response) => {
        const base = `http://localhost:${portOf(server)}`
        if (request.url?.endsWith(".tgz") === true) return response.end(bytes)
        if (request.url !== `/${probe}`) return response.writeHead(404).end("{}")
        const dist = {
          tarball: `${base}/probe.tgz`,
          integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}`
        }
        const version = { name: probe, version: "1.0.0", dist }
        return response
          .setHeader("content-type", "application/json")
          .end(JSON.stringify({ name: probe, "dist-tags": { latest: "1.0.0" }, versions: { "1.0.0": version } }))
      })
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      return server
    }),
    (server) => Effect.sync(() => server.close())
  )

const portOf = (server: ReturnType<typeof createServer>): number => {
  const address = server.address()
  return address !== null && typeof address === "object" ? address.port : 0
}

it.live("npm installs through the proxy what the policy allows, and nothing else", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const on = yield* ground()
      const server = yield* registry(on.folder)
      const install = `export NO_PROXY= no_proxy=; mkdir -p app && cd app && npm install --registry=http://localhost:${portOf(server)} --fetch-retries=0 ${probe} && node -p "require('${probe}')"`
      const policy = { mode: "open", allow: [`localhost:${portOf(server)}`] } as const
      const allowed = yield* Effect.provide(run(install), Jail.layer({ ...optionsOn(on, "bubblewrap"), policy }))
      expect(allowed).toContain("from the registry\nexit 0")
      const refused = yield* Effect.provide(run(`rm -rf app; ${install}`), Jail.layer(optionsOn(on, "bubblewrap")))
      expect(refused).toMatch(/403/)
      expect(refused).not.toContain("from the registry")
    })
  )
)

it.live("git, perl, python or a compiler work as far as this machine has them, and /tmp and /dev/shm take files", () =>
  inJail(
    () => ({}),
    Effect.gen(function* () {
      const git = yield* run(
        "git init -q repo && cd repo && git config user.email a@b && git config user.name n && echo x > x && git add x && git commit -qm first && git log --format=%s"
      )
      expect(git).toBe("first\nexit 0\n")
      expect(yield* run("echo 'int main(void) { return 0; }' > a.c && cc a.c -o a && ./a && echo compiled")).toBe(
        "compiled\nexit 0\n"
      )
      expect(
        yield* run(
          "echo a > /tmp/a && echo b > /dev/shm/b && echo c > ~/c && cat /tmp/a /dev/shm/b ~/c && ls -d /var/tmp/a"
        )
      ).toBe("a\nb\nc\n/var/tmp/a\nexit 0\n")
      expect(yield* run("whoami; hostname; date +%Z | grep -q . && echo zoned; nproc | grep -q . && echo cores")).toBe(
        "choir\nchoir\nzoned\ncores\nexit 0\n"
      )
    })
  )
)

it.live("a server started in a terminal is reached from a command", () =>
  inJail(
    () => ({}),
    Effect.gen(function* () {
      const { ptys } = yield* Jail
      const script =
        "require('http').createServer((q, s) => s.end('served')).listen(3000, () => require('fs').writeFileSync('up', '1'))"
      yield* ptys.open({ id: "dev", argv: ["node", "-e", script] })
      expect(yield* run("until test -s up; do sleep 0.02; done; curl -s http://localhost:3000/")).toBe("servedexit 0\n")
    })
  )
)

it.live("the starting user's own Node and npm come first", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const on = yield* ground()
      const prefix = path.join(on.folder, "own")
      mkdirSync(path.join(prefix, "bin"), { recursive: true })
      mkdirSync(path.join(prefix, "lib/node_modules"), { recursive: true })
      // Another file than the pinned one, as another version would be.
      cpSync(pinnedNode, path.join(prefix, "bin/node"))
      const npm = realpathSync(execFileSync("sh", ["-c", "command -v npm"], { encoding: "utf8" }).trim())
      symlinkSync(path.dirname(path.dirname(npm)), path.join(prefix, "lib/node_modules/npm"))
      const before = process.env.PATH
      process.env.PATH = `${prefix}/bin:${before}`
      try {
        const shown = yield* Effect.provide(
          run("command -v node npm npx; node --version; npm --version"),
          Jail.layer(optionsOn(on, "bubblewrap"))
        )
        expect(shown).toContain("/opt/node/bin/node\n/opt/node/bin/npm\n/opt/node/bin/npx\n")
        expect(shown).toContain(`${process.version}\n`)
        expect(shown).toMatch(/exit 0/)
      } finally {
        process.env.PATH = before
      }
    })
  )
)

it.live("without ripgrep and mkfifo search finds the same, and a pattern that never ends is stopped", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const on = yield* ground()
      const searches = Effect.gen(function* () {
        const { files, spawn } = yield* Jail
        yield* files.write("s/a.ts", Buffer.from("one\n  two needle\nthree NEEDLE\n"), { mkdirs: true })
        yield* files.write("s/deep/b.ts", Buffer.from("wörld needle.*\n"), { mkdirs: true })
        yield* files.write("s/c.md", Buffer.from("needle\n"))
        yield* files.write("s/.git/d.ts", Buffer.from("needle\n"), { mkdirs: true })
        yield* files.write("s/binary.ts", Buffer.from("\0\x01needle\n"))
        const child = yield* spawn({ argv: ["/bin/sh", "-c", "echo out; echo err >&2"] })
        const lines = yield* Stream.runCollect(Stream.filter(child.output, (item) => item.kind === "output"))
        expect(lines).toHaveLength(2)
        return yield* Effect.all([
          files.search({ pattern: "n.edle", path: "s" }),
          files.search({ pattern: "needle", path: "s", glob: "*.ts", ignoreCase: true }),
          files.search({ pattern: "needle.*", path: "s", literal: true }),
          files.search({ pattern: "needle", path: "s/c.md" }),
          files.search({ pattern: "nothing like it", path: "s" })
        ])
      })
      const options = optionsOn(on, "bubblewrap")
      const found = yield* Effect.provide(searches, Jail.layer(options))
      expect(found[1].matches).toHaveLength(3)
      const bare = Jail.layer({ ...options, env: { PATH: "/nowhere" } })
      expect(yield* Effect.provide(searches, bare)).toEqual(found)

      const late = Effect.gen(function* () {
        const { files } = yield* Jail
        yield* files.write("s/evil", Buffer.from(`${"a".repeat(60)}!\n`))
        return yield* Effect.flip(files.search({ pattern: "^(a+)+$", path: "s/evil", timeoutMs: 300 }))
      })
      expect(yield* Effect.provide(late, bare)).toMatchObject({ reason: "timeout" })
    })
  )
)
