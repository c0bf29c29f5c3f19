/** The shell line whose output is shown over the prompt. */
import { createStore } from "zustand/vanilla"

export const outputStore = createStore<{ readonly shown: number | null }>(() => ({ shown: null }))

export const showOutput = (id: number | null): void => outputStore.setState({ shown: id })
