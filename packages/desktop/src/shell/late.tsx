/**
 * Parts of the shell that the first paint does without: fetched when the page has time, since they are needed too when the
 * computer does not answer any more.
 *
 * Law: what could not be fetched brings nothing else down, is told in words, and is asked for again the next time.
 */
import { Component, type ComponentType, type ReactNode } from "react"
import { notify } from "../state/notices.ts"
import { whenIdle } from "../ui/idle.ts"
import { type LatePart, late as madeLate } from "../ui/Late.tsx"

const parts: Array<() => Promise<unknown>> = []

export const late = <Props extends object>(
  load: () => Promise<{ readonly default: ComponentType<Props> }>
): LatePart<Props> => {
  const part = madeLate(load)
  parts.push(part.fetch)
  return part
}

/** Called when the desktop is known. */
export const fetchParts = (): void =>
  whenIdle(() => {
    // They are asked for again when they are needed.
    for (const fetch of parts) fetch().catch(() => undefined)
  })

interface PartCrashProps {
  readonly children: ReactNode
  /** In the part's place. */
  readonly fallback?: ReactNode
  readonly onCrash?: () => void
  /** Another one tries again. */
  readonly attempt?: unknown
}

interface PartCrashState {
  readonly failed: boolean
  readonly attempt: unknown
}

export class PartCrash extends Component<PartCrashProps, PartCrashState> {
  override state: PartCrashState = { failed: false, attempt: this.props.attempt }

  static getDerivedStateFromError(): Partial<PartCrashState> {
    return { failed: true }
  }

  static getDerivedStateFromProps({ attempt }: PartCrashProps, before: PartCrashState): PartCrashState | null {
    return attempt === before.attempt ? null : { failed: false, attempt }
  }

  override componentDidCatch(error: unknown): void {
    console.warn("A part of the desktop could not be shown", error)
    notify("That can't be shown now", {
      level: "warning",
      text: "A part of the desktop could not be fetched. Reload when the computer answers: what is open stays open.",
      action: { label: "Reload", run: () => location.reload() }
    })
    this.props.onCrash?.()
  }

  override render(): ReactNode {
    return this.state.failed ? (this.props.fallback ?? null) : this.props.children
  }
}
