import { type AgentShape, agentLook } from "./agentLook.ts"

const outlines: Readonly<Record<AgentShape, string>> = {
  circle: "M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13z",
  square: "M4.5 2h7A2.5 2.5 0 0 1 14 4.5v7a2.5 2.5 0 0 1-2.5 2.5h-7A2.5 2.5 0 0 1 2 11.5v-7A2.5 2.5 0 0 1 4.5 2z",
  diamond: "M8 .8 15.2 8 8 15.2.8 8z",
  triangle: "M8 1.5 15 14H1z",
  hexagon: "M8 .9l6.2 3.55v7.1L8 15.1l-6.2-3.55v-7.1z",
  cross: "M5.5 1.5h5v4h4v5h-4v4h-5v-4h-4v-5h4z",
  arch: "M1.5 14V8a6.5 6.5 0 0 1 13 0v6z",
  star: "M8 .6l2 4.9 5.3.4-4 3.4 1.2 5.1L8 11.6l-4.5 2.8 1.2-5.1-4-3.4 5.3-.4z"
}

type AgentMarkProps = {
  readonly name: string
  readonly size?: number | undefined
  /** No name stands beside it: say it to a screen reader. */
  readonly labelled?: boolean | undefined
  readonly className?: string | undefined
}

export const AgentMark = ({ name, size = 16, labelled = false, className }: AgentMarkProps) => {
  const { colour, shape } = agentLook(name)
  const drawn = {
    className,
    width: size,
    height: size,
    viewBox: "0 0 16 16",
    fill: `var(--agent-${colour})`,
    children: <path d={outlines[shape]} />
  }
  return labelled ? <svg {...drawn} role="img" aria-label={name} /> : <svg {...drawn} aria-hidden="true" />
}
