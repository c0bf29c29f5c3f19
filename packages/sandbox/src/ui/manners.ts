/**
 * What a page is told before it runs: to focus something of itself takes the keyboard only where the page has it.
 *
 * A frame may otherwise take the keyboard from the desktop that it is in, and pages do so as they load. This is for those that
 * mean no harm; what gets it by another way, the desktop stops.
 */

const script = `<script>(() => {
  for (const [owner, name] of [
    [window, "focus"],
    [HTMLElement.prototype, "focus"],
    [SVGElement.prototype, "focus"],
    [HTMLInputElement.prototype, "select"],
    [HTMLTextAreaElement.prototype, "select"]
  ]) {
    const own = owner[name]
    owner[name] = function (...args) {
      if (document.hasFocus()) return own.apply(this, args)
    }
  }
  document.currentScript.remove()
})()</script>`

/** The page with the script before all that it does. Its doctype stays first, or it would be drawn in another mode. */
export const withManners = (page: Uint8Array): Uint8Array => {
  // In UTF-16, by its byte order mark: no words of ours fit in there.
  if ((page[0] === 0xff && page[1] === 0xfe) || (page[0] === 0xfe && page[1] === 0xff)) return page
  const at = afterDoctype(
    Buffer.from(page.buffer, page.byteOffset, Math.min(page.byteLength, 65_536)).toString("latin1")
  )
  return Buffer.concat([page.subarray(0, at), Buffer.from(script), page.subarray(at)])
}

const byteOrderMark = "\u00ef\u00bb\u00bf"

/** Where a page's doctype ends; where it has none, its beginning. */
const afterDoctype = (head: string): number => {
  const begin = head.startsWith(byteOrderMark) ? byteOrderMark.length : 0
  let at = begin
  for (;;) {
    while (/\s/.test(head.charAt(at))) at += 1
    const [opens, closes] = head.startsWith("<!--", at) ? ["<!--", "-->"] : ["<", ">"]
    const end = head.indexOf(closes, at + opens.length)
    if (end === -1) return begin
    if (/^<!doctype/i.test(head.slice(at, at + 9))) return end + 1
    if (opens !== "<!--" && !head.startsWith("<?", at)) return begin
    at = end + closes.length
  }
}
