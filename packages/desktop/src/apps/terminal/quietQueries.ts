/**
 * What a program asks of its terminal is answered once, by the computer's own terminal, whoever watches.
 *
 * Law: nothing that a program prints makes this page type, write the clipboard, or open anything. Colours alone are told from here,
 * because only the page has them, and only by the view that decides the size.
 */
import type { Terminal } from "@xterm/xterm"

const asked = [
  { final: "c" },
  { prefix: ">", final: "c" },
  { prefix: "=", final: "c" },
  { prefix: ">", final: "q" },
  { final: "n" },
  { prefix: "?", final: "n" },
  { intermediates: "$", final: "p" },
  { prefix: "?", intermediates: "$", final: "p" },
  { prefix: "?", final: "u" }
]
const colours = [4, 10, 11, 12]
const clipboard = 52

export const quietQueries = ({ parser }: Terminal, decides: () => boolean): void => {
  for (const one of asked) parser.registerCsiHandler(one, () => true)
  parser.registerDcsHandler({ intermediates: "$", final: "q" }, () => true)
  parser.registerOscHandler(clipboard, () => true)
  for (const code of colours) parser.registerOscHandler(code, (data) => data.includes("?") && !decides())
}
