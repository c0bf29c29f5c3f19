/** Who there is to work: what each can do, where it is from, and how it is. */
import { type Agent, AgentsReply } from "@choiros/protocol"
import { get } from "../../client/api.ts"
import { plainName, visibleText } from "../../content/plainText.ts"
import { openApp } from "../../state/windows.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Badge } from "../../ui/Badge.tsx"
import { Button } from "../../ui/Button.tsx"
import { Empty } from "../../ui/Empty.tsx"
import styles from "./AgentsSection.module.css"
import { Line, Note } from "./Part.tsx"
import { Show, Whole } from "./Show.tsx"
import { useLoaded } from "./useLoaded.ts"

const readAgents = () => get("/agents", AgentsReply)
const changesAgents = (event_type: string): boolean => event_type.startsWith("agent.")

export const AgentsSection = () => {
  const agents = useLoaded(readAgents, changesAgents)
  return (
    <Whole of={[agents]}>
      <Show of={agents} what="the agents">
        {({ agents: all, problems }) => (
          <>
            <p className={styles.intro}>
              Agents come with the product, with the workspace (files in <code>.choir/agents</code>), or were added to
              this computer.
            </p>
            {problems.map(({ path, reason }) => (
              <Note key={path} tone="danger">
                {visibleText(reason)}
              </Note>
            ))}
            {all.length === 0 ? <Empty title="There are no agents">Nothing can be asked without one.</Empty> : null}
            <ul className={styles.list}>
              {all.map((agent) => (
                <Entry key={agent.name} agent={agent} />
              ))}
            </ul>
          </>
        )}
      </Show>
    </Whole>
  )
}

const origins: Readonly<Record<Agent["source"], string>> = {
  built_in: "Built in",
  workspace: "From the workspace",
  runtime: "Added to this computer"
}

const Entry = ({ agent }: { readonly agent: Agent }) => {
  const {
    asks_for,
    delegates_to,
    description,
    health,
    health_reason,
    load,
    model,
    name,
    path,
    source,
    tools,
    trusted
  } = agent
  return (
    <li className={styles.agent}>
      <div className={styles.head}>
        <AgentMark name={name} size={20} />
        <h3>{plainName(name)}</h3>
        <Badge>{origins[source]}</Badge>
        {load === 0 ? null : <Badge tone="info">At work: {load}</Badge>}
        {trusted ? null : <Badge tone="warning">Only reads: not trusted</Badge>}
        {health === "ok" ? null : <Badge tone="danger">{health === "failing" ? "Failing" : "File refused"}</Badge>}
        <span className={styles.space} />
        {source === "workspace" && path !== null ? (
          <Button size="s" variant="ghost" onClick={() => openApp("editor", { path })}>
            Edit its file
          </Button>
        ) : null}
        {trusted || asks_for.length === 0 ? null : (
          <Button size="s" onClick={() => openApp("settings", { section: "permissions" })}>
            Look at its trust
          </Button>
        )}
      </div>
      <p className={styles.description}>{visibleText(description)}</p>
      {health_reason === null ? null : <Note tone="danger">{visibleText(health_reason)}</Note>}
      <Line label="Tools">
        {tools.length === 0 ? (
          "None"
        ) : (
          <span className={styles.tools}>
            {tools.map((tool) => (
              <code key={tool}>{plainName(tool)}</code>
            ))}
          </span>
        )}
      </Line>
      <Line label="Model">{model === null ? "The default" : <code>{plainName(model)}</code>}</Line>
      {delegates_to.length === 0 ? null : (
        <Line label="Gives work to">
          {delegates_to.map((one) => (one === "*" ? "any agent" : plainName(one))).join(", ")}
        </Line>
      )}
    </li>
  )
}
