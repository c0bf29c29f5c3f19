/** All lines of several benchmarks in one table: `node summary.ts lines.jsonl`. */
import { readFileSync } from "node:fs"
import { type Line, summary } from "./report.ts"

const [, , path] = process.argv
if (path === undefined) throw new Error("Name the file with the lines")
const lines = readFileSync(path, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line): Line => JSON.parse(line))
console.log(`\nAll together\n\n${summary(lines)}`)
