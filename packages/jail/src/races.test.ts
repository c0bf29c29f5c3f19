/** Folders and files that turn into links to the outside while they are used: every file operation, thousands of times. */
import { chmodSync, mkdirSync } from "node:fs"
import * as path from "node:path"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { Jail } from "./Jail.ts"
import { ground, jailOn } from "./testing.ts"

const rounds = 150

/** `d` is a folder, then a link to the outside, then a folder; `f` is a file, then a link to a file outside. */
const swapper = (outside: string) => `
  $| = 1; print "swapping\\n";
  while (1) {
    rename("d", "d-real"); symlink("${outside}", "d");
    rename("f", "f-real"); symlink("${outside}/file", "f");
    select(undef, undef, undef, 0.0003);
    unlink("f"); rename("f-real", "f");
    unlink("d"); rename("d-real", "d");
    select(undef, undef, undef, 0.0003);
  }`

const prepare = (folder: string) =>
  `mkdir -p ${folder}/sub; for name in file victim mover sub/deep; do echo -n secret > ${folder}/$name; done`

for (const driver of ["bubblewrap", "none"] as const) {
  it.live(
    `${driver}: a swapped folder or file never leads a file operation out`,
    () =>
      Effect.scoped(
        Effect.gen(function* () {
          const on = yield* ground()
          // Under bubblewrap the nearest outside is the jail's own /tmp; without it, a folder that anyone may write to.
          const outside = driver === "bubblewrap" ? "/tmp/outside" : path.join(on.folder, "outside")
          if (driver === "none") {
            mkdirSync(outside)
            chmodSync(outside, 0o777)
          }

          yield* Effect.provide(
            Effect.gen(function* () {
              const { files, spawn } = yield* Jail
              const shell = (script: string) =>
                Effect.flatMap(spawn({ argv: ["bash", "-c", script] }), (child) =>
                  Stream.runFold(
                    child.output,
                    () => "",
                    (all, item) => (item.kind === "output" ? all + Buffer.from(item.data).toString() : all)
                  )
                )
              yield* shell(`umask 0; ${prepare(outside)}; mkdir d; echo -n inside > d/file; echo -n inside > f`)
              const before = yield* shell(`cd ${outside} && find . -type f -exec sha256sum {} + | sort; find . | sort`)
              const swapping = yield* spawn({ argv: ["perl", "-e", swapper(outside)] })
              yield* Stream.runDrain(Stream.take(swapping.output, 1))

              let through = 0
              for (let round = 0; round < rounds; round++) {
                const exits = yield* Effect.all(
                  [
                    Effect.exit(files.read("d/file")),
                    Effect.exit(files.read("f")),
                    Effect.exit(files.list("d", { recursive: true })),
                    Effect.exit(files.write("d/new", Buffer.from("x"))),
                    Effect.exit(files.write("d/file", Buffer.from("inside"))),
                    Effect.exit(files.write("f", Buffer.from("inside"))),
                    Effect.exit(files.write("d/made/file", Buffer.from("x"), { mkdirs: true })),
                    Effect.exit(files.mkdir(`d/folder-${round}`)),
                    Effect.exit(files.move("d/mover", "d/moved")),
                    Effect.exit(files.move("d/file", `taken-${round}`)),
                    Effect.exit(files.remove("d/victim")),
                    Effect.exit(files.remove("d/sub", { recursive: true })),
                    Effect.exit(files.stat("d/deep"))
                  ],
                  { concurrency: 4 }
                )
                through += exits.filter((exit) => exit._tag === "Success").length
                for (const read of [exits[0], exits[1]]) {
                  if (Exit.isSuccess(read)) expect(Buffer.from(read.value.bytes).toString()).not.toBe("secret")
                }
                if (Exit.isSuccess(exits[2])) {
                  expect(exits[2].value.entries.map((entry) => path.basename(entry.path))).not.toContain("deep")
                }
              }
              yield* swapping.kill("SIGKILL")
              yield* swapping.closed
              // The operations did work in between: else nothing was tried.
              expect(through).toBeGreaterThan(rounds)
              expect(yield* shell(`cd ${outside} && find . -type f -exec sha256sum {} + | sort; find . | sort`)).toBe(
                before
              )
              expect(yield* shell("cat taken-* 2>/dev/null")).not.toContain("secret")
            }),
            jailOn(on, driver)
          )
        })
      ),
    60_000
  )
}
