/** Who answers at the address: nobody (then the port is free), our server and how it is, or somebody else. */
import { connect } from "node:net"
import { HealthReply } from "@choiros/protocol"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { addressOf, type Server } from "../server/Server.ts"
import { oneLine } from "../text/sanitize.ts"
import { advised, type Finding, missing, ok } from "./Finding.ts"

const patience = 5_000
const decodeHealth = Schema.decodeUnknownOption(HealthReply)

export const findServer = async (server: Server): Promise<ReadonlyArray<Finding>> => {
  const name = "Server"
  const address = addressOf(server)
  if (!(await answers(server.url))) {
    return [ok(name, `none runs at ${address}; the port is free, \`npm start\` starts one`)]
  }
  const reply = await askHealth(server)
  if (reply === undefined) {
    return [
      missing(
        name,
        `something else answers at ${address}`,
        "choose another port with PORT or --port, and the same with --url here"
      )
    ]
  }
  if (reply.status === 401)
    return [advised(name, `the one at ${address} needs a token`, "give it with --token or CHOIR_TOKEN")]
  const health = Option.getOrUndefined(decodeHealth(reply.body))
  if (health === undefined) {
    return [
      missing(
        name,
        `what answers at ${address} is no ChoirOS server, or lets us not in (${reply.status})`,
        "choose another port with PORT or --port"
      )
    ]
  }
  const checks = Object.entries(health.checks).map(([check, words]) => `${oneLine(check)} ${oneLine(words)}`)
  const words = `${health.version} at ${address} is ${health.status} (${checks.join(", ")})`
  return [health.status === "healthy" ? ok(name, words) : missing(name, words, "its log on stderr has the details")]
}

const answers = ({ hostname, port, protocol }: URL): Promise<boolean> =>
  new Promise((resolve) => {
    const number = Number(port === "" ? (protocol === "https:" ? 443 : 80) : port)
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: number })
    const end = (is: boolean) => {
      socket.destroy()
      resolve(is)
    }
    socket.setTimeout(patience, () => end(false))
    socket.once("connect", () => end(true))
    socket.once("error", () => end(false))
  })

const askHealth = async (server: Server): Promise<{ readonly status: number; readonly body: unknown } | undefined> => {
  try {
    const response = await fetch(new URL("health", server.url), {
      headers: server.headers,
      signal: AbortSignal.timeout(patience)
    })
    return { status: response.status, body: await response.json() }
  } catch {
    // Whatever it said, it is not what our server says.
    return undefined
  }
}
