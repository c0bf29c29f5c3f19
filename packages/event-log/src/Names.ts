/**
 * Strings that repeat, and the numbers that stand for them in the file.
 *
 * Law: a name that was made in a transaction counts only once that is committed.
 */
import type Database from "libsql"
import { integer, reader, text } from "./database.ts"

/** Names held in memory at most; beyond it they are looked up again. */
const capacity = 8_000

export interface Names {
  /** The number of a name, making one where there is none; `made` is called with what the transaction must write. */
  readonly intern: (name: string, made: (id: number, name: string) => void) => number
  /** The number of a committed name. */
  readonly find: (name: string) => number | undefined
  readonly nameOf: (id: number) => string
  readonly committed: () => void
  readonly rolledBack: () => void
}

export const makeNames = (db: Database.Database): Names => {
  const byName = reader(db, "SELECT id FROM names WHERE name = ?")
  const byId = reader(db, "SELECT name FROM names WHERE id = ?")
  const ids = new Map<string, number>()
  const names = new Map<number, string>()
  const staged = new Map<string, number>()
  let last = integer(reader(db, "SELECT coalesce(max(id), 0) FROM names").all([])[0]?.[0])
  let committedLast = last

  const remember = (name: string, id: number) => {
    if (ids.size >= capacity) {
      ids.clear()
      names.clear()
    }
    ids.set(name, id)
    names.set(id, name)
    return id
  }
  const find = (name: string): number | undefined => {
    const known = ids.get(name)
    if (known !== undefined) return known
    const row = byName.all([name])[0]
    return row === undefined ? undefined : remember(name, integer(row[0]))
  }

  return {
    find,
    intern: (name, made) => {
      const known = ids.get(name) ?? staged.get(name) ?? find(name)
      if (known !== undefined) return known
      last += 1
      staged.set(name, last)
      made(last, name)
      return last
    },
    nameOf: (id) => {
      const known = names.get(id)
      if (known !== undefined) return known
      const name = text(byId.all([id])[0]?.[0])
      remember(name, id)
      return name
    },
    committed: () => {
      for (const [name, id] of staged) remember(name, id)
      staged.clear()
      committedLast = last
    },
    rolledBack: () => {
      staged.clear()
      last = committedLast
    }
  }
}
