/** An agent is known by colour and by shape: the same for its name on every computer, today and tomorrow. */

export const agentShapes = ["circle", "square", "diamond", "triangle", "hexagon", "cross", "arch", "star"] as const

export type AgentShape = (typeof agentShapes)[number]

export type AgentLook = { readonly colour: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8; readonly shape: AgentShape }

const colours = [1, 2, 3, 4, 5, 6, 7, 8] as const

/** The built-in agents meet most often, so that no two of them look alike. */
const fixed: ReadonlyMap<string, AgentLook> = new Map([
  ["chat", { colour: 1, shape: "circle" }],
  ["code", { colour: 3, shape: "square" }],
  ["conductor", { colour: 5, shape: "star" }],
  ["research", { colour: 4, shape: "hexagon" }],
  ["terminal", { colour: 6, shape: "arch" }]
])

export const agentLook = (name: string): AgentLook => {
  const known = fixed.get(name)
  if (known !== undefined) return known
  const hash = hashOf(name)
  return { colour: colours[hash % 8] ?? 1, shape: agentShapes[(hash >>> 8) % 8] ?? "circle" }
}

const hashOf = (text: string) => {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  // FNV alone leaves names that differ in one letter alike in these few bits: the finalizer of MurmurHash3 mixes them.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
