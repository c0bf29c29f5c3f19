import { describe, expect, it } from "@effect/vitest"
import { isOwn, neighbour, nextId, shownTerminals, tabsOf } from "./tabs.ts"

describe("tabs", () => {
  it("are one to begin with, and what the window was opened for", () => {
    expect(tabsOf("w", {})).toEqual(["w.1"])
    expect(tabsOf("w", { terminal_id: "agent:1" })).toEqual(["agent:1"])
    expect(tabsOf("w", { tabs: [], terminal_id: "agent:1" })).toEqual(["agent:1"])
  })

  it("take from the props of others only what is a terminal, once", () => {
    expect(tabsOf("w", { tabs: ["w.2", 3, null, "", "w.2", "x.1"] })).toEqual(["w.2", "x.1"])
    expect(tabsOf("w", { tabs: "w.1" })).toEqual(["w.1"])
    expect(tabsOf("w", { tabs: Array.from({ length: 90 }, (_, at) => `w.${at}`) }).length).toBe(32)
  })

  it("get ids that neither the window nor the computer has", () => {
    expect(nextId("w", ["w.1", "w.4"], ["w.7", "x.9", "w.x"])).toBe("w.8")
    expect(nextId("w", ["agent:1"], [])).toBe("w.1")
    expect(isOwn("w", "w.1")).toBe(true)
    expect(isOwn("w", "ww.1")).toBe(false)
  })

  it("give way to the neighbour", () => {
    expect(neighbour(["a", "b", "c"], "b")).toBe("c")
    expect(neighbour(["a", "b"], "b")).toBe("a")
    expect(neighbour(["a"], "a")).toBeUndefined()
  })

  it("say which terminals are shown", () => {
    const window = {
      id: "w",
      app_id: "terminal",
      title: "",
      x: 0,
      y: 0,
      width: 1,
      height: 1,
      z_index: 1,
      hidden: false,
      maximized: false,
      zone: null,
      props: {}
    }
    expect([...shownTerminals([window, { ...window, id: "v", app_id: "files" }])]).toEqual(["w.1"])
  })
})
