/**
 * What the house demands and no other tool checks: `node scripts/check-structure.mjs [root]` prints each breach as
 * `path[:line]: words` and ends with 1 when there is one. Cycles between files are Biome's (noImportCycles).
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { basename, dirname, join, normalize, resolve } from "node:path"
import { fileURLToPath } from "node:url"

/** Which packages a package may import. What is not named here is not a package of the house. */
const mayImport = {
  protocol: [],
  supervision: [],
  jail: [],
  "event-log": ["protocol"],
  sandbox: ["protocol", "supervision", "event-log", "jail"],
  desktop: ["protocol"],
  hypervisor: ["protocol", "supervision", "event-log", "jail"],
  cli: ["protocol"]
}
const scope = "@choiros/"

const longestFile = 600
const namelessFolders = ["utils", "util", "helpers", "misc"]
const licences = [
  "MIT",
  "ISC",
  "0BSD",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "Unlicense"
]

// In comments alone. In two parts each, so that this file does not hold them.
const markers = [
  ["TO", "DO"],
  ["FIX", "ME"],
  ["@ts-", "ignore"],
  ["@ts-", "expect-error"],
  ["@ts-", "nocheck"],
  ["biome-", "ignore"]
]
const marker = new RegExp(`(?://|/\\*|^\\s*\\*).*?(${markers.map((parts) => parts.join("")).join("|")})`)

/** The folders that git is told to ignore hold nothing of ours. */
const ignoredFolders = (root) => {
  const path = join(root, ".gitignore")
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : []
  return new Set([".git", "node_modules", ...lines.flatMap((line) => /^\/?([^/*!]+)\/$/.exec(line.trim())?.[1] ?? [])])
}
const isSource = (path) => /\.(ts|tsx|mts|mjs|js|jsx)$/.test(path)
const isTest = (path) => /\.test\.tsx?$/.test(path) || /(^|\/)(test|e2e|bench)\//.test(path)

const readJson = (path) => JSON.parse(readFileSync(path, "utf8"))

/** What the rules look at. Paths are relative to the root, with `/`. */
const survey = (root) => {
  const ignored = ignoredFolders(root)
  const files = []
  const folders = []
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (ignored.has(entry.name)) continue
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) {
        folders.push(path)
        walk(path)
      } else if (entry.isFile()) files.push(path)
    }
  }
  walk("")
  const sources = files.filter(isSource).map((path) => {
    const text = readFileSync(join(root, path), "utf8")
    return { path, text, home: homeOf(path), imports: importsOf(text) }
  })
  const manifests = files
    .filter((path) => basename(path) === "package.json")
    .map((path) => ({ path, home: homeOf(path), manifest: readJson(join(root, path)) }))
  const lockPath = join(root, "package-lock.json")
  const styles = files
    .filter((path) => path.endsWith(".css"))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }))
  return {
    root,
    folders,
    sources,
    styles,
    manifests,
    lock: existsSync(lockPath) ? readJson(lockPath) : { packages: {} }
  }
}

const homeOf = (path) => /^packages\/([^/]+)\//.exec(path)?.[1]

const staticImport = /^[ \t]*(?:import|export)\b(?:[^"'`;]*?\bfrom)?\s*["']([^"']+)["']/gm
const dynamicImport = /\b(?:import|require)\(\s*["']([^"'$]+)["']/g

const importsOf = (text) =>
  [...text.matchAll(staticImport), ...text.matchAll(dynamicImport)].map((match) => ({
    specifier: match[1],
    line: text.slice(0, match.index).split("\n").length + (match[0].match(/\n/g)?.length ?? 0)
  }))

const packageOf = (specifier) => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/")

const dependenciesOf = (manifest) => ({
  ...manifest.dependencies,
  ...manifest.devDependencies,
  ...manifest.optionalDependencies,
  ...manifest.peerDependencies
})

/** Imports between packages go one way, in what is declared and in what is written. */
const direction = ({ sources, manifests }) => {
  const breach = (at, home, name) =>
    mayImport[home] === undefined
      ? [`${at}: packages/${home} has no place in the order of imports (scripts/check-structure.mjs)`]
      : name === home || mayImport[home].includes(name)
        ? []
        : [`${at}: ${home} may not import ${name} (it may import: ${mayImport[home].join(", ") || "none of ours"})`]
  const ours = (specifier) => (specifier.startsWith(scope) ? specifier.slice(scope.length).split("/")[0] : undefined)
  return [
    ...manifests
      .filter(({ home }) => home !== undefined)
      .flatMap(({ path, home, manifest }) =>
        [home, ...Object.keys(dependenciesOf(manifest)).map(ours)].flatMap((name) =>
          name === undefined ? [] : breach(path, home, name)
        )
      ),
    ...sources
      .filter(({ home }) => home !== undefined)
      .flatMap(({ path, home, imports }) =>
        imports.flatMap(({ specifier, line }) => {
          const name = ours(specifier)
          return name === undefined ? [] : breach(`${path}:${line}`, home, name)
        })
      )
  ]
}

/** A package is entered by its public entry alone, and never by a path; what it has for tests, tests of the whole may use. */
const publicEntry = ({ sources }) =>
  sources.flatMap(({ path, home, imports }) =>
    imports.flatMap(({ specifier, line }) => {
      if (specifier.startsWith(scope) && specifier.split("/").length > 2)
        return [`${path}:${line}: ${specifier} goes past the public entry of ${packageOf(specifier)}`]
      if (!specifier.startsWith(".")) return []
      const file = normalize(join(dirname(path), specifier))
      const target = homeOf(`${file}/`)
      if (home === undefined && path.startsWith("e2e/") && file.startsWith(`packages/${target}/test/`)) return []
      return target === undefined || target === home
        ? []
        : [`${path}:${line}: import ${scope}${target} by its name, not by a path`]
    })
  )

/** What a package imports, its own package.json names; a test may also use the development tools of the root. */
const declared = ({ sources, manifests }) => {
  const rootManifest = manifests.find(({ path }) => path === "package.json")?.manifest ?? {}
  const tools = Object.keys(dependenciesOf(rootManifest))
  return sources.flatMap(({ path, imports }) => {
    const owner = manifests
      .filter((one) => path.startsWith(one.path.slice(0, -"package.json".length)))
      .sort((a, b) => b.path.length - a.path.length)[0]
    if (owner === undefined) return []
    const known = new Set([
      owner.manifest.name,
      ...Object.keys(dependenciesOf(owner.manifest)),
      ...(isTest(path) ? tools : [])
    ])
    return imports
      .filter(
        ({ specifier }) => !specifier.startsWith(".") && !isBuiltin(specifier) && !known.has(packageOf(specifier))
      )
      .map(({ specifier, line }) => `${path}:${line}: ${packageOf(specifier)} is not in ${owner.path}`)
  })
}

const size = ({ sources }) =>
  sources.flatMap(({ path, text }) => {
    const lines = text.split("\n").length - 1
    return isTest(path) || lines <= longestFile
      ? []
      : [`${path}: ${lines} lines (at most ${longestFile}): split it by concept`]
  })

const folderNames = ({ folders, sources }) => [
  ...folders
    .filter((path) => namelessFolders.includes(basename(path)))
    .map((path) => `${path}: a folder is named after what it holds`),
  ...sources
    .filter(({ path }) => namelessFolders.includes(basename(path).replace(/\..*$/, "").toLowerCase()))
    .map(({ path }) => `${path}: a file is named after what it holds`)
]

const leftovers = ({ sources }) =>
  sources.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) => {
      const found = marker.exec(line)?.[1]
      return found === undefined ? [] : [`${path}:${index + 1}: ${found}`]
    })
  )

const exactVersions = ({ manifests }) =>
  manifests.flatMap(({ path, manifest }) =>
    Object.entries(dependenciesOf(manifest))
      .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      .map(([name, version]) => `${path}: ${name} is "${version}", not one exact version`)
  )

/** The lock file works with any registry, is checked by hashes, and knows the packages of every platform. */
const lockFile = ({ lock }) =>
  Object.entries(lock.packages).flatMap(([path, entry]) => {
    const problems = []
    if (/^[a-z+]+:/.test(entry.resolved ?? ""))
      problems.push(`package-lock.json: ${path} names a host (${entry.resolved})`)
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      const places = path
        .split("/node_modules/")
        .map((_, depth, parts) => parts.slice(0, depth + 1).join("/node_modules/"))
      const found = [`node_modules/${name}`, ...places.map((place) => `${place}/node_modules/${name}`)]
      if (!found.some((one) => lock.packages[one] !== undefined))
        problems.push(
          `package-lock.json: ${name}, optional for ${path || "the root"}, is missing (newer npm refuses to install)`
        )
    }
    return problems
  })

/** What we ship stands under a licence that lets us. */
const licence = ({ root, lock }) =>
  Object.entries(lock.packages)
    .filter(([path, entry]) => path.includes("node_modules/") && entry.dev !== true && entry.link !== true)
    .flatMap(([path, entry]) => {
      const installed = join(root, path, "package.json")
      const stated = licenceOf(existsSync(installed) ? readJson(installed) : entry)
      return isAllowed(stated) ? [] : [`${path}: licence ${stated ?? "unknown"} is not one that we may ship`]
    })

const licenceOf = ({ license, licenses }) =>
  typeof license === "string" ? license : (license?.type ?? licenses?.map(({ type }) => type).join(" OR "))

/** An SPDX expression without nesting: one of the parts of an OR will do, all of an AND must. */
const isAllowed = (expression) =>
  expression
    ?.replace(/[()]/g, "")
    .split(" OR ")
    .some((part) => part.split(" AND ").every((name) => licences.includes(name.trim())))

// Words that are a colour in CSS and little else; "tan", "linen" or "snow" in a text are none.
const namedColours =
  "aqua|aquamarine|azure|beige|black|blue|blueviolet|brown|chartreuse|coral|crimson|cyan|fuchsia|gold|goldenrod|gray|green|" +
  "grey|indigo|ivory|khaki|lavender|lime|magenta|maroon|navy|olive|orange|orangered|orchid|pink|plum|purple|rebeccapurple|" +
  "red|salmon|sienna|silver|teal|tomato|turquoise|violet|white|whitesmoke|yellow|" +
  "(?:dark|deep|light|medium|pale|hot|royal|sky|slate|steel|dodger|cornflower|midnight|forest|spring|sea)[a-z]*(?:blue|cyan|gray|green|grey|orange|orchid|pink|purple|red|salmon|violet|yellow)"
const colourFunction = "\\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\\([^)]*"
const styleColour = new RegExp(`#[0-9a-f]{3,8}\\b|${colourFunction}|(?<![\\w.-])(?:${namedColours})(?![\\w-])`, "gi")
const hexInQuotes = /["'`]\s*(#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8}))\s*["'`]/gi
const functionInText = new RegExp(colourFunction, "gi")
const nameAsColour = new RegExp(
  `\\b(?:color|background|backgroundColor|borderColor|outlineColor|fill|stroke|stopColor)\\s*[:=]\\s*\\{?\\s*["'\`](${namedColours})["'\`]`,
  "gi"
)

/** The desktop takes every colour from its tokens, so that a theme is one file. */
const rawColours = ({ sources, styles }) => {
  const desktop = ({ path }) => path.startsWith("packages/desktop/src/") && !isTest(path)
  const breaches = (path, text, patterns) =>
    patterns.flatMap((pattern) =>
      [...text.matchAll(pattern)].map((match) => {
        const line = text.slice(0, match.index).split("\n").length
        return `${path}:${line}: ${match[1] ?? match[0]} is a raw colour: take a token of ui/tokens.css`
      })
    )
  return [
    ...styles
      .filter((style) => desktop(style) && style.path !== "packages/desktop/src/ui/tokens.css")
      .flatMap(({ path, text }) => breaches(path, valuesOf(text), [styleColour])),
    ...sources
      .filter(desktop)
      // What a program prints is coloured by a function in a source; a component has none.
      .flatMap(({ path, text }) =>
        breaches(path, text, [hexInQuotes, nameAsColour, ...(path.endsWith(".tsx") ? [functionInText] : [])])
      )
  ]
}

const sized = /\b(?:font-size|(?:border|padding|margin|gap|row-gap|column-gap)(?:-[a-z]+)*):[^;{}]+/g
const inCalc = /(?:calc|min|max|clamp)\((?:[^()]|\([^()]*\))*\)/g
const rawSize = /(?<![\w.-])\d*\.?\d+px/g
const isSpaced = /^(?:font-size|padding|margin|gap|row-gap|column-gap|border(?:-[a-z]+)*-radius)\b/

/** Space, corners and text come in the few sizes of the tokens, so that everything stands on one grid. */
const rawSizes = ({ styles }) =>
  styles
    .filter(({ path }) => path.startsWith("packages/desktop/src/") && path !== "packages/desktop/src/ui/tokens.css")
    .flatMap(({ path, text }) =>
      [...text.replace(comment, blank).matchAll(sized)]
        .filter(([declaration]) => isSpaced.test(declaration))
        .flatMap(({ 0: declaration, index }) =>
          [...declaration.replace(inCalc, blank).matchAll(rawSize)].map(([size]) => {
            const line = text.slice(0, index).split("\n").length
            return `${path}:${line}: ${size} is a raw size: take a token of ui/tokens.css`
          })
        )
    )

const comment = /\/\*[\s\S]*?\*\//g
const costlySelector = /:has\(|\*\s*[+~]|[+~]\s*\*/g

/** An element that is inserted anywhere would have the browser style all around it anew: a line of an answer, its whole window. */
const costlySelectors = ({ styles }) =>
  styles.flatMap(({ path, text }) =>
    [...text.replace(comment, blank).matchAll(/[^{};]+(?=\{)/g)].flatMap(({ 0: selector, index }) =>
      [...selector.matchAll(costlySelector)].map((match) => {
        const line = text.slice(0, index + match.index).split("\n").length
        return `${path}:${line}: ${match[0]} has what is inserted anywhere style its window anew: take a class, or :not(:first-child)`
      })
    )
  )

const blank = (text) => text.replace(/[^\n]/g, " ")

/** Style sheet text of the same length where only the values of declarations stand: no comment, selector, name or string. */
const valuesOf = (text) =>
  text
    .replace(/\/\*[\s\S]*?\*\/|"[^"\n]*"|'[^'\n]*'|url\([^)]*\)|(?:--|@)[\w-]+/g, blank)
    .replace(/[^{};]*\{|[^{};:]+:/g, blank)

const rules = [
  direction,
  publicEntry,
  declared,
  size,
  folderNames,
  leftovers,
  rawColours,
  rawSizes,
  costlySelectors,
  exactVersions,
  lockFile,
  licence
]

const root = resolve(process.argv[2] ?? fileURLToPath(new URL("..", import.meta.url)))
const house = survey(root)
const problems = rules.flatMap((rule) => rule(house))
for (const problem of problems) console.log(problem)
console.log(
  problems.length === 0 ? `The structure holds (${house.sources.length} sources)` : `${problems.length} breaches`
)
process.exitCode = problems.length === 0 ? 0 : 1
