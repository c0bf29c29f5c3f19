/** A PDF, page under page; only the pages in sight are drawn, and their text can be selected. */
import { useVirtualizer } from "@tanstack/react-virtual"
import { Maximize, Minus, Plus } from "lucide-react"
import { PasswordResponses, type PDFDocumentProxy } from "pdfjs-dist"
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react"
import { inWords } from "../../client/api.ts"
import { plainName } from "../../content/plainText.ts"
import { scrollable } from "../../content/scrollable.ts"
import { Button } from "../../ui/Button.tsx"
import { ErrorState } from "../../ui/ErrorState.tsx"
import { IconButton } from "../../ui/IconButton.tsx"
import { Loading } from "../../ui/Loading.tsx"
import { TextField } from "../../ui/TextField.tsx"
import { download, type Part } from "../files/filesApi.ts"
import { useWidth } from "../files/useWidth.ts"
import { PartOf } from "./PartOf.tsx"
import { type PageSize, PdfPage } from "./PdfPage.tsx"
import styles from "./PdfView.module.css"
import { openPdf } from "./pdf.ts"
import type { ViewProps } from "./view.ts"

/** Bytes. */
const largest = 100 * 1024 * 1024
const icon = { size: 16, strokeWidth: 1.75, "aria-hidden": true } as const
const steps = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4]
const gap = 12

type Opened =
  | { readonly status: "loading" }
  | { readonly status: "locked"; readonly wrong: boolean; readonly answer: (password: string) => void }
  | { readonly status: "failed"; readonly error: string }
  | { readonly status: "open"; readonly document: PDFDocumentProxy; readonly first: PageSize }

export const PdfView = ({ entry }: ViewProps) => (
  <PartOf entry={entry} limit={largest} whole>
    {(part) => <Pdf part={part} name={plainName(entry.name)} path={entry.path} />}
  </PartOf>
)

interface PdfProps {
  readonly part: Part
  readonly name: string
  readonly path: string
}

const Pdf = ({ name, part, path }: PdfProps) => {
  const [opened, setOpened] = useState<Opened>({ status: "loading" })
  useEffect(() => {
    let left = false
    // The worker takes the bytes away with it: a copy, for the case that they are needed again.
    const { close, task } = openPdf(part.bytes.slice())
    task.onPassword = (answer: (password: string) => void, reason: number) => {
      if (!left) setOpened({ status: "locked", wrong: reason === PasswordResponses.INCORRECT_PASSWORD, answer })
    }
    const open = async () => {
      const document = await task.promise
      const { height, width } = (await document.getPage(1)).getViewport({ scale: 1 })
      if (!left) setOpened({ status: "open", document, first: { width, height } })
    }
    open().catch((error: unknown) => {
      if (!left) setOpened({ status: "failed", error: inWords(error) })
    })
    return () => {
      left = true
      close()
    }
  }, [part])

  if (opened.status === "loading") return <Loading label={name} lines={8} />
  if (opened.status === "locked")
    return <Password key={String(opened.wrong)} wrong={opened.wrong} onAnswer={opened.answer} />
  if (opened.status === "failed") {
    return (
      <ErrorState title={`${name} can't be shown`} cause={opened.error}>
        <Button onClick={() => download(path)}>Download</Button>
      </ErrorState>
    )
  }
  return <Pages document={opened.document} first={opened.first} name={name} />
}

interface PasswordProps {
  readonly wrong: boolean
  readonly onAnswer: (password: string) => void
}

const Password = ({ onAnswer, wrong }: PasswordProps) => {
  const [password, setPassword] = useState("")
  return (
    <form
      className={styles.password}
      onSubmit={(event) => {
        event.preventDefault()
        onAnswer(password)
      }}
    >
      <TextField
        label="This document has a password"
        type="password"
        autoComplete="off"
        value={password}
        error={wrong ? "This is not its password" : undefined}
        onChange={(event) => setPassword(event.target.value)}
      />
      <Button type="submit" variant="primary" disabled={password === ""}>
        Open it
      </Button>
    </form>
  )
}

interface PagesProps {
  readonly document: PDFDocumentProxy
  readonly first: PageSize
  readonly name: string
}

const Pages = ({ document, first, name }: PagesProps) => {
  const scroll = useRef<HTMLDivElement>(null)
  const width = useWidth(scroll)
  /** Null: as wide as the window. */
  const [zoom, setZoom] = useState<number | null>(null)
  const [sizes, setSizes] = useState<ReadonlyMap<number, PageSize>>(new Map())
  const [wanted, setWanted] = useState<string | null>(null)
  const widest = useMemo(() => Math.max(first.width, ...[...sizes.values()].map((size) => size.width)), [first, sizes])
  const scale = zoom ?? Math.max(0.1, Math.min(3, (width - 2 * gap) / widest))
  const sizeOf = (page: number): PageSize => sizes.get(page) ?? first
  const pages = useVirtualizer({
    count: document.numPages,
    getScrollElement: () => scroll.current,
    estimateSize: (index) => Math.round(sizeOf(index + 1).height * scale) + gap,
    overscan: 1,
    paddingStart: gap
  })
  // Sizes are other ones: what was measured by them is measured again, and the page that is read stays.
  const at = useRef(0)
  const layout = `${scale} ${sizes.size}`
  const drawn = useRef(layout)
  useEffect(() => {
    if (drawn.current === layout) return
    drawn.current = layout
    const { current } = at
    pages.measure()
    requestAnimationFrame(() => pages.scrollToIndex(current, { align: "start" }))
  }, [layout, pages])
  const shown = pages.getVirtualItems()
  const offset = (pages.scrollOffset ?? 0) + 40
  const place = shown.find((item) => item.end > offset)?.index ?? 0
  at.current = place

  const step = (by: 1 | -1) => {
    const next = by > 0 ? steps.find((one) => one > scale * 1.001) : steps.findLast((one) => one < scale * 0.999)
    if (next !== undefined) setZoom(next)
  }
  const go = (page: number) =>
    pages.scrollToIndex(Math.max(0, Math.min(document.numPages - 1, page - 1)), { align: "start" })
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === "+" || key === "=") step(1)
    else if (key === "-") step(-1)
    else if (key === "0") setZoom(null)
  }

  return (
    <div className={styles.view}>
      <header className={styles.bar}>
        <label className={styles.page}>
          Page
          <input
            className={styles.input}
            inputMode="numeric"
            value={wanted ?? String(place + 1)}
            onChange={(event) => setWanted(event.target.value)}
            onBlur={() => setWanted(null)}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return
              const page = Number.parseInt(wanted ?? "", 10)
              if (Number.isFinite(page)) go(page)
              setWanted(null)
            }}
          />
          of {document.numPages}
        </label>
        <IconButton size="s" label="Smaller" keys="-" icon={<Minus {...icon} />} onClick={() => step(-1)} />
        <span className={styles.zoom}>{`${Math.round(scale * 100)} %`}</span>
        <IconButton size="s" label="Larger" keys="+" icon={<Plus {...icon} />} onClick={() => step(1)} />
        <IconButton
          size="s"
          label="As wide as the window"
          keys="0"
          pressed={zoom === null}
          icon={<Maximize {...icon} />}
          onClick={() => setZoom(null)}
        />
      </header>
      <div
        ref={scroll}
        className={styles.scroll}
        {...scrollable}
        role="document"
        aria-label={name}
        onKeyDown={onKeyDown}
      >
        <div className={styles.sheet} style={{ height: pages.getTotalSize(), minWidth: widest * scale + 2 * gap }}>
          {width > 0 &&
            shown.map(({ index, start }) => (
              <PdfPage
                key={index}
                document={document}
                number={index + 1}
                size={sizeOf(index + 1)}
                scale={scale}
                top={start}
                onSize={(size) =>
                  setSizes((before) => {
                    const known = before.get(index + 1) ?? first
                    return known.width === size.width && known.height === size.height
                      ? before
                      : new Map(before).set(index + 1, size)
                  })
                }
              />
            ))}
        </div>
      </div>
    </div>
  )
}
