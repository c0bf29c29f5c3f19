/** What a card can open; how it is opened, the app says that shows the card. */
export type CardTarget =
  | { readonly kind: "file"; readonly path: string; readonly line?: number }
  | { readonly kind: "run"; readonly run_id: string }
  | { readonly kind: "approval"; readonly approval_id: string }

export type OpenTarget = (target: CardTarget) => void
