/**
 * What the pictures show: a small project, and agents at work on it. All of it happens; a script speaks for the model alone.
 */

/** By path, what is in the workspace before anybody begins. */
export const project = {
  "package.json": `{\n  "name": "tides",\n  "type": "module",\n  "scripts": { "test": "node --test" }\n}\n`,
  "README.md": `# Tides\n\nHigh and low water for a harbour, from its harmonic constants.\n\n| Path | Gives |\n|---|---|\n| \`/height?at=\` | the height of the water, in metres |\n`,
  "src/tide.js": `/** The height of the water at an hour, as a sum of what the moon and the sun do. */
const constants = [
  { name: "M2", height: 1.62, speed: 28.984, phase: 112 },
  { name: "S2", height: 0.55, speed: 30.0, phase: 158 },
  { name: "N2", height: 0.31, speed: 28.44, phase: 88 }
]

const radians = (degrees) => (degrees * Math.PI) / 180

export const heightAt = (hour) =>
  constants.reduce((sum, { height, phase, speed }) => sum + height * Math.cos(radians(speed * hour - phase)), 0)
`,
  "src/server.js": `import { createServer } from "node:http"
import { heightAt } from "./tide.js"

createServer((request, response) => {
  const { searchParams } = new URL(request.url, "http://localhost")
  response.end(JSON.stringify({ height: heightAt(Number(searchParams.get("at"))) }))
}).listen(3000)
`,
  "test/tide.test.js": `import assert from "node:assert"
import { test } from "node:test"
import { heightAt } from "../src/tide.js"

test("the water comes and goes", () => assert.ok(heightAt(0) !== heightAt(6)))
test("it is never higher than all parts together", () => {
  for (let hour = 0; hour < 200; hour++) assert.ok(Math.abs(heightAt(hour)) <= 2.48)
})
`,
  "docs/harbours.csv":
    "harbour,latitude,longitude,range_m\nBrest,48.38,-4.49,6.9\nDover,51.11,1.32,6.0\nCuxhaven,53.87,8.71,3.3\nOslo,59.91,10.74,0.4\n",
  "build/old.js": "// left over\n",
  "build/old.map": "{}\n"
}

/** US dollars for a million tokens, so that there is something to count. */
export const prices = {
  models: { "openai-compatible/*": { input: 3, cached_input: 0.3, output: 15, context_window: 200_000 } }
}

export const agents = [
  {
    name: "tester",
    description: "Writes tests, runs them, and says what does not hold.",
    tools: ["bash", "read_file", "write_file", "edit_file", "list_files", "search_files", "ask_user", "note"],
    capabilities: ["test"],
    instructions: "You test."
  },
  {
    name: "writer",
    description: "Writes and mends the documentation.",
    tools: ["read_file", "write_file", "edit_file", "list_files", "search_files", "bash", "ask_user", "note"],
    capabilities: ["docs"],
    instructions: "You write."
  }
]

const nextHigh = `
/** The first hour after this one at which the water no longer rises, to a minute. */
export const nextHigh = (hour) => {
  const minute = 1 / 60
  let at = hour + minute
  while (!(heightAt(at) >= heightAt(at - minute) && heightAt(at) > heightAt(at + minute))) at += minute
  return at
}
`

const goal = "Add /next: when is the next high water"
const survey = "Find out how heights are computed and who calls it"
const build = "Write nextHigh in src/tide.js and serve it at /next"
const check = "Test nextHigh against a day of computed heights"
const document = "Describe /next in README.md and clear build/ of old files"
const explain = "How does this compute the height of the water?"
const zone = "Show times in the harbour's own zone"
const report = "Compare our heights with last year's gauge readings"
const dependencies = "Are there newer versions of what we depend on?"

/** What is asked of which agent, in order; a run that the next one does not wait for stays as it is. */
export const asked = [
  { objective: explain, agent: "chat", until: "done" },
  { objective: report, agent: "research", until: "failed" },
  { objective: dependencies, agent: "research", until: "done" },
  { objective: zone, agent: "code", until: "waiting_for_you" },
  { objective: goal, agent: "conductor", until: "working" }
]

export const names = { goal, build, explain, report }

const calls = (text, ...tool_calls) => ({ text, tool_calls: tool_calls.map(([name, args]) => ({ name, args })) })
const turn = (contains, step, answer, more = {}) => ({ when: { contains, step }, answer, ...more })

export const script = {
  turns: [
    turn(explain, 0, {
      reasoning: "The question is about src/tide.js. I should read it before I say anything about it.",
      ...calls(
        "I'll read the code first.",
        ["read_file", { path: "src/tide.js" }],
        ["search_files", { pattern: "heightAt" }],
        ["list_files", { path: "." }]
      )
    }),
    turn(explain, 1, {
      text: `It adds up a few cosines, one for each **harmonic constituent**: a steady push of the moon or the sun, with a period of its own.

$$h(t) = \\sum_i H_i \\cos(\\omega_i t - \\varphi_i)$$

| Constituent | Height | Period | Comes from |
|---|---:|---:|---|
| M2 | 1.62 m | 12.42 h | the moon |
| S2 | 0.55 m | 12.00 h | the sun |
| N2 | 0.31 m | 12.66 h | the moon's changing distance |

M2 and S2 drift apart and meet again every 14.8 days: those are *spring* and *neap* tides. The whole of it is one line in \`src/tide.js\`:

\`\`\`js
export const heightAt = (hour) =>
  constants.reduce((sum, { height, phase, speed }) => sum + height * Math.cos(radians(speed * hour - phase)), 0)
\`\`\`

With three constituents it is good to about 20 cm; a harbour's official table uses 37.`
    }),
    turn(
      report,
      0,
      calls("I look for the readings.", ["list_files", { path: "." }], ["read_file", { path: "data/gauge-2025.csv" }])
    ),
    {
      when: { contains: report, step: 1 },
      fail: { kind: "status", status: 401, body: { error: { message: "The key has expired" } } }
    },
    turn(dependencies, 0, calls("", ["read_file", { path: "package.json" }])),
    turn(dependencies, 1, {
      text: "There is nothing to update: the project depends on Node alone, and has no packages."
    }),
    turn(
      zone,
      0,
      calls("Times are numbers of hours at the moment, so a zone has to come from somewhere.", [
        "read_file",
        { path: "docs/harbours.csv" }
      ])
    ),
    turn(zone, 1, {
      tool_calls: [
        {
          name: "ask_user",
          args: {
            question: "The list of harbours has no time zones. Where should they come from?",
            choices: ["A new column in docs/harbours.csv", "From latitude and longitude", "Always UTC"]
          }
        }
      ]
    }),
    turn(goal, 0, {
      reasoning: "Four parts. The survey comes first; code and docs can go on side by side; tests need the code.",
      ...calls("Four parts: look first, then code and documentation side by side, then the tests.", [
        "plan",
        {
          parts: [
            { id: "survey", objective: survey, agent: "research" },
            { id: "build", objective: build, agent: "code", after: ["survey"] },
            { id: "document", objective: document, agent: "writer", after: ["survey"] },
            { id: "check", objective: check, agent: "tester", after: ["build"] }
          ]
        }
      ])
    }),
    { when: { contains: goal }, answer: { text: "The survey is done; code and documentation are under way." } },
    turn(
      survey,
      0,
      calls(
        "I look at what is here.",
        ["list_files", { path: ".", recursive: true }],
        ["read_file", { path: "src/tide.js" }],
        ["search_files", { pattern: "heightAt\\(" }]
      )
    ),
    turn(
      survey,
      1,
      calls("", [
        "note",
        { text: "heightAt takes hours since the epoch of the constants, as a float. Only src/server.js calls it." }
      ])
    ),
    turn(survey, 2, {
      text: "`heightAt(hour)` sums three constituents. Its only caller is `src/server.js`; hours are floats, so minutes work."
    }),
    turn(
      build,
      0,
      calls(
        "I read both files, then add the function.",
        ["read_file", { path: "src/tide.js" }],
        ["read_file", { path: "src/server.js" }]
      )
    ),
    turn(
      build,
      1,
      calls("The slope changes its sign at high water; a minute is fine enough.", [
        "edit_file",
        { path: "src/tide.js", old_text: ", 0)\n", new_text: `, 0)\n${nextHigh}` }
      ])
    ),
    turn(build, 2, calls("Now the tests that are there already.", ["bash", { command: "npm test" }])),
    turn(
      build,
      3,
      calls("They hold. Now the server.", [
        "edit_file",
        {
          path: "src/server.js",
          old_text:
            '  const { searchParams } = new URL(request.url, "http://localhost")\n  response.end(JSON.stringify({ height: heightAt(Number(searchParams.get("at"))) }))',
          new_text:
            '  const { pathname, searchParams } = new URL(request.url, "http://localhost")\n  const at = Number(searchParams.get("at"))\n  response.end(JSON.stringify(pathname === "/next" ? { high_at: nextHigh(at) } : { height: heightAt(at) }))'
        }
      ])
    ),
    turn(
      build,
      4,
      {
        reasoning:
          "A request without ?at gives NaN, and nextHigh would never end: the comparison is false for ever. That has to be refused before it gets there, with a 400 and a sentence that says what is missing.",
        text: "One thing before I am done: without `?at` the search would never end, so that has to"
      },
      { fail: { kind: "hang", after_chunks: 60 } }
    ),
    turn(document, 0, calls("", ["read_file", { path: "README.md" }])),
    turn(
      document,
      1,
      calls("A row in the table says it all.", [
        "edit_file",
        {
          path: "README.md",
          old_text: "in metres |\n",
          new_text: "in metres |\n| `/next?at=` | the hour of the next high water |\n"
        }
      ])
    ),
    turn(
      document,
      2,
      calls("The old bundle is nowhere used any more: I checked both imports.", ["bash", { command: "rm -rf build" }])
    )
  ],
  default: { answer: { text: "Done." } }
}
