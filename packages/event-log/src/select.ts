/**
 * The SQL of a selection: one index leads, and the work is bound by the limit, not by the log.
 *
 * Law: rows come in the order of `seq`, and a selection that can match nothing asks the file nothing.
 */
import type { Value } from "./database.ts"
import { type EventScope, type Selection, scopeFields } from "./Store.ts"

export interface Query {
  readonly sql: string
  readonly values: ReadonlyArray<Value>
}

/** Numbers of names and of the types that are in the log. */
export interface Numbers {
  readonly find: (name: string) => number | undefined
  readonly types: ReadonlyArray<{ readonly id: number; readonly name: string }>
}

const columns = `seq, event_id, timestamp, event_type, version, actor_id, user_id, session_id, thread_id, run_id,
  correlation_id, causation_id, payload`

/** Undefined when nothing can match. */
export const selectRows = (selection: Selection, numbers: Numbers): Query | undefined => {
  if (selection.upTo <= selection.after || selection.limit <= 0) return undefined
  const order = selection.descending ? "DESC" : "ASC"
  const scope = scopeConditions(selection.scope, numbers)
  const types = typeNumbers(selection.types, numbers)
  if (scope === undefined || (types !== undefined && types.length === 0)) return undefined

  const range = "seq > ? AND seq <= ?"
  const bounds = [selection.after, selection.upTo]
  const tail = `ORDER BY seq ${order} LIMIT ?`

  // A unary plus keeps SQLite from taking a second index for the lead.
  const byId = selection.event_id !== undefined
  const narrow = byId || scope.length > 0
  const conditions = [
    ...(byId ? ["event_id = ?"] : []),
    ...scope.map(({ column }, index) => (index === 0 && !byId ? `${column} = ?` : `+${column} = ?`)),
    // The thread's index has the session as its second column.
    range
  ].map((condition) =>
    condition === "+session_id = ?" && scope[0]?.column === "thread_id" && !byId ? "session_id = ?" : condition
  )
  const values: Array<Value> = [
    ...(selection.event_id === undefined ? [] : [selection.event_id]),
    ...scope.map(({ id }) => id),
    ...bounds
  ]

  if (types === undefined || narrow) {
    const among = types === undefined ? "" : ` AND +event_type IN (${types.join(", ")})`
    return {
      sql: `SELECT ${columns} FROM events WHERE ${conditions.join(" AND ")}${among} ${tail}`,
      values: [...values, selection.limit]
    }
  }
  if (types.length === 1) {
    return {
      sql: `SELECT ${columns} FROM events WHERE event_type = ? AND ${range} ${tail}`,
      values: [types[0] ?? null, ...bounds, selection.limit]
    }
  }
  // Each type gives at most `limit` candidates from its index, so a rare type costs no scan and a common one no sort of it all.
  const candidates = types.map(
    (type) => `SELECT seq FROM (SELECT seq FROM events WHERE event_type = ${type} AND ${range} ${tail})`
  )
  return {
    sql: `SELECT ${columns} FROM events WHERE seq IN (${candidates.join(" UNION ALL ")}) ${tail}`,
    values: [...types.flatMap(() => [...bounds, selection.limit]), selection.limit]
  }
}

/** The condition of an erasure, numbers only, so that it can run as one statement off the main thread. */
export const erasureCondition = (
  erasure: {
    readonly scope: EventScope
    readonly types?: ((type: string) => boolean) | undefined
    readonly upTo: number
  },
  numbers: Numbers
): string | undefined => {
  const scope = scopeConditions(erasure.scope, numbers)
  const types = typeNumbers(erasure.types, numbers)
  if (scope === undefined || (types !== undefined && types.length === 0)) return undefined
  return [
    ...scope.map(({ column, id }) => `${column} = ${id}`),
    ...(types === undefined ? [] : [`event_type IN (${types.join(", ")})`]),
    `seq <= ${Math.trunc(erasure.upTo)}`
  ].join(" AND ")
}

/** In the order in which an index should lead: the narrowest first. Undefined when a name is not in the log. */
const scopeConditions = (scope: EventScope, numbers: Numbers) => {
  const conditions: Array<{ readonly column: string; readonly id: number }> = []
  for (const column of scopeFields) {
    const name = scope[column]
    if (name === undefined || name === null) continue
    const id = numbers.find(name)
    if (id === undefined) return undefined
    conditions.push({ column, id })
  }
  return conditions
}

/** Undefined when every type that is in the log matches. */
const typeNumbers = (matches: ((type: string) => boolean) | undefined, numbers: Numbers) => {
  if (matches === undefined) return undefined
  const matching = numbers.types.filter(({ name }) => matches(name))
  return matching.length === numbers.types.length && matching.length > 0 ? undefined : matching.map(({ id }) => id)
}
