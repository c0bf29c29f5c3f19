/**
 * Addresses of scripts, where the browser takes none as a plain string.
 *
 * Law: only what the desktop's own origin serves from its root or from its assets.
 */

interface ScriptPolicy {
  /** A TrustedScriptURL: what a worker and a service worker may be made from. It goes where a string goes. */
  readonly createScriptURL: (input: string) => string
}

interface ScriptPolicies {
  readonly createPolicy: (name: string, rules: ScriptPolicy) => ScriptPolicy
}

declare global {
  interface Window {
    /** Absent where the browser knows no trusted types. */
    readonly trustedTypes?: ScriptPolicies
  }
}

const rules: ScriptPolicy = {
  createScriptURL: (input) => {
    const { origin, pathname } = new URL(input, location.href)
    if (origin !== location.origin || !(pathname === "/sw.js" || pathname.startsWith("/assets/"))) {
      throw new TypeError(`No script of the desktop: ${input}`)
    }
    return input
  }
}

const policy = window.trustedTypes?.createPolicy("choiros", rules) ?? rules

export const scriptUrl = (path: string): string => policy.createScriptURL(path)
