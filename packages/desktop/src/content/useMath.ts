import { useEffect, useState } from "react"
import type { StreamdownProps } from "streamdown"

type Plugins = NonNullable<StreamdownProps["plugins"]>

let loaded: Plugins | undefined

export const loadMath = async (): Promise<Plugins> => {
  const { math } = await import("./markdownMath.ts")
  loaded ??= { math }
  return loaded
}

/** The rules for formulas, once a text has one and they are there. */
export const useMath = (text: string): Plugins | undefined => {
  const wanted = text.includes("$$")
  const [plugins, setPlugins] = useState(loaded)
  useEffect(() => {
    if (!wanted || plugins !== undefined) return
    let left = false
    loadMath()
      .then((math) => {
        if (!left) setPlugins(math)
      })
      // Formulas that can't be loaded are shown as they were written.
      .catch(() => undefined)
    return () => {
      left = true
    }
  }, [plugins, wanted])
  return wanted ? plugins : undefined
}
