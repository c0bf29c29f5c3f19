import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { compilePolicy, type EgressPolicy, parseTarget, refuseAddress, refuseTarget } from "./policy.ts"

const nobody: ReadonlySet<string> = new Set()

const compiled = (policy: EgressPolicy) => Result.getOrThrow(compilePolicy(policy))

const byName = (policy: EgressPolicy, authority: string) => {
  const target = parseTarget(authority, null)
  return "message" in target ? target.reason : (refuseTarget(compiled(policy), target)?.reason ?? "allowed")
}

const byAddress = (allow: ReadonlyArray<string>, authority: string, address: string, own = nobody) => {
  const target = parseTarget(authority, null)
  if ("message" in target) return target.reason
  return refuseAddress(compiled({ mode: "open", allow }), target, address, own)?.reason ?? "allowed"
}

describe("what is asked for", () => {
  const open: EgressPolicy = { mode: "open", allow: [] }

  it("names go through, in any case, with a last dot", () => {
    for (const name of [
      "example.com:443",
      "EXAMPLE.com:80",
      "example.com.:443",
      "a_b.example:1",
      "xn--bcher-kva.example:443"
    ]) {
      expect(byName(open, name)).toBe("allowed")
    }
  })

  it("an address is refused in every spelling", () => {
    const spellings = [
      ...[
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0x7f.0x0.0x0.0x1",
        "0177.0.0.1",
        "017700000001"
      ],
      ...[
        "127.0.0.1.",
        "127.1.",
        "0",
        "00",
        "0.",
        "0x",
        "0X7F.0.0.1",
        "1.1.1.1",
        "169.254.169.254",
        "example.0x7f",
        "example.1"
      ],
      ...[
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:0:0:1]",
        "[fe80::1%25eth0]",
        "[fe80::1%eth0]",
        "[127.0.0.1]"
      ]
    ]
    expect(spellings.filter((host) => byName(open, `${host}:80`) !== "literal_address")).toEqual([])
  })

  it("what is no host and port is malformed", () => {
    const broken = [
      ...[
        "",
        ":",
        ":443",
        "example.com",
        "example.com:",
        "example.com:0",
        "example.com:65536",
        "example.com:443x",
        "example.com:+443"
      ],
      ...[
        "user@example.com:443",
        "user:pass@example.com:443",
        "example.com@127.0.0.1:80",
        "exa mple.com:443",
        "example..com:443"
      ],
      ...[
        ".example.com:443",
        "example.com..:443",
        "-a.example:443",
        "a-.example:443",
        "bücher.example:443",
        "127.0.0.1%2f:80"
      ],
      ...[
        "example.com/:443",
        "example.com#:443",
        "example.com?:443",
        "example.com\\:443",
        "::1:80",
        "１２７.0.0.1:80",
        "a\u0000.b:80"
      ],
      ...[
        `${"a".repeat(64)}.example:443`,
        `${"a.".repeat(127)}example:443`,
        "*:443",
        "*.example.com:443",
        "exam%70le.com:443"
      ]
    ]
    expect(broken.filter((authority) => byName(open, authority) !== "malformed")).toEqual([])
  })

  it("an allow-list takes names, what is under a domain, and ports", () => {
    const policy: EgressPolicy = {
      mode: "allowlist",
      allow: ["example.com", "*.packages.example", "Git.Example.ORG.:22", "*.io:443"]
    }
    const allowed = [
      "example.com:1",
      "EXAMPLE.COM.:443",
      "registry.packages.example:443",
      "a.b.packages.example:80",
      "git.example.org:22",
      "crates.io:443"
    ]
    const refused = [
      ...[
        "www.example.com:443",
        "packages.example:443",
        "evilpackages.example:443",
        "registry.packages.example.evil.com:443",
        "git.example.org:443"
      ],
      ...["crates.io:80", "io:443", "example.com.evil.com:443", "xexample.com:443", "localhost:443"]
    ]
    expect(allowed.filter((authority) => byName(policy, authority) !== "allowed")).toEqual([])
    expect(refused.filter((authority) => byName(policy, authority) !== "not_allowed")).toEqual([])
    expect(byName({ mode: "allowlist", allow: [] }, "example.com:443")).toBe("not_allowed")
    expect(byName({ mode: "allowlist", allow: ["*:443"] }, "example.com:443")).toBe("allowed")
    expect(byName({ mode: "allowlist", allow: ["*:443"] }, "example.com:80")).toBe("not_allowed")
    expect(byName({ mode: "allowlist", allow: ["*"] }, "127.0.0.1:80")).toBe("literal_address")
  })

  it("an address goes through only when exactly it is allowed, on that port", () => {
    const policy: EgressPolicy = { mode: "open", allow: ["10.0.0.5:8080", "[fd00::5]:80"] }
    expect(byName(policy, "10.0.0.5:8080")).toBe("allowed")
    expect(byName(policy, "[fd00:0::5]:80")).toBe("allowed")
    expect(byName(policy, "10.0.0.5:80")).toBe("literal_address")
    expect(byName(policy, "10.0.0.6:8080")).toBe("literal_address")
    expect(byName(policy, "167772165:8080")).toBe("literal_address")
    expect(byName({ mode: "none", allow: ["10.0.0.5:8080"] }, "10.0.0.5:8080")).toBe("no_network")
  })

  it("without a network nothing goes", () => {
    expect(byName({ mode: "none", allow: ["example.com"] }, "example.com:443")).toBe("no_network")
  })
})

describe("what it resolves to", () => {
  it("public goes, the rest doesn't", () => {
    expect(byAddress([], "example.com:443", "93.184.215.14")).toBe("allowed")
    for (const address of [
      "127.0.0.1",
      "10.0.0.1",
      "169.254.169.254",
      "100.64.0.1",
      "::1",
      "fd00::1",
      "fe80::1",
      "0.0.0.0",
      "::ffff:10.0.0.1",
      "224.0.0.1",
      "203.0.113.1",
      "nonsense"
    ]) {
      expect(byAddress([], "example.com:443", address)).toBe("address_refused")
    }
  })

  it("this machine's public addresses are this machine", () => {
    const own = new Set(["93.184.215.14"])
    expect(byAddress([], "example.com:443", "93.184.215.14", own)).toBe("address_refused")
    expect(byAddress([], "example.com:443", "::ffff:93.184.215.14", own)).toBe("address_refused")
    expect(byAddress(["example.com:443"], "example.com:443", "93.184.215.14", own)).toBe("address_refused")
    expect(byAddress(["93.184.215.14:443"], "example.com:443", "93.184.215.14", own)).toBe("allowed")
  })

  it("a name with a port lifts private ranges, for that name and port", () => {
    const allow = ["git.corp.example:443"]
    for (const address of ["10.0.0.1", "fd00::1", "100.64.0.1", "203.0.113.80"]) {
      expect(byAddress(allow, "git.corp.example:443", address)).toBe("allowed")
      expect(byAddress(allow, "git.corp.example:80", address)).toBe("address_refused")
      expect(byAddress(allow, "evil.example:443", address)).toBe("address_refused")
    }
    for (const address of [
      "127.0.0.1",
      "::1",
      "169.254.169.254",
      "169.254.1.1",
      "fe80::1",
      "0.0.0.0",
      "::",
      "224.0.0.1",
      "fe80::1%eth0"
    ]) {
      expect(byAddress(allow, "git.corp.example:443", address)).toBe("address_refused")
    }
  })

  it("a name without a port, and a pattern, lift nothing", () => {
    for (const allow of ["git.corp.example", "*.corp.example", "*.corp.example:443", "*:443", "*"]) {
      expect(byAddress([allow], "git.corp.example:443", "10.0.0.1")).toBe("address_refused")
    }
  })

  it("localhost with a port is this machine's port, and no other name is", () => {
    expect(byAddress(["localhost:3000"], "localhost:3000", "127.0.0.1")).toBe("allowed")
    expect(byAddress(["app.localhost:3000"], "app.localhost:3000", "::1")).toBe("allowed")
    expect(byAddress(["localhost:3000"], "localhost:3001", "127.0.0.1")).toBe("address_refused")
    expect(byAddress(["localhost:3000"], "evil.example:3000", "127.0.0.1")).toBe("address_refused")
    expect(byAddress(["localhost"], "localhost:3000", "127.0.0.1")).toBe("address_refused")
    expect(byAddress(["localhost:3000"], "localhost:3000", "169.254.169.254")).toBe("address_refused")
  })

  it("an address entry lifts that address, and never one that is no destination", () => {
    expect(byAddress(["127.0.0.1:3000"], "dev.example:3000", "127.0.0.1")).toBe("allowed")
    expect(byAddress(["127.0.0.1:3000"], "dev.example:3000", "127.0.0.2")).toBe("address_refused")
    expect(byAddress(["169.254.169.254:80"], "metadata.example:80", "169.254.169.254")).toBe("allowed")
    expect(byAddress(["0.0.0.0:80"], "dev.example:80", "0.0.0.0")).toBe("address_refused")
    expect(byAddress(["224.0.0.1:80"], "dev.example:80", "224.0.0.1")).toBe("address_refused")
  })
})

it("a refusal says what is wrong with the address, and one entry lifts it where any may", () => {
  const cases = [
    ["git.corp.example:443", "10.0.0.1", "an address of a private network", "git.corp.example:443"],
    ["localhost:3000", "127.0.0.1", "an address of this machine", "localhost:3000"],
    ["dev.example:3000", "::1", "an address of this machine", "[::1]:3000"],
    ["meta.example:80", "169.254.169.254", "the address of a machine's metadata service", "169.254.169.254:80"]
  ] as const
  for (const [authority, address, said, entry] of cases) {
    const target = parseTarget(authority, null)
    if ("message" in target) throw new Error(target.message)
    expect(refuseAddress(compiled({ mode: "open", allow: [] }), target, address, nobody)?.message).toContain(said)
    expect(refuseAddress(compiled({ mode: "open", allow: [entry] }), target, address, nobody)).toBe(null)
  }
})

it("a policy that says nothing sensible is refused, with its entry", () => {
  for (const entry of [
    "",
    "exa mple.com",
    "https://example.com",
    "a*.example.com",
    "**.example.com",
    "example.com:0",
    "example.com:http",
    "10.0.0.0/8",
    "10.0.0.5",
    "[::1]",
    "127.1:80",
    "*.1.2",
    "::1"
  ]) {
    const result = compilePolicy({ mode: "allowlist", allow: ["fine.example", entry] })
    expect(Result.isFailure(result) && result.failure.entry).toBe(entry)
  }
})
