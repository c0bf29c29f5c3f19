import { describe, expect, it } from "vitest"
import { countsOfDiff, parseDiff } from "./diffLines.ts"

const patch = `--- a/src/a.ts
+++ b/src/a.ts
@@ -1,3 +1,4 @@ function x
 one
--- two
+++ two
+three
 four
\\ No newline at end of file
--- /dev/null
+++ b.md
@@ -0,0 +1 @@
+hello
`

describe("a unified diff", () => {
  it("has files, counts and numbered lines; a removed `-- two` is no file", () => {
    const files = parseDiff(patch)
    expect(files.map(({ path, state, added, removed }) => ({ path, state, added, removed }))).toEqual([
      { path: "src/a.ts", state: "changed", added: 2, removed: 1 },
      { path: "b.md", state: "added", added: 1, removed: 0 }
    ])
    expect(files[0]?.lines.map(({ kind, text, before, after }) => [kind, text, before, after])).toEqual([
      ["hunk", "function x", 1, 1],
      ["context", "one", 1, 1],
      ["removed", "-- two", 2, null],
      ["added", "++ two", null, 2],
      ["added", "three", null, 3],
      ["context", "four", 3, 4],
      ["note", "No newline at end of file", null, null]
    ])
  })

  it("tells of a missing last line break only where it is another than before", () => {
    const end = "\\ No newline at end of file\n"
    const both = parseDiff(`--- a\n+++ a\n@@ -1 +1 @@\n-x\n${end}+y\n${end}`)
    expect(both[0]?.lines.map(({ kind }) => kind)).toEqual(["hunk", "removed", "added"])
  })

  it("says of an excerpt what the whole has", () => {
    expect(countsOfDiff(`${patch}[+120 -7 in all; 4000 characters left out]\n`)).toEqual({ added: 120, removed: 7 })
    expect(countsOfDiff(patch)).toEqual({ added: 3, removed: 1 })
  })

  it("shows what is no diff as it is", () => {
    expect(parseDiff("binary files differ\n")[0]?.lines).toMatchObject([{ kind: "note", text: "binary files differ" }])
    expect(parseDiff("")).toEqual([])
  })

  it("knows a deleted and a renamed file", () => {
    expect(parseDiff("--- a/x.ts\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n")[0]).toMatchObject({
      path: "x.ts",
      state: "deleted"
    })
    expect(parseDiff("diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n")[0]).toMatchObject({
      path: "y",
      state: "renamed"
    })
  })
})
