/** No confinement: the host as a plain process. Files still go through it, and what it started still ends with it. */
import { randomBytes } from "node:crypto"
import * as path from "node:path"
import type { Identity } from "../identity.ts"
import type { Driver } from "./Driver.ts"
import { launch } from "./Driver.ts"

export const noneDriver = (options: {
  readonly identity: Identity | null
  readonly workspace: string
  readonly home: string
  readonly node: string
  readonly hostBundle: string
  readonly pty: string
  readonly env: Readonly<Record<string, string>>
}): Driver => {
  const mark = `CHOIR_JAIL_MARK=${randomBytes(12).toString("hex")}`
  const [markName = "", markValue = ""] = mark.split("=")
  const env = {
    ...options.env,
    PATH: `${path.join(options.home, ".local/bin")}:${process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin"}`,
    HOME: options.home,
    [markName]: markValue
  }
  return {
    name: "none",
    inside: {
      workspace: options.workspace,
      home: options.home,
      pty: options.pty,
      env,
      egress: null,
      mark
    },
    start: () =>
      launch({
        command: options.node,
        args: [options.hostBundle],
        env: { TZ: env.TZ ?? "UTC" },
        identity: options.identity,
        cwd: options.workspace,
        descriptors: []
      })
  }
}
