/** One app that fails brings down no other, and says so with a way out. */
import { Component, type ErrorInfo, type ReactNode, useEffect } from "react"
import { onLive } from "../client/Connection.ts"
import { Button } from "../ui/Button.tsx"
import { ErrorState } from "../ui/ErrorState.tsx"

interface Props {
  readonly children: ReactNode
}

/** Its code did not come. */
const isUnfetched = ({ message }: Error): boolean =>
  /preload css|dynamically imported module|importing a module script/i.test(message)

interface FailedProps {
  readonly error: Error
  readonly onRetry: () => void
}

const Failed = ({ error, onRetry }: FailedProps) =>
  isUnfetched(error) ? (
    <Unfetched error={error} onRetry={onRetry} />
  ) : (
    <ErrorState title="This app failed" cause={error.message} onRetry={onRetry} />
  )

/** Asked for again when the computer is back. A browser may not fetch anew what failed once: then the page has to. */
const Unfetched = ({ onRetry }: FailedProps) => {
  useEffect(() => onLive(onRetry), [onRetry])
  return (
    <ErrorState
      title="This app could not be loaded"
      cause="The computer did not answer. Reload the page when it is back: what is open stays open."
    >
      <Button onClick={() => location.reload()}>Reload</Button>
    </ErrorState>
  )
}

export class AppCrash extends Component<Props, { readonly error: Error | null }> {
  override state: { readonly error: Error | null } = { error: null }

  static getDerivedStateFromError(error: unknown): { readonly error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error("An app failed", error, info.componentStack)
  }

  readonly #again = (): void => this.setState({ error: null })

  override render(): ReactNode {
    const { error } = this.state
    return error === null ? this.props.children : <Failed error={error} onRetry={this.#again} />
  }
}
