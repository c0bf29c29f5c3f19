/**
 * What agents may do without asking: a preset, one's own rules after it, and which agents' files are trusted.
 *
 * Law: the list is the whole truth, in its order; it is written as one, over the state that was read.
 */
import { type Agent, AgentsReply, type RulePreset, type RulesBody, RulesReply } from "@choiros/protocol"
import { useRef, useState } from "react"
import { ApiError, get, inWords, request } from "../../client/api.ts"
import { SegmentedControl } from "../../ui/SegmentedControl.tsx"
import { Note, Part } from "./Part.tsx"
import { RuleList } from "./RuleList.tsx"
import { Show, Whole } from "./Show.tsx"
import { Trust } from "./Trust.tsx"
import { TryRules } from "./TryRules.tsx"
import { useLoaded } from "./useLoaded.ts"

const readRules = () => get("/rules", RulesReply)
const readAgents = () => get("/agents", AgentsReply)
/** An "always" makes a rule. */
const changesRules = (event_type: string): boolean => event_type === "approval.decided"
const changesAgents = (event_type: string): boolean => event_type.startsWith("agent.")

const presets = [
  { value: "careful", label: "Careful" },
  { value: "balanced", label: "Balanced" },
  { value: "trusting", label: "Trusting" }
] as const

export const PermissionsSection = () => {
  const rules = useLoaded(readRules, changesRules)
  const agents = useLoaded(readAgents, changesAgents)
  const known = agents.state.status === "ready" ? agents.state.value.agents : []
  return (
    <Whole of={[rules, agents]}>
      <Show of={rules} what="the rules">
        {(reply) => <Rules reply={reply} agents={known} onWritten={rules.put} onStale={rules.reload} />}
      </Show>
      <Show of={agents} what="the agents">
        {(reply) => <Trust reply={reply} onChanged={agents.reload} />}
      </Show>
    </Whole>
  )
}

interface RulesProps {
  readonly reply: RulesReply
  readonly agents: ReadonlyArray<Agent>
  readonly onWritten: (reply: RulesReply) => void
  readonly onStale: () => Promise<void>
}

const Rules = ({ agents, onStale, onWritten, reply }: RulesProps) => {
  const { advisory, preset, problem: fileProblem, revision, stored_in } = reply
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [choosing, setChoosing] = useState<RulePreset | null>(null)
  const [fires, setFires] = useState<string | null>(null)
  /** The revision that the writes under way come to. */
  const writing = useRef<Promise<string> | null>(null)

  const write = async (change: Omit<RulesBody, "revision">): Promise<boolean> => {
    // A preset can wait for the write before it; a list is made of what is seen, which that write is about to change.
    if (change.rules !== undefined && writing.current !== null) return false
    setBusy(true)
    setProblem(null)
    setFires(null)
    // Each is over what the one before it has made.
    const mine = (writing.current ?? Promise.resolve(revision)).then(async (over) => {
      const written = await request("PUT", "/rules", RulesReply, { body: { ...change, revision: over } })
      onWritten(written)
      return written.revision
    })
    writing.current = mine
    try {
      await mine
      return true
    } catch (error) {
      setProblem(inWords(error))
      if (error instanceof ApiError && error.status === 409) await onStale()
      return false
    } finally {
      if (writing.current === mine) {
        writing.current = null
        setBusy(false)
        setChoosing(null)
      }
    }
  }

  const choose = (chosen: RulePreset): void => {
    setChoosing(chosen)
    void write({ preset: chosen })
  }

  return (
    <>
      <Part
        title="How careful"
        intro="What agents do without asking, where no rule of yours says otherwise."
        end={<SegmentedControl label="How careful" options={presets} value={choosing ?? preset} onChange={choose} />}
      >
        {fileProblem === null ? null : <Note tone="warning">{fileProblem}</Note>}
        {problem === null ? null : <Note tone="danger">{problem}</Note>}
      </Part>
      <Part
        title="Rules"
        intro="They are read from the top to the bottom, and the last one that matches a call decides: what stands lower is stronger. A rule that allows never covers what destroys or touches secrets, unless it names these."
      >
        <RuleList rules={reply.rules} agents={agents} busy={busy} fires={fires} onWrite={write} />
        <Note>
          Kept in {stored_in}
          {advisory ? "" : ", where no agent can write"}. What an agent's own file forbids, no rule allows.
        </Note>
      </Part>
      <TryRules agents={agents} rules={reply.rules} onFires={setFires} />
    </>
  )
}
