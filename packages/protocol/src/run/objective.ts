/** What the parts of a plan before this one have found stands after its objective, for the agent that works on it. */
const findings = /\n\n\[from the part "[\s\S]*$/

/** The objective in the words that it was set in: what people are shown. */
export const ownObjective = (objective: string): string => objective.replace(findings, "")
