/**
 * What a link of others may lead to.
 *
 * Law: http, https and mailto alone; everything else is text. Where it leads is told by the URL and not by the words.
 */
import { plainName } from "./plainText.ts"

/** The address as a browser would go to it, or null where it must not. */
export const safeUrl = (href: string | undefined): string | null => {
  if (href === undefined) return null
  const url = parsed(href)
  if (url === null) return null
  if (url.protocol === "mailto:") return url.href
  return (url.protocol === "http:" || url.protocol === "https:") && url.hostname !== "" ? url.href : null
}

/** Whom the link leads to: `example.org`, `example.org:8080`, or the address of a mail. */
export const hostOf = (href: string): string => {
  const url = parsed(href)
  if (url === null) return ""
  return plainName(url.protocol === "mailto:" ? url.pathname : url.host)
}

const looksLikeHost = /(?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]{2,}/giu

/** Whether the words of a link read like an address that is not where it leads. */
export const pretends = (words: string, href: string): boolean => {
  const real = bare(hostOf(href))
  if (href.startsWith("mailto:")) return words.includes("@") && !words.toLowerCase().includes(real)
  const said = words.trim()
  const whole = parsed(said) ?? parsed(`https://${said}`)
  if (whole !== null && !/\s/.test(said) && bare(whole.host) === real) return !isPlain(said)
  return (words.match(looksLikeHost) ?? []).some((host) => bare(host) !== real)
}

/** An address before an `@` reads like the host of another; letters of other scripts read like those of a known one. */
const isPlain = (words: string): boolean => /^[\x21-\x7E]*$/.test(words) && !words.includes("@")

/** An image that is in the text itself, or that this server gives; any other would tell a stranger who reads. */
export const safeImage = (src: string | undefined): string | null => {
  if (src === undefined) return null
  if (/^data:image\/(?:png|jpe?g|gif|webp|avif);base64,[\w+/=]+$/i.test(src)) return src
  return /^\/[^/\\]/.test(src) && !/[\p{Cc}\\]/u.test(src) ? src : null
}

export interface FileMention {
  readonly path: string
  readonly line?: number
}

const mention =
  /^(?:\.\/)?((?:[\w@.+-]+\/)*[\w@+.-]*\w\.[a-z][a-z0-9]{0,9})(?::(\d{1,7})(?::\d{1,6})?|#L(\d{1,7})(?:-L?\d+)?)?$/i
const folders = /\//
/** Endings of files that people talk about without a folder; `e.g` and `3.5x` are none. */
const known =
  /\.(?:[cm]?[jt]sx?|json5?|jsonl|md|mdx|css|scss|html?|svg|png|jpe?g|gif|webp|pdf|csv|tsv|txt|log|ya?ml|toml|ini|env|lock|sh|bash|zsh|py|rb|rs|go|java|kt|swift|c|h|cc|cpp|hpp|cs|php|sql|xml|vue|svelte|lua|zig|ex|exs|hs|ml|diff|patch)$/i

/** `src/a.ts:12`, `./a.ts`, `a.ts#L12`: a file of the workspace, and no address. */
export const fileMention = (text: string): FileMention | null => {
  const found = mention.exec(text)
  const path = found?.[1]
  if (path === undefined || path.split("/").includes("..") || text.length > 400) return null
  if (!known.test(path) && !folders.test(path)) return null
  const line = found?.[2] ?? found?.[3]
  return line === undefined ? { path } : { path, line: Number(line) }
}

const parsed = (href: string): URL | null => {
  try {
    return new URL(href)
  } catch {
    return null
  }
}

const bare = (host: string): string => host.toLowerCase().replace(/^www\./, "")
