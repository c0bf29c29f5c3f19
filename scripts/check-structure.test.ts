import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, describe, expect, it } from "vitest"

const script = fileURLToPath(new URL("./check-structure.mjs", import.meta.url))

type Tree = { readonly [path: string]: string | object }

const roots: Array<string> = []

const check = (tree: Tree) => {
  const root = mkdtempSync(join(tmpdir(), "choiros-structure-"))
  roots.push(root)
  for (const [path, content] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content))
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, root], { encoding: "utf8" })
  expect(stderr).toBe("")
  return { status, problems: stdout.trim().split("\n").slice(0, -1) }
}

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true })
})

const sound: Tree = {
  "package.json": { name: "house", devDependencies: { vitest: "5.1.1" } },
  "packages/protocol/package.json": { name: "@choiros/protocol", dependencies: { effect: "4.1.0" } },
  "packages/protocol/src/index.ts": 'import * as Effect from "effect/Effect"\nexport const x = Effect.void\n',
  "packages/event-log/package.json": { name: "@choiros/event-log", dependencies: { "@choiros/protocol": "0.1.0" } },
  "packages/event-log/src/index.ts": 'import { x } from "@choiros/protocol"\nimport "./other.ts"\nexport { x }\n',
  "packages/event-log/src/other.ts": 'import { readFileSync } from "node:fs"\nexport const y = readFileSync\n',
  "packages/event-log/src/index.test.ts": 'import { it } from "vitest"\nit("works", () => {})\n',
  "package-lock.json": {
    packages: {
      "": { name: "house" },
      "node_modules/@choiros/protocol": { resolved: "packages/protocol", link: true },
      "node_modules/effect": { version: "4.1.0", license: "MIT", optionalDependencies: { fast: "1.0.0" } },
      "node_modules/fast": { version: "1.0.0", license: "(GPL-3.0-only OR Apache-2.0)", optional: true },
      "node_modules/tool": { version: "1.0.0", license: "GPL-3.0-only", dev: true }
    }
  }
}

const only = (change: Tree) => check({ ...sound, ...change })

// Apart from its quotes, so that the check of this file itself sees no import here.
const supervision = "@choiros/supervision"

const lockWith = (entries: object): Tree => ({ "package-lock.json": { packages: entries } })

describe("check-structure", () => {
  it("is content with a sound tree", () => {
    expect(check(sound)).toEqual({ status: 0, problems: [] })
  })

  const breaches: ReadonlyArray<readonly [what: string, change: Tree, problem: string]> = [
    [
      "a dependency against the direction",
      { "packages/protocol/package.json": { dependencies: { "@choiros/sandbox": "0.1.0", effect: "4.1.0" } } },
      "packages/protocol/package.json: protocol may not import sandbox (it may import: none of ours)"
    ],
    [
      "a package that is not in the order",
      { "packages/extra/package.json": { name: "@choiros/extra" } },
      "packages/extra/package.json: packages/extra has no place in the order of imports (scripts/check-structure.mjs)"
    ],
    [
      "a path into another package",
      { "packages/event-log/src/a.ts": 'import { x } from "../../protocol/src/index.ts"\n' },
      "packages/event-log/src/a.ts:1: import @choiros/protocol by its name, not by a path"
    ],
    [
      "a way past the public entry",
      { "packages/event-log/src/a.ts": 'export { x } from "@choiros/protocol/src/x.ts"\n' },
      "packages/event-log/src/a.ts:1: @choiros/protocol/src/x.ts goes past the public entry of @choiros/protocol"
    ],
    [
      "an import that is not declared",
      { "packages/event-log/src/a.ts": 'import y from "y/deep"\n' },
      "packages/event-log/src/a.ts:1: y is not in packages/event-log/package.json"
    ],
    [
      "a tool of the root in what is not a test",
      { "packages/event-log/src/a.ts": 'import { it } from "vitest"\n' },
      "packages/event-log/src/a.ts:1: vitest is not in packages/event-log/package.json"
    ],
    [
      "a test's import that nobody declares",
      { "packages/event-log/src/a.test.ts": 'import y from "y"\n' },
      "packages/event-log/src/a.test.ts:1: y is not in packages/event-log/package.json"
    ],
    [
      "a file that is too long",
      { "packages/protocol/src/long.ts": "\n".repeat(601) },
      "packages/protocol/src/long.ts: 601 lines (at most 600): split it by concept"
    ],
    [
      "a folder without a name",
      { "packages/protocol/src/utils/x.ts": "" },
      "packages/protocol/src/utils: a folder is named after what it holds"
    ],
    [
      "a file without a name",
      { "packages/protocol/src/Helpers.ts": "" },
      "packages/protocol/src/Helpers.ts: a file is named after what it holds"
    ],
    ...["TO" + "DO", "FIX" + "ME", "@ts-" + "ignore", "@ts-" + "expect-error", "biome-" + "ignore"].map(
      (word) =>
        [
          word,
          { "packages/protocol/src/a.ts": `const a = 1\n// ${word}: later\n` },
          `packages/protocol/src/a.ts:2: ${word}`
        ] as const
    ),
    ...["#fff", "#1a2b3c80", "rgb(0 0 0 / 50%", "hsl(1, 2%, 3%", "oklch(0.5 0.1 20", "red", "darkslategray"].map(
      (colour) =>
        [
          `the colour ${colour} in a style sheet`,
          {
            "packages/desktop/src/ui/Row.module.css": `/* red */\n.red {\n  border: 1px solid ${colour}${colour.includes("(") ? ")" : ""};\n}\n`
          },
          `packages/desktop/src/ui/Row.module.css:3: ${colour} is a raw colour: take a token of ui/tokens.css`
        ] as const
    ),
    ...[
      [".rows > * + * {", "* +"],
      [".on ~ * {", "~ *"],
      [".card:has(.open) {", ":has("]
    ].map(
      ([selector, costly]) =>
        [
          `the selector ${selector}`,
          {
            "packages/desktop/src/ui/Row.module.css": `/* a > * + b { */\n${selector}\n  margin: calc(1px * + 2px);\n}\n`
          },
          `packages/desktop/src/ui/Row.module.css:2: ${costly} has what is inserted anywhere style its window anew: take a class, or :not(:first-child)`
        ] as const
    ),
    ...[
      ["font-size: 11px", "11px"],
      ["padding: var(--space-1) 3px", "3px"],
      ["margin-inline-start: 7px", "7px"],
      ["border-top-left-radius: 4px", "4px"],
      ["gap: 0.5px", "0.5px"]
    ].map(
      ([declaration, size]) =>
        [
          `the size in ${declaration}`,
          { "packages/desktop/src/ui/Row.module.css": `/* gap: 1px; */\n.row {\n  ${declaration};\n}\n` },
          `packages/desktop/src/ui/Row.module.css:3: ${size} is a raw size: take a token of ui/tokens.css`
        ] as const
    ),
    [
      "a colour in a theme's source",
      { "packages/desktop/src/theme.ts": 'export const ink = "#0af"\n' },
      "packages/desktop/src/theme.ts:1: #0af is a raw colour: take a token of ui/tokens.css"
    ],
    [
      "a colour in a component's attribute",
      { "packages/desktop/src/Mark.tsx": 'export const mark = <path fill="red" />\n' },
      "packages/desktop/src/Mark.tsx:1: red is a raw colour: take a token of ui/tokens.css"
    ],
    [
      "a colour in a component's style",
      { "packages/desktop/src/Mark.tsx": 'export const style = {\n  borderColor: "#0af"\n}\n' },
      "packages/desktop/src/Mark.tsx:2: #0af is a raw colour: take a token of ui/tokens.css"
    ],
    ...["^1.0.0", "~1.0.0", "latest", "1.x", "*", "git+ssh://host/x"].map(
      (version) =>
        [
          `the version ${version}`,
          { "bench/package.json": { devDependencies: { y: version } } },
          `bench/package.json: y is "${version}", not one exact version`
        ] as const
    ),
    [
      "a host in the lock file",
      lockWith({ "node_modules/y": { resolved: "https://registry.example/y.tgz", license: "MIT" } }),
      "package-lock.json: node_modules/y names a host (https://registry.example/y.tgz)"
    ],
    [
      "a lock file without the packages of another platform",
      lockWith({ "node_modules/y": { license: "MIT", optionalDependencies: { "y-darwin": "1.0.0" } } }),
      "package-lock.json: y-darwin, optional for node_modules/y, is missing (newer npm refuses to install)"
    ],
    [
      "a licence that we may not ship, in the lock file",
      lockWith({ "node_modules/y": { license: "MIT AND GPL-3.0-only" } }),
      "node_modules/y: licence MIT AND GPL-3.0-only is not one that we may ship"
    ],
    [
      "a licence that we may not ship, in the installed package",
      { ...lockWith({ "node_modules/y": { license: "MIT" } }), "node_modules/y/package.json": { license: "SSPL-1.0" } },
      "node_modules/y: licence SSPL-1.0 is not one that we may ship"
    ],
    [
      "a package without a licence",
      lockWith({ "node_modules/y": {} }),
      "node_modules/y: licence unknown is not one that we may ship"
    ]
  ]

  for (const [what, change, problem] of breaches) {
    it(`finds ${what}`, () => {
      expect(only(change)).toEqual({ status: 1, problems: [problem] })
    })
  }

  it.each([
    ['import { s } from "@choiros/supervision"', 1],
    ['import type { s } from "@choiros/supervision"', 1],
    ['import {\n  s,\n  type T\n} from "@choiros/supervision"', 4],
    ['export { s } from "@choiros/supervision"', 1],
    ['export * from "@choiros/supervision"', 1],
    ['import "@choiros/supervision"', 1],
    [`\nconst s = await import("${supervision}")`, 2],
    [`type S = import("${supervision}").S`, 1]
  ])("sees the import in %j", (text, line) => {
    expect(only({ "packages/protocol/src/a.ts": `${text}\n` }).problems).toContain(
      `packages/protocol/src/a.ts:${line}: protocol may not import supervision (it may import: none of ours)`
    )
  })

  it("lets the tokens hold colours, and everything else take them from there", () => {
    expect(
      only({
        "packages/desktop/src/ui/tokens.css": ":root {\n  --red-500: #f00;\n}\n",
        "packages/desktop/src/ui/Row.module.css": [
          ".red,",
          "#fade:hover .white {",
          "  color: var(--red-500);",
          "  background: color-mix(in oklab, var(--accent) 20%, transparent);",
          "  padding: 0 calc(var(--space-1) + 3px) var(--space-half) 0;",
          "  margin: -1px auto;",
          "  border: 1px solid var(--line);",
          "  border-radius: 50% 999em;",
          "  fill: currentColor;",
          "  mask: url(#abc);",
          '  content: "red";',
          "  --green: inherit;",
          "  animation: white-space 1s;",
          "}",
          "@container (min-width: 300px) { .blue { white-space: nowrap; } }"
        ].join("\n"),
        "packages/desktop/src/Link.tsx": 'export const link = <a href="#top">red, white or #fff</a>\n',
        "packages/desktop/src/Link.test.tsx": 'export const colour = "#fff"\n'
      })
    ).toEqual({ status: 0, problems: [] })
  })

  it("lets a test be long and a text hold any word, and looks at no file that is not ours", () => {
    expect(
      only({
        "packages/protocol/src/long.test.ts": "\n".repeat(700),
        "packages/protocol/node_modules/utils/x.ts": `// ${"TO" + "DO"}`,
        "packages/protocol/src/grammar.ts": `export const example = "search for ${"TO" + "DO"}"`,
        ".gitignore": "*.log\n/built/\n",
        "built/utils/x.js": ""
      })
    ).toEqual({ status: 0, problems: [] })
  })
})
