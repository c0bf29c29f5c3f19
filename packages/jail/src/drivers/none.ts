/** No confinement: the host as a plain process. Files still go through it, and what it started still ends with it. */
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
  const env = {
    ...options.env,
    PATH: `${path.join(options.home, ".local/bin")}:${process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin"}`,
    HOME: options.home
  }
  return {
    name: "none",
    confines: false,
    inside: {
      workspace: options.workspace,
      home: options.home,
      pty: options.pty,
      env,
      egress: null
    },
    start: () =>
      launch({
        command: options.node,
        args: [options.hostBundle],
        env: { TZ: options.env.TZ ?? "UTC" },
        identity: options.identity,
        cwd: options.workspace,
        descriptors: []
      })
  }
}
