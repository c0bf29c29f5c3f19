/**
 * What kind of place an IP address is.
 *
 * Law: an address is `public` only when nothing says otherwise, and an address that carries another inside (IPv4-mapped,
 * NAT64) is what the inner one is. Ranges: IANA's special-purpose registries for IPv4 and IPv6.
 */
import { isIPv4, isIPv6 } from "node:net"

export type AddressClass =
  | "public"
  | "loopback"
  | "private"
  | "link_local"
  /** A cloud's own service on the machine, which hands out credentials. */
  | "metadata"
  /** Carrier-grade NAT, and the overlay networks that live in its range. */
  | "shared"
  | "multicast"
  | "unspecified"
  | "reserved"
  /** Not an address, or one that is bound to an interface (`%eth0`). */
  | "invalid"

type Range = readonly [cidr: string, class_: AddressClass]

// The first match decides.
const ranges4: ReadonlyArray<Range> = [
  ["169.254.169.254/32", "metadata"],
  ["169.254.170.2/32", "metadata"],
  ["100.100.100.200/32", "metadata"],
  ["168.63.129.16/32", "metadata"],
  ["192.0.0.192/32", "metadata"],
  ["0.0.0.0/32", "unspecified"],
  ["0.0.0.0/8", "reserved"],
  ["10.0.0.0/8", "private"],
  ["100.64.0.0/10", "shared"],
  ["127.0.0.0/8", "loopback"],
  ["169.254.0.0/16", "link_local"],
  ["172.16.0.0/12", "private"],
  ["192.0.0.0/24", "reserved"],
  ["192.0.2.0/24", "reserved"],
  ["192.88.99.0/24", "reserved"],
  ["192.168.0.0/16", "private"],
  ["198.18.0.0/15", "reserved"],
  ["198.51.100.0/24", "reserved"],
  ["203.0.113.0/24", "reserved"],
  ["224.0.0.0/4", "multicast"],
  ["240.0.0.0/4", "reserved"]
]

const ranges6: ReadonlyArray<Range> = [
  ["fd00:ec2::254/128", "metadata"],
  ["fd20:ce::254/128", "metadata"],
  ["::/128", "unspecified"],
  ["::1/128", "loopback"],
  ["fc00::/7", "private"],
  ["fec0::/10", "private"],
  ["fe80::/10", "link_local"],
  ["ff00::/8", "multicast"],
  // Protocol assignments, Teredo (an IPv4 address inside, scrambled) and ORCHID among them.
  ["2001::/23", "reserved"],
  ["2001:db8::/32", "reserved"],
  // 6to4: leads to whatever IPv4 address is inside, through whoever routes it.
  ["2002::/16", "reserved"],
  ["3fff::/20", "reserved"],
  // All of today's global addresses; the rest is not given out.
  ["2000::/3", "public"],
  ["::/0", "reserved"]
]

/** The last 32 bits are an IPv4 address. */
const carriers: ReadonlyArray<string> = ["::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96"]

export const classifyAddress = (address: string): AddressClass => {
  if (isIPv4(address)) return classify4(number4(address))
  if (!isIPv6(address) || address.includes("%")) return "invalid"
  const value = number6(address)
  if (compiledCarriers.some((carrier) => contains(carrier, value))) return classify4(value & 0xffffffffn)
  return compiled6.find((range) => contains(range, value))?.class_ ?? "reserved"
}

/** One spelling an address (an IPv4-mapped one is its IPv4 address), so that two can be compared; null when it isn't one. */
export const canonicalAddress = (address: string): string | null => {
  if (isIPv4(address)) return address
  if (!isIPv6(address) || address.includes("%")) return null
  const value = number6(address)
  if (!contains(mapped, value)) return value.toString(16).padStart(32, "0")
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".")
}

const classify4 = (value: bigint): AddressClass => compiled4.find((range) => contains(range, value))?.class_ ?? "public"

const number4 = (address: string): bigint =>
  address.split(".").reduce((value, octet) => (value << 8n) | BigInt(octet), 0n)

const number6 = (address: string): bigint => {
  const tail = address.slice(address.lastIndexOf(":") + 1)
  const inner = isIPv4(tail) ? number4(tail) : null
  const hex = inner === null ? address : `${address.slice(0, -tail.length)}${hextets(inner)}`
  const [head = "", rest] = hex.split("::")
  const groups = (part: string) => (part === "" ? [] : part.split(":"))
  const before = groups(head)
  const after = rest === undefined ? [] : groups(rest)
  const zeros = rest === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => "0")
  return [...before, ...zeros, ...after].reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n)
}

const hextets = (value: bigint) => `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`

interface CompiledRange {
  readonly prefix: bigint
  readonly shift: bigint
  readonly class_: AddressClass
}

const contains = ({ prefix, shift }: CompiledRange, value: bigint) => value >> shift === prefix

const compile = (bits: number, [cidr, class_]: Range): CompiledRange => {
  const slash = cidr.indexOf("/")
  const address = cidr.slice(0, slash)
  const shift = BigInt(bits - Number(cidr.slice(slash + 1)))
  return { prefix: (bits === 32 ? number4(address) : number6(address)) >> shift, shift, class_ }
}

const mapped = compile(128, ["::ffff:0:0/96", "reserved"])
const compiled4 = ranges4.map((range) => compile(32, range))
const compiled6 = ranges6.map((range) => compile(128, range))
const compiledCarriers = carriers.map((cidr) => compile(128, [cidr, "reserved"]))
