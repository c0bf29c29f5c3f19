/**
 * Adds to the lock file the optional packages of other platforms that npm left out because its registry did not serve them.
 * Run after every `npm install`; newer npm refuses to install from a lock file that lacks them.
 *
 * What a package is for is read from its name, as their makers build it: `@scope/tool-linux-x64-musl`.
 */
import { readFileSync, writeFileSync } from "node:fs"

const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"]
const processors = ["arm64", "arm", "ia32", "loong64", "ppc64", "riscv64", "s390x", "x64"]

const file = "package-lock.json"
const lock = JSON.parse(readFileSync(file, "utf8"))
const packages = lock.packages
let added = 0

for (const [path, entry] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (`node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages) continue
    const parts = name.split(/[/-]/)
    packages[`node_modules/${name}`] = {
      version,
      cpu: processors.filter((processor) => parts.includes(processor)),
      ...(entry.dev === true ? { dev: true } : {}),
      ...libcOf(parts),
      license: entry.license,
      optional: true,
      os: systems.filter((system) => parts.includes(system))
    }
    added += 1
  }
}

function libcOf(parts) {
  if (parts.some((part) => part.startsWith("musl"))) return { libc: ["musl"] }
  return parts.some((part) => part.startsWith("gnu")) ? { libc: ["glibc"] } : {}
}

lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, "en")))
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${added} packages of other platforms added`)
