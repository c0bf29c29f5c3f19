import { expect, it } from "vitest"
import { applyDraft, argumentsOf, changedFields, fieldsOf, inMode } from "./callArguments.ts"

const call = JSON.stringify({ command: "rm -rf build", timeout_s: 30, dry: false, env: { A: "1" } })

it("shows texts as they are, and all else as JSON", () => {
  expect(fieldsOf(argumentsOf(call) ?? {})).toEqual([
    { name: "command", kind: "text", text: "rm -rf build" },
    { name: "timeout_s", kind: "number", text: "30" },
    { name: "dry", kind: "flag", text: "false" },
    { name: "env", kind: "json", text: '{\n  "A": "1"\n}' }
  ])
})

it("sends nothing where nothing was changed, whatever way it was looked at", () => {
  expect(applyDraft({ mode: "fields", texts: { command: "rm -rf build" } }, call)).toEqual({
    ok: true,
    tool_args: null
  })
  expect(applyDraft({ mode: "json", text: `\n${JSON.stringify(JSON.parse(call), null, 4)}\n` }, call)).toEqual({
    ok: true,
    tool_args: null
  })
})

it("changes the named field alone, and keeps what kind it is of", () => {
  const edited = applyDraft(
    { mode: "fields", texts: { command: "rm -r build/tmp", timeout_s: "5", dry: "true" } },
    call
  )
  expect(edited).toEqual({
    ok: true,
    tool_args: JSON.stringify({ command: "rm -r build/tmp", timeout_s: 5, dry: true, env: { A: "1" } })
  })
})

it("keeps an argument that is called like a part of every object", () => {
  const odd = '{"__proto__":"a","constructor":"b"}'
  const edited = applyDraft({ mode: "fields", texts: { constructor: "c" } }, odd)
  expect(edited).toEqual({ ok: true, tool_args: '{"__proto__":"a","constructor":"c"}' })
})

it("says which field can't be read", () => {
  const of = (texts: Record<string, string>) => applyDraft({ mode: "fields", texts }, call)
  expect(of({ timeout_s: "soon" })).toMatchObject({ ok: false, field: "timeout_s" })
  expect(of({ timeout_s: '"30"' })).toMatchObject({ ok: false, field: "timeout_s" })
  expect(of({ dry: "1" })).toMatchObject({ ok: false, field: "dry" })
  expect(of({ env: "{" })).toMatchObject({ ok: false, field: "env" })
  expect(applyDraft({ mode: "json", text: "[1]" }, call)).toMatchObject({ ok: false, field: null })
})

it("shows the same draft as fields and as JSON", () => {
  const asJson = inMode({ mode: "fields", texts: { command: "ls" } }, "json", call)
  expect(asJson.mode === "json" ? argumentsOf(asJson.text)?.command : null).toBe("ls")
  const back = inMode(asJson, "fields", call)
  expect(back.mode === "fields" ? back.texts.command : null).toBe("ls")
})

it("stays as JSON where fields could not show it", () => {
  const more = { mode: "json", text: '{"command":"ls","shell":"fish"}' } as const
  expect(inMode(more, "fields", call)).toBe(more)
  const broken = { mode: "json", text: "{" } as const
  expect(inMode(broken, "fields", call)).toBe(broken)
})

it("tells what differs between two calls", () => {
  expect(changedFields('{"a":"1","b":2,"c":[1]}', '{"a":"1","b":3,"d":true}')).toEqual([
    { name: "b", before: "2", after: "3" },
    { name: "c", before: "[\n  1\n]", after: null },
    { name: "d", before: null, after: "true" }
  ])
})
