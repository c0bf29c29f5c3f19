/** Who needs a token: everyone beyond loopback, and on loopback where a peer's user can't be told. */

import { randomBytes } from "node:crypto"
import * as Fs from "node:fs/promises"
import * as Path from "node:path"
import * as Effect from "effect/Effect"
import { type Config, StartError } from "../Config.ts"
import { canTellPeers } from "./PeerUid.ts"

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host)

/** The token, made at the first start and kept with mode 0600; null when none is needed. */
export const accessToken = Effect.fnUntraced(function* (config: Config): Effect.fn.Return<string | null, StartError> {
  if (isLoopback(config.host) && (yield* Effect.promise(canTellPeers))) return null
  const file = Path.join(config.home, "token")
  return yield* Effect.tryPromise({
    try: async () => {
      const kept = await Fs.readFile(file, "utf8").catch(() => "")
      if (/^[\w-]{32,}$/.test(kept.trim())) return kept.trim()
      const token = randomBytes(32).toString("base64url")
      await Fs.writeFile(file, `${token}\n`, { mode: 0o600 })
      await Fs.chmod(file, 0o600)
      return token
    },
    catch: () => new StartError({ message: `The token can't be kept in ${file}; is CHOIR_HOME writable?` })
  })
})
