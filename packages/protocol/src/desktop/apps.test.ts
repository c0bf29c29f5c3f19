import { describe, expect, it } from "@effect/vitest"
import { builtInApps, openingSize } from "./apps.ts"

describe("the apps", () => {
  it.each([
    ["chat", "800x600", "360x320", "object"],
    ["run", "960x680", "420x360", "object"],
    ["choir", "900x600", "400x320", "one"],
    ["inbox", "420x560", "320x320", "one"],
    ["terminal", "760x480", "320x200", "many"],
    ["files", "820x560", "360x300", "many"],
    ["editor", "960x680", "400x300", "object"],
    ["trace", "1000x640", "420x360", "object"],
    ["logs", "780x520", "360x300", "many"],
    ["settings", "860x600", "480x400", "one"]
  ])("%s opens at %s, is at least %s, and there is: %s", (id, opens, least, identity) => {
    const app = builtInApps.find((one) => one.id === id)
    expect(`${app?.default_width}x${app?.default_height}`).toBe(opens)
    expect(`${app?.min_width}x${app?.min_height}`).toBe(least)
    expect(app?.identity).toBe(identity)
  })

  it("a viewer opens at what fits its kind, and at its own where that says nothing", () => {
    const [viewer, editor] = ["viewer", "editor"].map((id) => builtInApps.find((one) => one.id === id))
    if (viewer === undefined || editor === undefined) throw new Error("They are gone")
    const sizes = ["a.pdf", "b.PNG", "c.csv", "d.html", "e.md", "f.json", "g.bin", "pdf"].map((path) => {
      const { height, width } = openingSize(viewer, { path })
      return `${width}x${height}`
    })
    expect(sizes).toEqual(["760x800", "860x680", "1000x600", "1000x720", "760x720", "720x640", "820x600", "820x600"])
    expect(openingSize(viewer, {})).toEqual({ width: 820, height: 600 })
    expect(openingSize(editor, { path: "a.pdf" })).toEqual({ width: 960, height: 680 })
  })
})
