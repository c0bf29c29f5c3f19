/** What primitives say to a screen reader, as drawn on the server: no browser is needed to read markup. */
import { readFileSync } from "node:fs"
import { RunPhase, Tier } from "@choiros/protocol"
import { createElement, type ReactElement } from "react"
import { renderToStaticMarkup } from "react-dom/server"
import { expect, it } from "vitest"
import { AgentMark } from "./AgentMark.tsx"
import { Button } from "./Button.tsx"
import { classes } from "./classes.ts"
import { IconButton } from "./IconButton.tsx"
import { Progress } from "./Progress.tsx"
import { phaseWords } from "./phaseWords.ts"
import { StateIcon } from "./StateIcon.tsx"
import { TextField } from "./TextField.tsx"
import { tierWords } from "./tierWords.ts"

const html = (element: ReactElement) => renderToStaticMarkup(element)

it("names a control, its hint and what is wrong with it", () => {
  const field = html(createElement(TextField, { id: "n", label: "Name", hint: "Letters", error: "Too short" }))
  expect(field).toContain('<label for="n"')
  expect(field).toContain('aria-describedby="n-note"')
  expect(field).toContain('aria-invalid="true"')
  expect(field).toContain('id="n-note"')
  expect(field).toContain("Too short")
  expect(field).not.toContain("Letters")
})

it("gives an icon button its name and its keys", () => {
  const button = html(createElement(IconButton, { label: "Search", keys: "Mod+F", icon: null, pressed: false }))
  expect(button).toContain('aria-label="Search"')
  expect(button).toContain('data-tip-keys="Mod+F"')
  expect(button).toContain('aria-pressed="false"')
})

it("keeps a busy button in reach of the keyboard and says that it is busy", () => {
  const button = html(createElement(Button, { busy: true }, "Save"))
  expect(button).toContain('aria-busy="true"')
  expect(button).toContain('aria-disabled="true"')
  expect(button).not.toContain(" disabled")
})

it("never submits a form by accident", () => {
  expect(html(createElement(Button, null, "Go"))).toContain('type="button"')
})

it("keeps progress inside of its bounds, and claims no number where there is none", () => {
  expect(html(createElement(Progress, { label: "Budget", value: 130, max: 100 }))).toContain('aria-valuenow="100"')
  expect(html(createElement(Progress, { label: "Budget", max: 100 }))).not.toContain("aria-valuenow")
})

/** What StateIcon.module.css colours a state by. */
const colourOf = (phase: RunPhase): string | undefined => {
  const css = readFileSync(new URL("./StateIcon.module.css", import.meta.url), "utf8")
  const rules = [...css.matchAll(/([^{}]+)\{[^{}]*?color: var\(--state-(\w+)\)/g)]
  return (rules.find(([, selector]) => selector?.includes(`"${phase}"`)) ?? rules[0])?.[2]
}

it.each([
  ["queued", "Queued", "is queued", "idle"],
  ["planning", "Planning", "is planning", "working"],
  ["working", "Working", "is working", "working"],
  ["waiting_for_you", "Waiting for you", "is waiting for you", "waiting"],
  ["waiting_on_agent", "Waiting on agent", "is waiting on another agent", "idle"],
  ["paused", "Paused", "is paused", "paused"],
  ["stopping", "Stopping", "is stopping", "idle"],
  ["done", "Done", "is done", "done"],
  ["done_with_warnings", "Done with warnings", "is done, with warnings", "waiting"],
  ["failed", "Failed", "failed", "failed"],
  ["stopped", "Stopped", "was stopped", "idle"],
  ["interrupted", "Interrupted", "was interrupted", "failed"]
] as const)("a run that is %s has its words, its verb and its colour", (phase, label, verb, colour) => {
  expect(phaseWords[phase]).toMatchObject({ label, verb })
  expect(html(createElement(StateIcon, { phase }))).toContain(`data-phase="${phase}"`)
  expect(html(createElement(StateIcon, { phase }))).toContain(`aria-label="${label}"`)
  expect(colourOf(phase)).toBe(colour)
})

it("has an icon and words of its own for each state of a run", () => {
  const drawings = RunPhase.literals.map((phase) => html(createElement(StateIcon, { phase, decorative: true })))
  const paths = drawings.map((drawing) => drawing.replace(/^<svg[^>]*>/, ""))
  expect(new Set(paths).size).toBe(12)
  expect(new Set(RunPhase.literals.map((phase) => phaseWords[phase].label)).size).toBe(12)
  expect(new Set(RunPhase.literals.map((phase) => phaseWords[phase].verb)).size).toBe(12)
})

it("has words of its own for each tier", () => {
  expect(new Set(Tier.literals.map((tier) => tierWords[tier].label)).size).toBe(Tier.literals.length)
})

it("says an agent's name only where it stands alone", () => {
  expect(html(createElement(AgentMark, { name: "code", labelled: true }))).toContain('aria-label="code"')
  expect(html(createElement(AgentMark, { name: "code" }))).toContain('aria-hidden="true"')
})

it("joins classes", () => {
  expect(classes("a", undefined, false, "", "b")).toBe("a b")
})
