import { expect, it } from "vitest"
import { eventsDoc, writtenDoc } from "./eventsDoc.ts"

it("docs/events.md is what the catalog says (node packages/protocol/test/eventsDoc.ts writes it)", () => {
  expect(writtenDoc()).toBe(eventsDoc())
})
