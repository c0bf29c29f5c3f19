import { expect, it } from "vitest"
import { metricOf } from "./metrics.ts"

it("finds a metric by its whole name", () => {
  const text = "# TYPE head gauge\nhead_max 9\nhead 1204\nodd x\n"
  expect(metricOf(text, "head")).toBe(1204)
  expect(metricOf(text, "odd")).toBeNull()
  expect(metricOf(text, "gone")).toBeNull()
})
