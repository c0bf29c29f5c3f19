/** How each element of a markdown text is drawn. */
import { type ComponentProps, isValidElement, type JSX, type ReactNode, useContext } from "react"
import { type ExtraProps, type StreamdownProps, useIsCodeFenceIncomplete } from "streamdown"
import { CodeBlock } from "./CodeBlock.tsx"
import { FileLink } from "./FileLink.tsx"
import styles from "./Markdown.module.css"
import { ImageFileContext } from "./OpenFile.ts"
import { plainName } from "./plainText.ts"
import { SafeLink } from "./SafeLink.tsx"
import { fileMention, safeImage, safeUrl } from "./safeUrl.ts"
import { scrollable } from "./scrollable.ts"

type PartProps<Name extends keyof JSX.IntrinsicElements> = ComponentProps<Name> & ExtraProps

/** The words of what is drawn, as they are read. */
const wordsOf = (node: ReactNode): string => {
  if (typeof node === "string" || typeof node === "number") return String(node)
  if (Array.isArray(node)) return node.map(wordsOf).join("")
  return isValidElement<{ readonly children?: ReactNode }>(node) ? wordsOf(node.props.children) : ""
}

const Anchor = ({ children, href }: PartProps<"a">) => {
  const url = safeUrl(href)
  if (url !== null) {
    return (
      <SafeLink href={url} words={wordsOf(children)}>
        {children}
      </SafeLink>
    )
  }
  const file = href === undefined ? null : fileMention(unescaped(href))
  return file === null ? <span>{children}</span> : <FileLink file={file}>{children}</FileLink>
}

const unescaped = (href: string): string => {
  try {
    return decodeURI(href)
  } catch {
    return href
  }
}

/** No address: neither a scheme nor a host. */
const isPath = (src: string): boolean => !/^(?:[a-z][a-z0-9+.-]*:|[/\\]{2})/i.test(src.trim())

/** An image from elsewhere would tell its host who reads this: it is a link. */
const Image = ({ alt, src }: PartProps<"img">) => {
  const words = plainName(alt ?? "").replace("(no name)", "image")
  const ImageFile = useContext(ImageFileContext)
  if (ImageFile !== undefined && src !== undefined && isPath(src)) return <ImageFile src={unescaped(src)} alt={words} />
  const own = safeImage(src)
  if (own !== null) return <img className={styles.image} src={own} alt={words} loading="lazy" decoding="async" />
  const url = safeUrl(src)
  if (url !== null && !url.startsWith("mailto:")) {
    return (
      <SafeLink href={url} words={words} host>
        Image: {words}
      </SafeLink>
    )
  }
  const file = src === undefined ? null : fileMention(unescaped(src))
  return file === null ? <span>Image: {words}</span> : <FileLink file={file}>Image: {words}</FileLink>
}

const InlineCode = ({ children }: PartProps<"code">) => {
  const file = fileMention(wordsOf(children))
  const code = <code className={styles.code}>{children}</code>
  return file === null ? code : <FileLink file={file}>{code}</FileLink>
}

const Pre = ({ children }: PartProps<"pre">) => {
  const growing = useIsCodeFenceIncomplete()
  const inner = isValidElement<ComponentProps<"code">>(children) ? children.props : undefined
  const language = /(?:^|\s)language-(\S+)/.exec(inner?.className ?? "")?.[1]
  const code = wordsOf(inner?.children ?? children).replace(/\n$/, "")
  return <CodeBlock code={code} language={language} growing={growing} />
}

const Table = ({ children }: PartProps<"table">) => (
  <div className={styles.table} {...scrollable}>
    <table>{children}</table>
  </div>
)

const Box = ({ checked }: PartProps<"input">) => (
  <input
    type="checkbox"
    className={styles.box}
    checked={checked ?? false}
    readOnly
    disabled
    aria-label={checked ? "Done" : "To do"}
  />
)

const Item = ({ children, node }: PartProps<"li">) => (
  <li className={node !== undefined && beginsWithBox(node) ? styles.task : undefined}>{children}</li>
)

const beginsWithBox = ({ children }: NonNullable<ExtraProps["node"]>): boolean =>
  children.some(
    (child) =>
      child.type === "element" && (child.tagName === "input" || (child.tagName === "p" && beginsWithBox(child)))
  )

/** Footnotes stand at the end of their message; without ids there is nothing to jump to. */
const Section = ({ children }: PartProps<"section">) => <div className={styles.notes}>{children}</div>

/** A message is under a heading of its window already: its own begin two levels below. */
export const markdownParts: NonNullable<StreamdownProps["components"]> = {
  a: Anchor,
  img: Image,
  code: InlineCode,
  pre: Pre,
  table: Table,
  input: Box,
  section: Section,
  h1: ({ children }) => <h3 className={styles.h1}>{children}</h3>,
  h2: ({ children }) => <h4 className={styles.h2}>{children}</h4>,
  h3: ({ children }) => <h5 className={styles.h3}>{children}</h5>,
  h4: ({ children }) => <h6 className={styles.h3}>{children}</h6>,
  h5: ({ children }) => <h6 className={styles.h3}>{children}</h6>,
  h6: ({ children }) => <h6 className={styles.h3}>{children}</h6>,
  p: "p",
  ul: "ul",
  ol: "ol",
  li: Item,
  hr: "hr",
  strong: "strong",
  sup: "sup",
  sub: "sub",
  blockquote: "blockquote",
  thead: "thead",
  tbody: "tbody",
  tr: "tr",
  th: "th",
  td: "td"
}
