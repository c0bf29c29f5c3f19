/**
 * A call's arguments, to be looked at and changed field by field, or as one JSON document.
 *
 * Law: what was not changed is sent as the agent wrote it, and what can't be read as what it was is not sent at all.
 */

export type FieldKind = "text" | "number" | "flag" | "json"

export interface ArgumentField {
  readonly name: string
  readonly kind: FieldKind
  /** As it stands in the field: a text as it is, all else as JSON. */
  readonly text: string
}

export type Arguments = Readonly<Record<string, unknown>>

/** Null where it is no JSON object. */
export const argumentsOf = (tool_args: string): Arguments | null => {
  try {
    const value: unknown = JSON.parse(tool_args)
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}

const isRecord = (value: unknown): value is Arguments =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const fieldsOf = (args: Arguments): ReadonlyArray<ArgumentField> =>
  Object.entries(args).map(([name, value]) => ({ name, kind: kindOf(value), text: textOf(value) }))

const kindOf = (value: unknown): FieldKind => {
  switch (typeof value) {
    case "string":
      return "text"
    case "number":
      return "number"
    case "boolean":
      return "flag"
    default:
      return "json"
  }
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value, null, 2))

/** What a person has in front of them: the fields by name, or the whole as text. */
export type Draft =
  | { readonly mode: "fields"; readonly texts: Readonly<Record<string, string>> }
  | { readonly mode: "json"; readonly text: string }

/** Null: nothing was changed. */
export type Edited =
  | { readonly ok: true; readonly tool_args: string | null }
  /** `field` null: the document as a whole. */
  | { readonly ok: false; readonly field: string | null; readonly reason: string }

export const applyDraft = (draft: Draft, tool_args: string): Edited => {
  if (draft.mode === "json") {
    const after = argumentsOf(draft.text)
    return after === null
      ? { ok: false, field: null, reason: "This is no JSON object" }
      : { ok: true, tool_args: same(after, argumentsOf(tool_args)) ? null : JSON.stringify(after) }
  }
  const before = argumentsOf(tool_args)
  if (before === null) return { ok: true, tool_args: null }
  const after: Record<string, unknown> = {}
  for (const field of fieldsOf(before)) {
    const text = textFor(draft.texts, field)
    if (text === field.text) {
      set(after, field.name, before[field.name])
      continue
    }
    const read = readField(field.kind, text)
    if (read === null) return { ok: false, field: field.name, reason: reasons[field.kind] }
    set(after, field.name, read.value)
  }
  return { ok: true, tool_args: same(after, before) ? null : JSON.stringify(after) }
}

/** A field may be called like a part of every object. */
export const textFor = (texts: Readonly<Record<string, string>>, { name, text }: ArgumentField): string =>
  Object.hasOwn(texts, name) ? (texts[name] ?? text) : text

/** As an own field, whatever it is called. */
const set = (target: Record<string, unknown>, name: string, value: unknown): void => {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}

const reasons: Readonly<Record<FieldKind, string>> = {
  text: "This is no text",
  number: "This is no number",
  flag: "This is neither true nor false",
  json: "This is no JSON"
}

const readField = (kind: FieldKind, text: string): { readonly value: unknown } | null => {
  if (kind === "text") return { value: text }
  try {
    const value: unknown = JSON.parse(text)
    return kind === "json" || kindOf(value) === kind ? { value } : null
  } catch {
    return null
  }
}

/** The same document under another mode of editing; the draft itself where it can't be read. */
export const inMode = (draft: Draft, mode: Draft["mode"], tool_args: string): Draft => {
  if (draft.mode === mode) return draft
  const edited = applyDraft(draft, tool_args)
  if (!edited.ok) return draft
  const now = argumentsOf(edited.tool_args ?? tool_args)
  if (now === null) return draft
  if (mode === "json") return { mode, text: JSON.stringify(now, null, 2) }
  // Fields can't name what is not among the agent's arguments, nor leave one of them out.
  const before = argumentsOf(tool_args)
  if (before === null || !same(Object.keys(now).toSorted(), Object.keys(before).toSorted())) return draft
  return { mode, texts: Object.fromEntries(fieldsOf(now).map(({ name, text }) => [name, text])) }
}

export interface ChangedField {
  readonly name: string
  /** Null: it was not there. */
  readonly before: string | null
  /** Null: it is gone. */
  readonly after: string | null
}

/** What differs between two calls, by argument. */
export const changedFields = (before: string, after: string): ReadonlyArray<ChangedField> => {
  const old = argumentsOf(before) ?? {}
  const now = argumentsOf(after) ?? {}
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])]
  const shown = (args: Arguments, name: string) => (Object.hasOwn(args, name) ? textOf(args[name]) : null)
  return names
    .map((name) => ({ name, before: shown(old, name), after: shown(now, name) }))
    .filter((field) => field.before !== field.after)
}

const same = (a: unknown, b: unknown): boolean => {
  if (a === b) return true
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, at) => same(one, b[at]))
  }
  if (!isRecord(a) || !isRecord(b)) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]))
  )
}
