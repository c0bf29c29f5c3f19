/**
 * The same small work again and again, to tell how fast the machine was while absolute figures were taken.
 *
 * Law: it does what a server does (JSON and hashing, one thread), so that a busy neighbour slows both alike.
 */
import { createHash } from "node:crypto"
import { median } from "./measure.ts"

const text = JSON.stringify(
  Array.from({ length: 2_000 }, (_, index) => ({ id: index, name: `name ${index}`, tags: ["a", "b"] }))
)

export class Calibration {
  readonly #samples: Array<number> = []

  constructor() {
    for (let round = 0; round < 20; round++) work()
  }

  readonly sample = (): void => {
    const begin = performance.now()
    work()
    this.#samples.push(performance.now() - begin)
  }

  toString(): string {
    const typical = median(this.#samples)
    const fastest = Math.min(...this.#samples)
    return (
      `calibration loop: median ${typical.toFixed(2)} ms, fastest ${fastest.toFixed(2)} ms ` +
      `(the machine ran at ${Math.round((fastest / typical) * 100)} % of its best in this run)`
    )
  }
}

const work = (): string => {
  const hash = createHash("sha256")
  for (let round = 0; round < 5; round++) hash.update(JSON.stringify(JSON.parse(text)))
  return hash.digest("hex")
}
