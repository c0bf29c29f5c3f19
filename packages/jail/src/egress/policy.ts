/**
 * Where the jail may connect: decided from the name that was asked for, and again from the address that it has.
 *
 * Law: a refusal comes before any packet. A name that isn't allowed is not even resolved; an address that isn't allowed
 * is not dialled, whatever name led to it. What an allow entry may lift:
 *
 *   "example.org", "*.example.org", "*.example.org:443"   the name (and what is under it, without itself), public addresses
 *   "registry.corp.example:443"                     this very name and port, in private and reserved ranges as well
 *   "localhost:3000"                                loopback, for localhost and what ends in .localhost
 *   "10.0.0.5:8080", "[fd00::5]:80"                 this very address, asked for by itself or through a name on that port
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type AddressClass, canonicalAddress, classifyAddress } from "./address.ts"

/** `open`: every public host. `allowlist`: what `allow` names. `none`: nothing. In the first two `allow` may lift a range. */
export interface EgressPolicy {
  readonly mode: "open" | "allowlist" | "none"
  readonly allow: ReadonlyArray<string>
}

/** For a person's own machine. */
export const openPolicy: EgressPolicy = { mode: "open", allow: [] }

export class EgressPolicyInvalid extends Schema.TaggedError<EgressPolicyInvalid>()("Egress.PolicyInvalid", {
  entry: Schema.String,
  message: Schema.String
}) {}

/** Where someone wants to go. `host` is a name in lower case without a last dot, or an address as it was written. */
export interface Target {
  readonly host: string
  readonly port: number
  /** The canonical form when the host is an address. */
  readonly address: string | null
}

export interface Refusal {
  readonly reason: "malformed" | "literal_address" | "no_network" | "not_allowed" | "address_refused"
  /** For the person who reads it: what is refused and how to allow it. */
  readonly message: string
}

interface Rule {
  readonly host: string
  readonly kind: "name" | "suffix" | "address"
  readonly port: number | null
}

export interface CompiledPolicy {
  readonly mode: EgressPolicy["mode"]
  readonly rules: ReadonlyArray<Rule>
}

const MAX_HOST = 253
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/
/** A name whose last part is a number is an address to some resolver: decimal, octal, hexadecimal, shortened. */
const numeric = /^(?:\d+|0x[0-9a-f]*)$/

export const compilePolicy = (policy: EgressPolicy): Result.Result<CompiledPolicy, EgressPolicyInvalid> => {
  const rules: Array<Rule> = []
  for (const entry of policy.allow) {
    const rule = parseRule(entry)
    if (rule === null) {
      const message = `"${entry}" is not a host, *.domain, host:port or address:port that network access can be allowed for`
      return Result.fail(new EgressPolicyInvalid({ entry, message }))
    }
    rules.push(rule)
  }
  return Result.succeed({ mode: policy.mode, rules })
}

const parseRule = (entry: string): Rule | null => {
  const written = entry.trim().toLowerCase()
  const { host: rawHost, port: rawPort } = splitPort(written)
  const port = rawPort === null ? null : parsePort(rawPort)
  if (rawPort !== null && port === null) return null
  if (rawHost === "*") return { host: "", kind: "suffix", port }
  const address = addressOf(rawHost)
  // An address without a port would open every service on it.
  if (address !== null) return port === null ? null : { host: address, kind: "address", port }
  const suffix = rawHost.startsWith("*.")
  const name = parseName(suffix ? rawHost.slice(2) : rawHost)
  if (name === null || isNumeric(name)) return null
  return { host: suffix ? `.${name}` : name, kind: suffix ? "suffix" : "name", port }
}

/** Takes `host:port` as it stands in a CONNECT line or a URL. */
export const parseTarget = (authority: string, defaultPort: number | null): Target | Refusal => {
  const { host, port: rawPort } = splitPort(authority.toLowerCase())
  const port = rawPort === null ? defaultPort : parsePort(rawPort)
  const malformed = (message: string): Refusal => ({ reason: "malformed", message })
  if (port === null) return malformed("the request names no port between 1 and 65535")
  const address = addressOf(host)
  if (address !== null) return { host, port, address }
  const literal = "network access goes by name: an address in this spelling is never allowed"
  if (host.startsWith("[")) return { reason: "literal_address", message: literal }
  const name = parseName(host)
  if (name === null) return malformed("the request names no valid host")
  if (isNumeric(name)) return { reason: "literal_address", message: literal }
  return { host: name, port, address: null }
}

/** Before anything is resolved. */
export const refuseTarget = (policy: CompiledPolicy, target: Target): Refusal | null => {
  const place = `${target.host}:${target.port}`
  if (policy.mode === "none") {
    return { reason: "no_network", message: `network access is turned off here, so ${place} can't be reached` }
  }
  if (target.address !== null) {
    if (policy.rules.some((rule) => rule.kind === "address" && matches(rule, target))) return null
    return {
      reason: "literal_address",
      message: `${place} is an address, and network access goes by name`
    }
  }
  if (policy.mode === "open" || policy.rules.some((rule) => rule.kind !== "address" && matches(rule, target)))
    return null
  return {
    reason: "not_allowed",
    message: `${target.host} is not among the hosts that network access is allowed for`
  }
}

/** After resolving: may this very address be dialled for this target? `own` are the addresses of this machine. */
export const refuseAddress = (
  policy: CompiledPolicy,
  target: Target,
  address: string,
  own: ReadonlySet<string>
): Refusal | null => {
  const canonical = canonicalAddress(address)
  const class_ = canonical !== null && own.has(canonical) ? "loopback" : classifyAddress(address)
  if (class_ === "public") return null
  const never = class_ === "invalid" || class_ === "unspecified" || class_ === "multicast"
  const byAddress = policy.rules.some(
    (rule) => rule.kind === "address" && rule.host === canonical && rule.port === target.port
  )
  if (!never && byAddress) return null
  const byName = policy.rules.some((rule) => rule.kind === "name" && rule.port !== null && matches(rule, target))
  if (byName && lifted(class_, target.host)) return null
  return {
    reason: "address_refused",
    message: `${target.host} has ${described[class_]}, which is not the open internet`
  }
}

const lifted = (class_: AddressClass, host: string): boolean => {
  if (class_ === "loopback") return isLocalhost(host)
  return class_ === "private" || class_ === "shared" || class_ === "reserved"
}

const described: Record<Exclude<AddressClass, "public">, string> = {
  loopback: "an address of this machine",
  private: "an address of a private network",
  link_local: "a link-local address",
  metadata: "the address of a machine's metadata service",
  shared: "an address of a carrier's shared network",
  multicast: "a multicast address",
  unspecified: "the unspecified address",
  reserved: "a reserved address",
  invalid: "no valid address"
}

const isLocalhost = (host: string) => host === "localhost" || host.endsWith(".localhost")

const matches = (rule: Rule, target: Target): boolean => {
  if (rule.port !== null && rule.port !== target.port) return false
  if (rule.kind === "suffix") return target.host.endsWith(rule.host)
  return rule.host === (target.address ?? target.host)
}

const splitPort = (authority: string): { readonly host: string; readonly port: string | null } => {
  const colon = authority.lastIndexOf(":")
  if (colon < 0 || colon < authority.lastIndexOf("]")) return { host: authority, port: null }
  return { host: authority.slice(0, colon), port: authority.slice(colon + 1) }
}

const parsePort = (port: string): number | null => {
  if (!/^\d{1,5}$/.test(port)) return null
  const number = Number(port)
  return number >= 1 && number <= 65_535 ? number : null
}

const addressOf = (host: string): string | null => {
  const bracketed = host.startsWith("[") && host.endsWith("]")
  if (bracketed) return host.includes(":") ? canonicalAddress(host.slice(1, -1)) : null
  return host.includes(":") ? null : canonicalAddress(host)
}

const parseName = (written: string): string | null => {
  const name = written.endsWith(".") ? written.slice(0, -1) : written
  if (name.length > MAX_HOST || !name.split(".").every((part) => label.test(part))) return null
  return name
}

const isNumeric = (name: string) => numeric.test(name.slice(name.lastIndexOf(".") + 1))
