import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { temporaryFolder } from "../../test/product.ts"
import { UsageError } from "../commandLine.ts"
import { addressOf, locate } from "./Server.ts"

it("the address: flag, CHOIR_URL, PORT, 8080", () => {
  const address = (flags: { url?: string }, env: Record<string, string>) => addressOf(locate(flags, env))
  expect(address({ url: "http://a:1" }, { CHOIR_URL: "http://b:2", PORT: "3" })).toBe("http://a:1")
  expect(address({}, { CHOIR_URL: "http://b:2", PORT: "3" })).toBe("http://b:2")
  expect(address({}, { CHOIR_URL: "", PORT: "3" })).toBe("http://127.0.0.1:3")
  expect(address({}, {})).toBe("http://127.0.0.1:8080")
  expect(address({ url: ":9" }, {})).toBe("http://127.0.0.1:9")
  expect(address({ url: "localhost:9/" }, {})).toBe("http://localhost:9")
  expect(address({ url: "https://choir.example/u/me" }, {})).toBe("https://choir.example/u/me")
  for (const url of ["ftp://a", "http://", "a b"]) expect(() => locate({ url }, {})).toThrow(UsageError)
})

it.live("the token in CHOIR_HOME goes to this machine alone", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const home = yield* temporaryFolder
      writeFileSync(join(home, "token"), "kept\n")
      const token = (flags: { url?: string; token?: string }, env: Record<string, string> = {}) =>
        locate(flags, { CHOIR_HOME: home, ...env }).headers.authorization

      expect(token({})).toBe("Bearer kept")
      expect(token({ url: "http://localhost:9" })).toBe("Bearer kept")
      expect(token({ url: "http://[::1]:9" })).toBe("Bearer kept")
      expect(token({ url: "http://elsewhere:9" })).toBeUndefined()
      expect(token({ url: "http://127.0.0.1.example:9" })).toBeUndefined()
      expect(token({ url: "http://elsewhere:9" }, { CHOIR_TOKEN: "given" })).toBe("Bearer given")
      expect(token({ token: "flag" }, { CHOIR_TOKEN: "given" })).toBe("Bearer flag")
      expect(token({ url: "http://elsewhere:9/?token=printed" })).toBe("Bearer printed")
      expect(locate({ url: "http://elsewhere:9/?token=printed" }, {}).url.href).toBe("http://elsewhere:9/")
    })
  )
)
