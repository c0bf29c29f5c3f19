import { describe, expect, it } from "@effect/vitest"
import { askedOnce } from "./once.ts"

describe("what is asked twice", () => {
  it("is asked once while its answer is on its way, and both hear it", async () => {
    const once = askedOnce<string>()
    let asked = 0
    const answers: Array<(value: string) => void> = []
    const ask = () => {
      asked += 1
      return new Promise<string>((answer) => answers.push(answer))
    }
    const first = once(["fork", "a"], ask)
    const second = once(["fork", "a"], ask)
    const other = once(["fork", "b"], ask)
    expect(asked).toBe(2)
    answers[0]?.("one")
    answers[1]?.("two")
    expect(await Promise.all([first, second, other])).toEqual(["one", "one", "two"])
  })

  it("is asked again after its answer, also after one that failed", async () => {
    const once = askedOnce<number>()
    await expect(once(["retry"], () => Promise.reject(new Error("no")))).rejects.toThrow("no")
    expect(await once(["retry"], () => Promise.resolve(1))).toBe(1)
    expect(await once(["retry"], () => Promise.resolve(2))).toBe(2)
  })
})
