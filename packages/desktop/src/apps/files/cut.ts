/** What was cut, in any of the file windows, and waits to be pasted. */
import { createStore } from "zustand/vanilla"

export const cutStore = createStore<{ readonly paths: ReadonlySet<string> }>(() => ({ paths: new Set() }))

export const cut = (paths: Iterable<string>): void => cutStore.setState({ paths: new Set(paths) })
