/** What a shell line of the prompt has printed, and what can be done with it. */
import { Done } from "@choiros/protocol"
import { X } from "lucide-react"
import { inWords, path, post } from "../../client/api.ts"
import { AnsiText } from "../../content/AnsiText.tsx"
import { scrollable } from "../../content/scrollable.ts"
import { notify } from "../../state/notices.ts"
import { me } from "../../state/session.ts"
import { openApp } from "../../state/windows.ts"
import { Button } from "../../ui/Button.tsx"
import { IconButton } from "../../ui/IconButton.tsx"
import { focusPrompt } from "./focus.ts"
import { showOutput } from "./output.ts"
import { setText } from "./promptStore.ts"
import { lineState } from "./SentChips.tsx"
import styles from "./ShellOutput.module.css"
import type { SentLine } from "./sent.ts"

/** Lines of the output that an agent is told. */
const toldLines = 40

const ShellOutput = ({ line }: { readonly line: SentLine }) => {
  const runs = line.status === "sending" || line.status === "running"
  const stop = async () => {
    if (line.task_id === null) return
    try {
      await post(path`tasks/${line.task_id}/cancel`, { user_id: me }, Done)
    } catch (error) {
      notify("The command could not be stopped", { level: "error", text: inWords(error) })
    }
  }
  const ask = () => {
    const told = line.output.trimEnd().split("\n").slice(-toldLines).join("\n")
    setText(`About \`${line.text}\` (${lineState(line).toLowerCase()}):\n\`\`\`\n${told}\n\`\`\`\n`)
    showOutput(null)
    focusPrompt()
  }
  return (
    <section className={styles.panel} aria-label="Output of the shell line" data-keeps-focus>
      <header className={styles.header}>
        <code className={styles.command}>$ {line.text}</code>
        <span className={styles.state}>{lineState(line)}</span>
        <IconButton size="s" label="Close the output" icon={<X size={14} />} onClick={() => showOutput(null)} />
      </header>
      {line.output === "" ? (
        <p className={styles.quiet}>
          {runs ? "Running: its output comes when it has ended" : (line.error ?? "It printed nothing")}
        </p>
      ) : (
        <div className={styles.output} {...scrollable}>
          <AnsiText text={line.output} />
        </div>
      )}
      <footer className={styles.footer}>
        {runs && (
          <Button size="s" variant="danger" onClick={() => void stop()}>
            Stop
          </Button>
        )}
        {!runs && (
          <Button size="s" onClick={ask}>
            Ask about this
          </Button>
        )}
        {line.task_id !== null && (
          <Button
            size="s"
            onClick={() => {
              showOutput(null)
              openApp("terminal", { terminal_id: `task:${line.task_id}` })
            }}
          >
            Open terminal
          </Button>
        )}
      </footer>
    </section>
  )
}

export default ShellOutput
