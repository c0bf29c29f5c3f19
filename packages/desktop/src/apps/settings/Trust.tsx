/** Files of agents that ask for more than reading, and the person's word for one content of each. */
import { type Agent, AgentReply, type AgentsReply } from "@choiros/protocol"
import { useState } from "react"
import { inWords, path, request } from "../../client/api.ts"
import { plainName, visibleText } from "../../content/plainText.ts"
import { me } from "../../state/session.ts"
import { openApp } from "../../state/windows.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Badge } from "../../ui/Badge.tsx"
import { Button } from "../../ui/Button.tsx"
import { Note, Part } from "./Part.tsx"
import styles from "./Trust.module.css"

interface TrustProps {
  readonly reply: AgentsReply
  readonly onChanged: () => Promise<void>
}

export const Trust = ({ onChanged, reply: { agents, problems } }: TrustProps) => {
  const files = agents.filter(({ source }) => source === "workspace")
  return (
    <Part
      title="Trust in agents of the workspace"
      intro="An agent that comes with the workspace only reads until you trust its file. Your trust is for what the file says now: when it changes, you are asked again."
    >
      {problems.map(({ name, path: file, reason }) => (
        <Note key={file} tone="danger">
          {name === null ? "A file of an agent" : plainName(name)} can't be taken: {visibleText(reason)}
        </Note>
      ))}
      {files.length === 0 ? <Note>The workspace brings no agents.</Note> : null}
      <ul className={styles.list}>
        {files.map((agent) => (
          <AgentTrust key={agent.name} agent={agent} onChanged={onChanged} />
        ))}
      </ul>
    </Part>
  )
}

const AgentTrust = ({ agent, onChanged }: { readonly agent: Agent; readonly onChanged: () => Promise<void> }) => {
  const { asks_for, hash, name, path: file, trusted } = agent
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const nothing = asks_for.length === 0

  const change = async (method: "POST" | "DELETE"): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      const body = method === "POST" ? { body: { hash, user_id: me } } : {}
      await request(method, path`agents/${name}/trust`, AgentReply, body)
    } catch (error) {
      setProblem(inWords(error))
    }
    await onChanged()
    setBusy(false)
  }

  return (
    <li className={styles.agent}>
      <div className={styles.head}>
        <AgentMark name={name} />
        <strong>{plainName(name)}</strong>
        {nothing && trusted ? (
          <Badge>Only reads</Badge>
        ) : (
          <Badge tone={trusted ? "success" : "warning"}>{trusted ? "Trusted" : "Not trusted: only reads"}</Badge>
        )}
        <code className={styles.hash} title={hash}>
          {hash.slice(0, 12)}
        </code>
        <span className={styles.space} />
        {file === null ? null : (
          <Button size="s" variant="ghost" onClick={() => openApp("editor", { path: file })}>
            Read its file
          </Button>
        )}
        {trusted ? (
          nothing ? null : (
            <Button size="s" busy={busy} onClick={() => void change("DELETE")}>
              Take the trust back
            </Button>
          )
        ) : (
          <Button size="s" variant="primary" busy={busy} onClick={() => void change("POST")}>
            Trust this version
          </Button>
        )}
      </div>
      {nothing ? null : (
        <>
          <p className={styles.asks}>{trusted ? "It has:" : "It asks for:"}</p>
          <ul className={styles.wants}>
            {asks_for.map((want) => (
              <li key={want}>{visibleText(want)}</li>
            ))}
          </ul>
        </>
      )}
      {problem === null ? null : <Note tone="danger">{problem}</Note>}
    </li>
  )
}
