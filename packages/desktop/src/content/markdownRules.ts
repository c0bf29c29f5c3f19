/**
 * What of a markdown text is let through: the sanitizer's list.
 *
 * Law: tags that format text, without ids, styles, classes of others or event handlers; addresses are judged again where
 * they are drawn (`safeUrl`, `safeImage`), and everything else is its text.
 */
import { defaultRehypePlugins, defaultRemarkPlugins, type StreamdownProps } from "streamdown"

type Plugins = NonNullable<StreamdownProps["rehypePlugins"]>
type Rule = Plugins[number]

const allowed = {
  tagNames: [
    ..."p br hr h1 h2 h3 h4 h5 h6 strong em b i del s ins sup sub kbd code pre blockquote ul ol li".split(" "),
    ..."table thead tbody tr th td a img input details summary section".split(" ")
  ],
  attributes: {
    a: ["href"],
    img: ["src", "alt"],
    code: [["className", /^language-./, "math-inline", "math-display"]],
    ol: ["start"],
    th: ["align"],
    td: ["align"],
    input: [["type", "checkbox"], ["disabled", true], "checked"],
    details: ["open"]
  },
  ancestors: { tbody: ["table"], thead: ["table"], tr: ["table"], td: ["table"], th: ["table"], summary: ["details"] },
  required: { input: { type: "checkbox", disabled: true } },
  protocols: { href: ["http", "https", "mailto"], src: ["http", "https", "data"] },
  strip: ["script", "style", "template", "noscript", "iframe", "object", "embed"],
  clobber: [],
  clobberPrefix: ""
}

/** A library that has lost a part must not be a text that is not sanitized. */
const part = (name: string): Rule => {
  const found = defaultRehypePlugins[name]
  if (found === undefined) throw new Error(`streamdown has no "${name}"`)
  return found
}

const sanitize = part("sanitize")
if (!Array.isArray(sanitize)) throw new Error('streamdown\'s "sanitize" takes no list')

const clean: Rule = [sanitize[0], allowed]

const code = /^ *(`{3,}|~{3,})[\s\S]*?(?:^ *\1|(?![\s\S]))|`[^`\n]*`/gm

/** HTML in a text is parsed as a browser would, which builds all of its tree anew: only where there may be some. */
export const hasHtml = (text: string): boolean => text.includes("<") && /<[a-z/!?]/i.test(text.replace(code, ""))

export const htmlRules: Plugins = [part("raw"), clean]
export const textRules: Plugins = [clean]

export const markdownRules = Object.values(defaultRemarkPlugins)
