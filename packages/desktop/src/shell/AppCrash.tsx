/** One app that fails brings down no other, and says so with a way out. */
import { Component, type ErrorInfo, type ReactNode } from "react"
import { ErrorState } from "../ui/ErrorState.tsx"

interface Props {
  readonly children: ReactNode
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
    return error === null ? (
      this.props.children
    ) : (
      <ErrorState title="This app failed" cause={error.message} onRetry={this.#again} />
    )
  }
}
