/**
 * `npm test [-- filter …]`: sets the machine up, checks the sources, runs every test. Arguments go to vitest.
 *
 * Law: it succeeds only when something passed, nothing failed and nothing was skipped. Its last line is always the counts.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { installDebianPackages } from "./debian.mjs"
import { ready } from "./ready.mjs"
import { checks, runStages, vitest } from "./stages.mjs"

const setUp = async () => {
  await installDebianPackages()
  await ready()
  return 0
}

const folder = mkdtempSync(join(tmpdir(), "choiros-test-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
const report = join(folder, "report.json")
let counts

const test = async () => {
  const code = await vitest(
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...process.argv.slice(2)
  )
  counts = count(JSON.parse(readFileSync(report, "utf8")))
  return code !== 0 || counts.failed > 0 || counts.skipped > 0 || counts.passed === 0 ? 1 : 0
}

// A file that can't be loaded has no test in it that could fail: it counts as one.
const count = ({ testResults }) => {
  const total = { passed: 0, failed: 0, skipped: 0 }
  for (const file of testResults) {
    for (const { status } of file.assertionResults)
      total[status === "passed" || status === "failed" ? status : "skipped"] += 1
    if (file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed")) total.failed += 1
  }
  return total
}

const stages = [{ name: "set-up", run: setUp }, ...checks, { name: "tests", run: test }]
let failed
try {
  failed = await runStages(stages)
} catch (error) {
  console.error(error.message)
  failed = "set-up"
}
// A stage that failed is a failure also where no test did: an error outside of any test, a stage before the tests.
const { passed, failed: failures, skipped } = counts ?? { passed: 0, failed: 0, skipped: 0 }
const unnamed = failed !== undefined && failures === 0 && skipped === 0 ? 1 : 0
console.log(`\n${failed === undefined ? "All is well" : `Failed in: ${failed}`}`)
console.log(`${passed} passed, ${failures + unnamed} failed, ${skipped} skipped`)
process.exitCode = failed === undefined ? 0 : 1
