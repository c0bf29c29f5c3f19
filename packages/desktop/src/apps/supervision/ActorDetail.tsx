/** The chosen actor: its whole path, its counters, and the way to what it works on. */
import type { ActorNode } from "@choiros/protocol"
import { ListChecks, MessageSquare, ScrollText } from "lucide-react"
import { plainName, visibleText } from "../../content/plainText.ts"
import { openApp } from "../../state/windows.ts"
import { Button } from "../../ui/Button.tsx"
import { useActorName } from "./ActorName.tsx"
import { childrenWords } from "./ActorTree.tsx"
import { stateLook } from "./actorStates.ts"
import { keyOf, threadOfKey } from "./actorTree.ts"
import styles from "./Supervision.module.css"

const icon = { size: 14, strokeWidth: 1.75, "aria-hidden": true } as const

/** Opens what an actor works on; false where there is nothing of the kind. */
export const openSubject = ({ kind, path }: ActorNode): boolean => {
  if (kind === "run") {
    openApp("run", { run_id: keyOf(path) })
    return true
  }
  const thread = kind === "chat" ? threadOfKey(keyOf(path)) : null
  if (thread === null) return false
  openApp("chat", { ...thread })
  return true
}

export const ActorDetail = ({ actor }: { readonly actor: ActorNode }) => {
  const { children, kind, path, state } = actor
  const name = useActorName(path, kind)
  const isChat = kind === "chat" && threadOfKey(keyOf(path)) !== null
  return (
    <section className={styles.detail} aria-label="Chosen actor">
      <p className={styles.chosen}>
        <span className={styles.called}>{name}</span>
        <span className={styles.muted}>
          {plainName(kind)}, {stateLook(state).label.toLowerCase()}
          {children === undefined ? "" : `; children: ${childrenWords(children)}`}
        </span>
        <code className={styles.path}>{visibleText(path)}</code>
      </p>
      {kind === "run" && (
        <Button size="s" icon={<ListChecks {...icon} />} onClick={() => openSubject(actor)}>
          Open the run
        </Button>
      )}
      {isChat && (
        <Button size="s" icon={<MessageSquare {...icon} />} onClick={() => openSubject(actor)}>
          Open the thread
        </Button>
      )}
      <Button
        size="s"
        icon={<ScrollText {...icon} />}
        onClick={() => openApp("logs", kind === "run" ? { run_id: keyOf(path) } : { type: "supervisor.>" })}
      >
        {kind === "run" ? "Show its events" : "Show what supervisors did"}
      </Button>
    </section>
  )
}
