/**
 * libSQL as we use it: its failures in our words, and rows as arrays.
 */
import type Database from "libsql"
import { Full, type StoreError, Unavailable } from "./Errors.ts"

/** Values that we bind. */
export type Value = string | number | null

// Primary result codes, https://www.sqlite.org/rescode.html
const perm = 3
const busy = 5
const locked = 6
const readonly = 8
const ioerr = 10
const corrupt = 11
const full = 13
const cantopen = 14
const notadb = 26

// Extended codes: the write itself failed, which on Linux is a file that may not grow (EFBIG, EDQUOT).
const ioerrWrite = 778

/** What libSQL threw while it should `act`, a verb phrase for the message. */
export const failureOf = (error: unknown, act: string): StoreError => {
  const raw = rawCode(error)
  const unavailable = (reason: Unavailable["reason"], why: string) =>
    new Unavailable({ reason, message: `Could not ${act}: ${why}` })
  if (raw === ioerrWrite) {
    return new Full({ message: `Could not ${act}: the disk takes no more. Free some space; it goes on by itself.` })
  }
  switch (raw === undefined ? undefined : raw & 0xff) {
    case full:
      return new Full({ message: `Could not ${act}: the disk is full. Free some space; it goes on by itself.` })
    case corrupt:
      return unavailable("corrupt", "the file is damaged. Restore it from a copy.")
    case notadb:
      return unavailable("corrupt", "the file is not a log, or its beginning is damaged. Restore it from a copy.")
    case readonly:
    case perm:
      return unavailable("read_only", "the file or its folder can't be written. Check the owner and the mode.")
    case busy:
    case locked:
      return unavailable("locked", "another process is using it.")
    case cantopen:
      return unavailable("io", "the file can't be opened. Check that its folder is there and may be written.")
    case ioerr:
      return unavailable("io", `the disk failed (SQLite code ${raw}).`)
    default:
      return unavailable("io", `SQLite failed (${raw === undefined ? "no code" : `code ${raw}`}).`)
  }
}

/** Whether libSQL threw this; anything else is a defect of ours. */
export const isDatabaseError = (error: unknown): boolean => rawCode(error) !== undefined

const rawCode = (error: unknown): number | undefined => {
  if (!(error instanceof Error)) return undefined
  if ("rawCode" in error && typeof error.rawCode === "number") return error.rawCode
  // A connection that could not be opened has its code in the text alone.
  const code = /^ConnectionFailed\(.*: (\d+)"\)$/.exec(error.message)?.[1]
  return code === undefined ? undefined : Number(code)
}

/** Reads rows as arrays: a third faster than objects, and no column can be mistaken for a method. */
export interface Reader {
  readonly all: (values: ReadonlyArray<Value>) => ReadonlyArray<ReadonlyArray<unknown>>
}

export const reader = (db: Database.Database, sql: string): Reader => {
  const statement = db.prepare<Array<unknown>>(sql).raw(true)
  return {
    all: (values) => {
      const rows: ReadonlyArray<unknown> = statement.all(...values)
      return rows.map((row) => (Array.isArray(row) ? row : []))
    }
  }
}

export const text = (value: unknown): string => (typeof value === "string" ? value : String(value))
export const textOrNull = (value: unknown): string | null =>
  value === null || value === undefined ? null : text(value)
export const integer = (value: unknown): number => (typeof value === "number" ? value : Number(value))
