// Adds the optional packages of other platforms that the lock file's own entries name and that are not in it.
import { readFileSync, writeFileSync } from "node:fs"
const lock = JSON.parse(readFileSync("package-lock.json", "utf8"))
const P = lock.packages
const os = ["android","darwin","freebsd","linux","openharmony","win32","aix","netbsd","openbsd","sunos"]
let n = 0
for (const [path, entry] of Object.entries(P)) for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
  if (P["node_modules/" + name] || P[path + "/node_modules/" + name]) continue
  const part = name.split(/[/-]/)
  const o = os.find((x) => part.includes(x)), cpu = part.includes("ia32") ? "ia32" : part.includes("x64") ? "x64" : part.includes("arm64") ? "arm64" : part.includes("arm") ? "arm" : part.find((p)=>["ppc64","riscv64","s390x","loong64"].includes(p))
  const libc = part.some((p)=>/musl/.test(p)) ? ["musl"] : part.some((p)=>/^gnu/.test(p)) ? ["glibc"] : undefined
  P["node_modules/" + name] = { version, cpu: [cpu], ...(entry.dev ? { dev: true } : {}), ...(libc ? { libc } : {}), license: entry.license, optional: true, os: [o] }
  console.log(name, o, cpu, libc); n++
}
lock.packages = Object.fromEntries(Object.entries(P).sort(([a],[b]) => a.localeCompare(b, "en")))
writeFileSync("package-lock.json", JSON.stringify(lock, null, 2) + "\n")
console.log(n)
