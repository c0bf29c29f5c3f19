/** What is highlighted everywhere at once. */
export interface Selection {
  readonly run_id: string
  /** Null: the run as a whole. */
  readonly step: number | null
}
