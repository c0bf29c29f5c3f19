/** What an app is given, and what it may ask of the desktop. */
import type { Props } from "@choiros/protocol"

export interface AppProps {
  readonly window_id: string
  /** What it was opened with, and under it what it was last asked to show. */
  readonly props: Props
  /** Has the keyboard. */
  readonly active: boolean
  /** False while it is minimized: nothing needs to be drawn. */
  readonly visible: boolean
  /** What the title bar says instead of the app's name, on this screen. */
  readonly setTitle: (title: string) => void
}
