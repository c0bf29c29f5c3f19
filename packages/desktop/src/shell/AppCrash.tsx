/** One app that fails brings down no other, and says so with a way out. */
import { Component, type ErrorInfo, type ReactNode } from "react"
import { Button } from "../ui/Button.tsx"
import { ErrorState } from "../ui/ErrorState.tsx"

interface Props {
  readonly children: ReactNode
}

/** Its code did not come. What was asked for once is not fetched anew by the same page. */
const isUnfetched = ({ message }: Error): boolean =>
  /preload css|dynamically imported module|importing a module script/i.test(message)

const Failed = ({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) =>
  isUnfetched(error) ? (
    <ErrorState
      title="This app could not be loaded"
      cause="The computer did not answer. Reload the page when it is back: what is open stays open."
    >
      <Button onClick={() => location.reload()}>Reload</Button>
    </ErrorState>
  ) : (
    <ErrorState title="This app failed" cause={error.message} onRetry={onRetry} />
  )

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
