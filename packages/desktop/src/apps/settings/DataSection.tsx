/** Where things are, how large they have become, and the way to take them along. */
import { HealthReply } from "@choiros/protocol"
import * as Schema from "effect/Schema"
import { Download } from "lucide-react"
import { ApiError, get, requestBlob } from "../../client/api.ts"
import { visibleText } from "../../content/plainText.ts"
import { openApp } from "../../state/windows.ts"
import { Badge } from "../../ui/Badge.tsx"
import { Button } from "../../ui/Button.tsx"
import { bytes, count, duration } from "../../ui/format.ts"
import styles from "./DataSection.module.css"
import { metricOf } from "./metrics.ts"
import { Line, Note, Part } from "./Part.tsx"
import { Show, Whole } from "./Show.tsx"
import { useLoaded } from "./useLoaded.ts"

interface Computer {
  readonly health: HealthReply
  readonly events: number | null
  readonly uptime: number | null
  readonly memory: number | null
}

const isHealth = Schema.is(HealthReply)

const readComputer = async (): Promise<Computer> => {
  const [health, metrics] = await Promise.all([readHealth(), requestBlob("/metrics").then((blob) => blob.text())])
  return {
    health,
    events: metricOf(metrics, "choiros_log_head"),
    uptime: metricOf(metrics, "process_uptime_seconds"),
    memory: metricOf(metrics, "process_resident_memory_bytes")
  }
}

/** A degraded computer says so with a 503, and says how it is all the same. */
const readHealth = async (): Promise<HealthReply> => {
  try {
    return await get("/health", HealthReply)
  } catch (error) {
    if (error instanceof ApiError && error.status === 503 && isHealth(error.body)) return error.body
    throw error
  }
}

const checkNames: Readonly<Record<string, string>> = { database: "Log", actors: "Actors" }

export const DataSection = () => {
  const computer = useLoaded(readComputer)
  return (
    <Whole of={[computer]}>
      <Show of={computer} what="how the computer is">
        {({ events, health, memory, uptime }) => {
          const { jail, ...checks } = health.checks
          const confined = jail !== undefined && !jail.startsWith("none")
          return (
            <>
              <Part title="This computer">
                <Line label="Version">{health.version}</Line>
                {uptime === null ? null : <Line label="Running for">{duration(uptime * 1_000)}</Line>}
                {memory === null ? null : <Line label="Memory">{bytes(memory)}</Line>}
                {Object.entries(checks).map(([name, state]) => (
                  <Line key={name} label={checkNames[name] ?? name}>
                    {state === "ok" ? (
                      <Badge tone="success">In order</Badge>
                    ) : (
                      <Badge tone="danger">{visibleText(state)}</Badge>
                    )}
                  </Line>
                ))}
              </Part>
              <Part
                title="Jail"
                intro="What agents run is held to the workspace by the jail."
                end={<Badge tone={confined ? "success" : "danger"}>{confined ? `Active: ${jail}` : "None"}</Badge>}
              >
                {confined ? null : (
                  <Note tone="danger">
                    There is no jail: what agents run can do whatever your user can. Real models are not given out
                    unless you allowed it at the start. Why there is none was printed where the computer was started.
                  </Note>
                )}
              </Part>
              <Part
                title="Log"
                intro="All that happened is in the log, in its order. The export holds every event, one a line; secrets are not in it."
              >
                <Line label="Events">{events === null ? "Not told" : count(events)}</Line>
                <div className={styles.buttons}>
                  <a className={styles.download} href="/events.jsonl" download="events.jsonl">
                    <Download size={14} strokeWidth={1.75} aria-hidden="true" />
                    Export the log
                  </a>
                  <Button onClick={() => openApp("logs")}>Look at the log</Button>
                </div>
              </Part>
              <Part
                title="Where things are"
                intro={`Settings, keys, rules and the log are in CHOIR_HOME${
                  confined ? ", where agents can't write" : ""
                }. It and the folder of your work, the workspace, were chosen when the computer was started.`}
              >
                <div className={styles.buttons}>
                  <Button onClick={() => openApp("files")}>Open the workspace</Button>
                </div>
              </Part>
            </>
          )
        }}
      </Show>
    </Whole>
  )
}
