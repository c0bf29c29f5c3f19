/** The live tree as rows: what is folded is left out, what is looked for is shown with all that is above it. */
import type { ActorNode } from "@choiros/protocol"
import { plainName } from "../../content/plainText.ts"

export interface ActorRow {
  readonly actor: ActorNode
  /** From 1. */
  readonly level: number
  /** Among its siblings, from 1. */
  readonly place: number
  readonly siblings: number
  /** Null for what has no children. */
  readonly open: boolean | null
}

const fits = (actor: ActorNode, wanted: string): boolean =>
  [actor.path, decoded(actor.path), actor.kind, actor.state].some((text) => text.toLowerCase().includes(wanted))

/** `folded` holds paths. While something is looked for, nothing is folded. */
export const rowsOf = (
  actors: ReadonlyArray<ActorNode>,
  folded: ReadonlySet<string>,
  text: string
): ReadonlyArray<ActorRow> => {
  const wanted = text.trim().toLowerCase()
  const shown = wanted === "" ? actors : withAncestors(actors, (actor) => fits(actor, wanted))
  const paths = new Set(shown.map(({ path }) => path))
  const children = new Map<string | null, Array<ActorNode>>()
  for (const actor of shown) {
    const parent = actor.parent !== null && paths.has(actor.parent) ? actor.parent : null
    const siblings = children.get(parent)
    if (siblings === undefined) children.set(parent, [actor])
    else siblings.push(actor)
  }
  const rows: Array<ActorRow> = []
  const visit = (parent: string | null, level: number): void => {
    const siblings = children.get(parent) ?? []
    for (const [index, actor] of siblings.entries()) {
      const isParent = children.has(actor.path)
      const open = isParent ? wanted !== "" || !folded.has(actor.path) : null
      rows.push({ actor, level, place: index + 1, siblings: siblings.length, open })
      if (open === true) visit(actor.path, level + 1)
    }
  }
  visit(null, 1)
  return rows
}

const withAncestors = (
  actors: ReadonlyArray<ActorNode>,
  isWanted: (actor: ActorNode) => boolean
): ReadonlyArray<ActorNode> => {
  const parents = new Map(actors.map(({ parent, path }) => [path, parent]))
  const kept = new Set<string>()
  for (const actor of actors) {
    if (!isWanted(actor)) continue
    let path: string | null | undefined = actor.path
    while (path !== null && path !== undefined && !kept.has(path)) {
      kept.add(path)
      path = parents.get(path)
    }
  }
  return actors.filter(({ path }) => kept.has(path))
}

/** Supervisors whose children come and go by the hundred are folded at first. */
const many = 24

export const foldedAtFirst = (actors: ReadonlyArray<ActorNode>): ReadonlySet<string> => {
  const counts = new Map<string, number>()
  for (const { parent } of actors) if (parent !== null) counts.set(parent, (counts.get(parent) ?? 0) + 1)
  return new Set([...counts].filter(([, count]) => count > many).map(([path]) => path))
}

const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** The last part of a path, decoded: what the actor is known by below its parent. */
export const keyOf = (path: string): string => decoded(path.slice(path.lastIndexOf("/") + 1))

/** What a chat actor is for: its thread. Null for a key of another shape. */
export const threadOfKey = (
  key: string
): { readonly actor_id: string; readonly session_id: string; readonly thread_id: string } | null => {
  try {
    const parts: unknown = JSON.parse(key)
    if (!Array.isArray(parts)) return null
    const [actor_id, session_id, thread_id]: ReadonlyArray<unknown> = parts
    return typeof actor_id === "string" && typeof session_id === "string" && typeof thread_id === "string"
      ? { actor_id, session_id, thread_id }
      : null
  } catch {
    return null
  }
}

/** For an actor without a name of its own. */
export const plainKey = (path: string): string => (path === "/" ? "The computer" : plainName(keyOf(path)))
