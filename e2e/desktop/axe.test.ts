/** As someone meets it who does not see it or has no mouse: axe finds nothing serious in any app, in any look. */
import { expect, it } from "vitest"
import { inAllLooks, inEachApp, open, withData } from "./axe.ts"

it("every app, in both themes and with more contrast", { timeout: 120_000 }, async () => {
  const data = await withData()
  const { page } = await open(data.product)
  expect(await inEachApp(page, data, (root, app) => inAllLooks(page, root, app))).toEqual([])
})
