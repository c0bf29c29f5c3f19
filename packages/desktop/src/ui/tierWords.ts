/** How far an act reaches, in words. */
import type { Tier } from "@choiros/protocol"
import type { Tone } from "./tone.ts"

export const tierWords: Readonly<Record<Tier, { readonly label: string; readonly tone: Tone }>> = {
  read: { label: "Reads", tone: "neutral" },
  write: { label: "Writes in the workspace", tone: "info" },
  write_outside: { label: "Writes outside the workspace", tone: "warning" },
  network: { label: "Uses the network", tone: "warning" },
  shell: { label: "Runs a command", tone: "info" },
  destructive: { label: "Destroys", tone: "danger" },
  secrets: { label: "Touches secrets", tone: "danger" },
  spend: { label: "Spends money", tone: "warning" }
}
