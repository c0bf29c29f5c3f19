import { expect, it, vi } from "vitest"

vi.hoisted(() => vi.stubGlobal("window", { innerWidth: 1440, innerHeight: 900, addEventListener: () => undefined }))

const { actionsStore, findAction, registerActions, runAction } = await import("./Action.ts")
const { appActions, takeUp } = await import("./appActions.ts")

const chat = { ran: vi.fn<() => void>(), other: vi.fn<() => void>() }

registerActions(appActions)

it("knows each action of an app by one id, before any app is there, and runs none", () => {
  expect(actionsStore.getState().actions.size).toBe(new Set(appActions.map(({ id }) => id)).size)
  expect(findAction("approval.approve")).toMatchObject({ keys: ["Mod+Enter"], group: "Approvals" })
  expect(runAction("approval.approve")).toBe(false)
})

it("has it done by who takes it up, until that one puts it down", () => {
  const putDown = takeUp({ "chat.new": { run: chat.ran }, "chat.list": { when: () => false, run: chat.ran } })
  expect(runAction("chat.new")).toBe(true)
  expect(chat.ran).toHaveBeenCalledTimes(1)
  expect(runAction("chat.list")).toBe(false)
  expect(findAction("chat.new")).toMatchObject({ title: "Begin a new conversation", keys: ["Mod+Alt+N"] })
  putDown()
  expect(runAction("chat.new")).toBe(false)
  expect(findAction("chat.new")).toMatchObject({ title: "Begin a new conversation" })
})

it("leaves it to who has taken it up since", () => {
  const putDown = takeUp({ "chat.new": { run: chat.ran } })
  takeUp({ "chat.new": { run: chat.other } })
  putDown()
  expect(runAction("chat.new")).toBe(true)
  expect(chat.other).toHaveBeenCalledTimes(1)
})
